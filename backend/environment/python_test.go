package environment

import "testing"

func TestPython(t *testing.T) {
	for _, e := range []example{{
		name: "uv with requires-python",
		files: memory{"pyproject.toml": "[project]\nname = \"click\"\nrequires-python = \">=3.10\"\n\n[dependency-groups]\ndev = [\"tox\"]\n",
			"uv.lock": "version = 1\n"},
		tools: "python 3.14.0, uv 0.9.10", parts: []string{" | python | uv sync --frozen | uv run pytest"},
		reasons: []string{`pyproject.toml:3 python ">=3.10" minimum`, `uv.lock:0 uv "" any`},
	}, {
		name:  "bounds of PEP 440",
		files: memory{"pyproject.toml": "[project]\nname = \"a\"\nrequires-python = \">=3.9, !=3.12.*, <3.13\"\n"},
		tools: "python 3.11.14", parts: []string{" | python | python3 -m venv .venv && .venv/bin/pip install -e . pytest | .venv/bin/pytest"},
	}, {
		name:  "compatible release",
		files: memory{"setup.py": "from setuptools import setup\nsetup(\n    name='a',\n    python_requires='~=3.9.1',\n    ext_modules=[x],\n)\n"},
		tools: "gcc 12.2, python 3.9.25", reasons: []string{`setup.py:4 python "~=3.9.1" minimum`, `setup.py:5 gcc "" any`},
	}, {
		name:  "poetry",
		files: memory{"pyproject.toml": "[tool.poetry]\nname = \"a\"\n\n[tool.poetry.dependencies]\npython = \"^3.11\"\n", "poetry.lock": ""},
		tools: "poetry 2.2.1, python 3.14.0", parts: []string{" | python | poetry install | poetry run pytest"},
		reasons: []string{`poetry.lock:0 poetry "" any`, `pyproject.toml:5 python "^3.11" minimum`},
	}, {
		name:  ".python-version is a pin of a line",
		files: memory{".python-version": "3.12\n", "requirements.txt": "flask\n", "requirements-dev.txt": "pytest\n"},
		tools: "python 3.12.12",
		parts: []string{" | python | python3 -m venv .venv && .venv/bin/pip install -r requirements.txt -r requirements-dev.txt | .venv/bin/pytest"},
	}, {
		name:  "exact pin that is not available",
		files: memory{".python-version": "3.12.4\n", "requirements.txt": "flask\n"},
		tools: "", unknown: []string{`.python-version:1 python "3.12.4" pin`},
	}, {
		name:  "other implementations are unknown",
		files: memory{".python-version": "pypy3.10-7.3\n3.13\n"},
		tools: "python 3.13.9", unknown: []string{`.python-version:1 python "pypy3.10-7.3" pin`},
	}, {
		name: "extra for tests",
		files: memory{"pyproject.toml": "[project]\nname = \"a\"\n[project.optional-dependencies]\ntest = [\"pytest\"]\n[build-system]\nrequires = []\n",
			"docs/requirements.txt": "sphinx\n"},
		tools: "python 3.14.0",
		parts: []string{" | python | python3 -m venv .venv && .venv/bin/pip install -e '.[test]' | .venv/bin/pytest"},
	}, {
		name:  "dependency groups without a lock file",
		files: memory{"pyproject.toml": "[project]\nname = \"a\"\n[dependency-groups]\ntest = [\"pytest\"]\n"},
		tools: "python 3.14.0, uv 0.9.10", parts: []string{" | python | uv sync | uv run pytest"},
	}, {
		name:  "Pipfile",
		files: memory{"Pipfile": "[packages]\nflask = \"*\"\n[requires]\npython_version = \"3.11\"\n", "Pipfile.lock": "{}"},
		tools: "python 3.11.14", reasons: []string{`Pipfile:4 python "3.11" pin`},
	}, {
		name:  "settings of formatters are no project",
		files: memory{"pyproject.toml": "[tool.black]\nline-length = 100\n", "setup.cfg": "[flake8]\nmax-line-length = 100\n"},
		tools: "", parts: []string{},
	}, {
		name: "members of a uv workspace",
		files: memory{"pyproject.toml": "[project]\nname = \"a\"\nrequires-python = \"<3.13\"\n[tool.uv.workspace]\nmembers = [\"pkg/*\"]\n",
			"uv.lock": "", "pkg/b/pyproject.toml": "[project]\nname = \"b\"\nrequires-python = \">=3.11\"\n"},
		tools: "python 3.12.12, uv 0.9.10", parts: []string{" | python | uv sync --frozen | uv run pytest"},
	}, {
		name: "minimums that nothing fits together",
		files: memory{"a/pyproject.toml": "[project]\nrequires-python = \"<3.11\"\n", "b/pyproject.toml": "[project]\nrequires-python = \">=3.13\"\n",
			"c/pyproject.toml": "[project]\nrequires-python = \">=3.9,<3.14\"\n"},
		tools: "python 3.10.19, python 3.14.0",
	}} {
		e.run(t)
	}
}
