package environment

import (
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

var pnpmLockVersion = regexp.MustCompile(`^lockfileVersion:\s*['"]?(\d+)`)

// nodeLocks are lock files of package managers, the most telling first.
var nodeLocks = []string{"pnpm-lock.yaml", "yarn.lock", "bun.lock", "bun.lockb", "package-lock.json", "npm-shrinkwrap.json"}

func (d *detector) nodeParts() {
	var tops []string // folders whose package manager looks after those below
	for _, f := range d.tree.named("package.json") {
		doc := d.tree.document(f.path)
		lock := d.tree.has(f.dir, nodeLocks...)
		inside := slices.ContainsFunc(tops, func(top string) bool { return within(f.dir, top) })
		empty := !doc.has("scripts") && !doc.has("dependencies") && !doc.has("devDependencies")
		if lock == "" && (inside || empty && f.dir != "") {
			continue
		}
		tops = append(tops, f.dir)
		d.nodePart(f, doc, lock)
	}
	for _, f := range d.tree.named("deno.json", "deno.jsonc") {
		d.ensure(f, "deno")
		if !slices.ContainsFunc(d.parts, func(p part) bool { return p.Kind == "deno" && within(f.dir, p.Dir) }) {
			test := "deno test"
			if d.tree.document(f.path).text("tasks", "test") != "" {
				test = "deno task test"
			}
			d.part(f.dir, "deno", "deno install", test)
		}
	}
}

func (d *detector) nodePart(f file, doc document, lock string) {
	if !d.asked("node", f.dir) {
		d.anyNode(at{f, 0})
	}
	kind := d.packageManager(f, doc, lock)
	install := map[string]string{"npm": "npm ci", "pnpm": "pnpm install --frozen-lockfile", "yarn": "yarn --frozen-lockfile",
		"bun": "bun install --frozen-lockfile"}[kind]
	switch {
	case kind == "yarn" && d.berry(f.dir):
		install = "yarn install --immutable"
	case lock == "" || managerOf(lock) != kind:
		install = kind + " install"
	}
	test := ""
	if script := doc.text("scripts", "test"); script != "" && !strings.Contains(script, "no test specified") {
		test = kind + " test"
		if kind == "bun" { // "bun test" is its own runner
			test = "bun run test"
		}
	}
	d.part(f.dir, kind, install, test)
}

// managerOf is the package manager of a lock file.
func managerOf(lock string) string {
	switch lock {
	case "pnpm-lock.yaml":
		return "pnpm"
	case "yarn.lock":
		return "yarn"
	case "bun.lock", "bun.lockb":
		return "bun"
	}
	return "npm"
}

// packageManager is the one that the project names, else that of its lock file, in a version that reads it.
func (d *detector) packageManager(f file, doc document, lock string) string {
	named, _, _ := strings.Cut(doc.text("packageManager"), "@")
	if named == "" {
		named = doc.text("devEngines", "packageManager", "name")
	}
	kind := managerOf(lock)
	if named == "npm" || named == "pnpm" || named == "yarn" || named == "bun" {
		kind = named
	}
	if kind == "npm" {
		return kind
	}
	if managerOf(lock) != kind || lock == "" {
		d.ensure(f, kind)
		return kind
	}
	place := f
	place.path = path.Join(f.dir, lock)
	switch {
	case lock == "pnpm-lock.yaml":
		d.pnpmLock(place)
	case lock == "yarn.lock" && d.yarnInside(f.dir):
		d.any(at{place, 0}, "yarn")
	case lock == "yarn.lock" && d.berry(f.dir):
		d.minimum(at{place, 0}, "yarn", ">=2", npmRange(">=2"))
	case lock == "yarn.lock":
		d.minimum(at{place, 0}, "yarn", "<2", npmRange("<2"))
	case lock == "bun.lock":
		d.minimum(at{place, 0}, "bun", ">=1.1.39", npmRange(">=1.1.39")) // the first that reads the text form
	default:
		d.any(at{place, 0}, "bun")
	}
	return kind
}

// pnpmLock asks for a pnpm that reads the lock file: version 5 is of pnpm 3 to 7, 6 of 8, 9 of 9 and later.
func (d *detector) pnpmLock(f file) {
	first, _, _ := strings.Cut(string(d.tree.text(f.path)), "\n")
	m := pnpmLockVersion.FindStringSubmatch(first)
	if m == nil {
		d.any(at{f, 0}, "pnpm")
		return
	}
	need := ">=9"
	if n, err := strconv.Atoi(m[1]); err == nil && n <= 5 {
		need = "<8"
	} else if n < 9 {
		need = "8.x"
	}
	d.minimum(at{f, 1}, "pnpm", need, npmRange(need))
}

// berry says whether a yarn.lock is of Yarn 2 or later.
func (d *detector) berry(dir string) bool {
	return strings.Contains(string(d.tree.text(path.Join(dir, "yarn.lock"))), "\n__metadata:")
}

// yarnInside says whether the repository brings its own Yarn, which any other starts.
func (d *detector) yarnInside(dir string) bool {
	return d.tree.has(dir, ".yarnrc.yml") != "" &&
		strings.Contains("\n"+string(d.tree.text(path.Join(dir, ".yarnrc.yml"))), "\nyarnPath:")
}
