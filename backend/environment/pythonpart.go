package environment

import (
	"path"
	"strings"
)

const (
	venv = "python3 -m venv .venv && .venv/bin/pip install "
	// docsOnly are folders whose requirements.txt is not the project's.
	docsOnly = " docs doc "
)

// extras are the names of what tests need, the most telling first.
var extras = []string{"test", "tests", "testing", "dev"}

// testRequirements are names of a second requirements file.
var testRequirements = []string{"requirements-dev.txt", "requirements-test.txt", "requirements_dev.txt", "requirements_test.txt",
	"dev-requirements.txt", "test-requirements.txt", "requirements/dev.txt", "requirements/test.txt", "requirements/tests.txt"}

func (d *detector) pythonParts() {
	done := map[string]bool{}
	for _, f := range d.tree.named("pyproject.toml", "setup.py", "setup.cfg", "Pipfile", "requirements.txt") {
		doc := d.tree.document(path.Join(f.dir, "pyproject.toml"))
		packaged := doc.has("project") || doc.has("build-system") || doc.has("tool", "poetry") || d.tree.has(f.dir, "setup.py") != ""
		switch f.base {
		case "pyproject.toml":
			if !packaged {
				continue
			}
		case "setup.cfg":
			if !packaged && !strings.Contains(string(d.tree.text(f.path)), "[options]") {
				continue
			}
		case "requirements.txt":
			if d.covered(f.dir, "python") || strings.Contains(docsOnly, " "+path.Base(f.dir)+" ") {
				continue
			}
		}
		lock := d.tree.has(f.dir, "uv.lock", "poetry.lock", "pdm.lock", "Pipfile.lock")
		if done[f.dir] || lock == "" && d.inUvWorkspace(f.dir) {
			continue
		}
		done[f.dir] = true
		d.ensure(f, "python")
		d.pythonPart(f, doc, lock)
	}
}

// inUvWorkspace says whether a folder above has the lock file for this one.
func (d *detector) inUvWorkspace(dir string) bool {
	for dir != "" {
		dir = folder(dir)
		if d.tree.has(dir, "uv.lock") != "" {
			return true
		}
	}
	return false
}

func (d *detector) pythonPart(f file, doc document, lock string) {
	asks := f
	if lock != "" {
		asks.path, asks.base = path.Join(f.dir, lock), lock
	}
	install, test := "", ".venv/bin/pytest"
	switch {
	case lock == "uv.lock":
		d.ensure(asks, "uv")
		install, test = "uv sync --frozen", "uv run pytest"
	case lock == "poetry.lock" || lock == "" && doc.has("tool", "poetry"):
		d.ensure(asks, "poetry")
		install, test = "poetry install", "poetry run pytest"
	case lock == "pdm.lock":
		install, test = venv+"pdm && .venv/bin/pdm sync", ".venv/bin/pdm run pytest"
	case lock == "Pipfile.lock" || d.tree.has(f.dir, "Pipfile") != "":
		install, test = venv+"pipenv && .venv/bin/pipenv install --dev", ".venv/bin/pipenv run pytest"
	case doc.has("project") && doc.has("dependency-groups"):
		d.ensure(asks, "uv")
		install, test = "uv sync", "uv run pytest"
	default:
		install = venv + d.pipArguments(f.dir, doc)
	}
	d.part(f.dir, "python", install, test)
}

// pipArguments install the project with what its tests need. Where no file names that, it is pytest alone.
func (d *detector) pipArguments(dir string, doc document) string {
	var words []string
	extra := ""
	for _, name := range extras {
		if extra == "" && doc.has("project", "optional-dependencies", name) {
			extra = name
		}
	}
	if d.tree.has(dir, "requirements.txt") != "" && !doc.has("project") {
		words = append(words, "-r requirements.txt")
	}
	second := d.tree.has(dir, testRequirements...)
	if second != "" && extra == "" {
		words = append(words, "-r "+second)
	}
	switch {
	case extra != "":
		words = append(words, "-e '.["+extra+"]'")
	case doc.has("project") || doc.has("build-system") || d.tree.has(dir, "setup.py") != "":
		words = append(words, "-e .")
	}
	if extra == "" && second == "" {
		words = append(words, "pytest")
	}
	return strings.Join(words, " ")
}
