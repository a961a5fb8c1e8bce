package projectconfig

import (
	"reflect"
	"strings"
	"testing"

	"background-agents/backend/session"
)

const whole = `environment:
  tools:
    go: 1.20
    python: [3.10, "3.12"]
    node: lts
  packages: [libpq-dev]
  variables:
    PORT: 8080
    DEBUG: yes
    ADDRESS: "a=b"
setup: npm ci
start:
  - redis-server --daemonize yes
  - |
    npm run migrate
    npm run seed
run: npm run dev
test: npm test
archive: make clean
`

func TestParseReadsEveryKey(t *testing.T) {
	f := Parse([]byte(whole))
	want := File{
		Tools:    []Tool{{"go", "1.20", 3}, {"python", "3.10", 4}, {"python", "3.12", 4}, {"node", "lts", 5}},
		Packages: []Package{{"libpq-dev", 6}},
		Configuration: session.Configuration{
			Variables: []string{"ADDRESS=a=b", "DEBUG=yes", "PORT=8080"},
			Setup:     []string{"npm ci"}, Start: []string{"redis-server --daemonize yes", "npm run migrate\nnpm run seed"},
			Run: []string{"npm run dev"}, Test: []string{"npm test"}, Archive: []string{"make clean"},
		},
		Lines: map[string]int{"environment": 1, "tools": 2, "packages": 6, "variables": 7, "setup": 11, "start": 12,
			"run": 17, "test": 18, "archive": 19},
	}
	if !reflect.DeepEqual(f, want) {
		t.Errorf("got  %+v\nwant %+v", f, want)
	}
	list := Parse([]byte("environment:\n  tools: [go=1.24.4, 'node = 24']\n"))
	if want := []Tool{{"go", "1.24.4", 2}, {"node", "24", 2}}; !reflect.DeepEqual(list.Tools, want) {
		t.Errorf("a list: %+v", list)
	}
	for _, empty := range []string{"", "# nothing\n", "---\n", "\ufeff", "{}"} {
		if f := Parse([]byte(empty)); len(f.Problems) > 0 || !f.Configuration.Empty() {
			t.Errorf("%q: %+v", empty, f)
		}
	}
}

func TestProblemsHaveLinesAndSentences(t *testing.T) {
	for name, c := range map[string]struct{ text, want string }{
		"unknown key": {"setup: a\nsteps: b\n",
			`line 2: There is no key "steps" here. Use one of: environment, setup,`},
		"unknown key inside": {"environment:\n  tool: {}\n",
			`line 2: There is no key "tool" here. Use one of: tools, packages, variables, dockerfile.`},
		"dockerfile": {"environment:\n  dockerfile: Dockerfile\n",
			`line 2: "dockerfile" is not supported yet.`},
		"a list at the top":      {"- a\n", "line 1: The file must have keys"},
		"a number as a command":  {"setup: 5\n", "line 1: setup must be a command or a list of commands."},
		"null as a command":      {"setup:\n", "line 1: setup must be a command"},
		"a mapping as a command": {"setup:\n  - run: x\n", "line 2: setup must be a command"},
		"no commands":            {"test: []\n", "line 1: test is empty."},
		"an empty command":       {"test: ['']\n", "line 1: test has an empty command."},
		"the same key twice":     {"setup: a\nsetup: b\n", `line 2: "setup" is already set in line 1.`},
		"the same variable twice": {"environment:\n  variables:\n    A: 1\n    A: 2\n",
			`line 4: "A" is already set in line 3.`},
		"an anchor":            {"setup: &a x\n", "line 1: Anchors"},
		"an alias":             {"setup: &a x\nstart: *a\n", "line 2: Aliases"},
		"a merge key":          {"<<: {setup: a}\n", "line 1: The merge key"},
		"a tag":                {"setup: !!binary aGVsbG8=\n", "line 1: Tags"},
		"a key that is a list": {"[a]: b\n", "line 1: A key must be a name."},
		"two documents":        {"setup: a\n---\nstart: b\n", "line 2: The file has more than one YAML document."},
		"no YAML":              {"setup: a\nstart: [b\n", "This is not valid YAML"},
		"tools as text":        {"environment:\n  tools: go\n", "line 2: tools must be a mapping"},
		"a tool by its address": {"environment:\n  tools: [{url: 'https://evil.example/x'}]\n",
			"line 2: tools must be a mapping"},
		"a tool that is a path": {"environment:\n  tools: {../../etc: 1}\n",
			`line 2: "../../etc" is not the name of a tool.`},
		"a version that is a path": {"environment:\n  tools: {go: ../1}\n", `line 2: "../1" is not a version of go.`},
		"no version":               {"environment:\n  tools: [go]\n", `line 2: "" is not a version of go.`},
		"too many versions": {"environment:\n  tools: {go: [1, 2, 3, 4, 5]}\n",
			`line 2: "go" must have 1 to 4 versions.`},
		"packages as a mapping": {"environment:\n  packages: {a: b}\n", "line 2: packages must be a list"},
		"a package with an option": {"environment:\n  packages: ['-o=x']\n",
			`line 2: "-o=x" is not the name of a Debian package.`},
		"a package with a version": {"environment:\n  packages: [gcc=12]\n", "is not the name of a Debian package."},
		"variables as a list":      {"environment:\n  variables: [A=b]\n", "line 2: variables must be a mapping"},
		"a list as a value":        {"environment:\n  variables: {A: [b]}\n", `line 2: The value of "A" must be text.`},
		"a name with a blank":      {"environment:\n  variables: {A B: c}\n", "line 2: That is not the name of a variable."},
		"a reserved name": {"environment:\n  variables:\n    LD_PRELOAD: /tmp/x.so\n",
			"line 3: The variable LD_PRELOAD can't be set"},
	} {
		t.Run(name, func(t *testing.T) {
			f := Parse([]byte(c.text))
			var all []string
			for _, p := range f.Problems {
				all = append(all, p.String())
			}
			if !strings.Contains(strings.Join(all, "\n"), c.want) {
				t.Errorf("got %q\nwant %q", all, c.want)
			}
			if len(f.Tools)+len(f.Packages)+len(f.Lines) > 0 || !f.Configuration.Empty() {
				t.Errorf("part of a broken file is used: %+v", f)
			}
		})
	}
}

func TestProblemsAreCollectedAndBounded(t *testing.T) {
	f := Parse([]byte("test: 1\nsteps: x\nenvironment:\n  packages: [A]\n  other: y\n"))
	if len(f.Problems) != 4 || f.Problems[0].Line != 1 || f.Problems[3].Line != 5 {
		t.Errorf("problems are %+v", f.Problems)
	}
	if f := Parse([]byte(strings.Repeat("a: [b]\n", 500))); len(f.Problems) != MaxProblems {
		t.Errorf("%d problems", len(f.Problems))
	}
}
