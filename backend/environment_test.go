package backend_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"background-agents/backend/session"
	"background-agents/build/test/slow"
)

// realProjects are projects that nobody here wrote, as their users would add them.
var realProjects = []struct {
	name  string
	fetch func(t *testing.T, repo string)
	tools string // of the proposal, by name
	from  string // the file that asks for the first of them
	// without are proposed tools that the user takes out: what the image has does.
	without string
	test    string // of the proposal, with its step before where that is another one
	want    string // in the last lines of the test's output
	slow    bool
}{{
	name: "Go, rivo/uniseg", fetch: module("github.com/rivo/uniseg@v0.4.7"),
	tools: "go", from: "go.mod", test: "go test ./...", want: "ok  \tgithub.com/rivo/uniseg",
}, {
	name: "Go, gorilla/mux", fetch: module("github.com/gorilla/mux@v1.8.1"), slow: true,
	tools: "go", from: "go.mod", test: "go test ./...", want: "ok  \tgithub.com/gorilla/mux",
}, {
	name: "Node, shell-quote", fetch: npmPackage("shell-quote@1.7.2"),
	tools: "node", without: "node", from: "package.json", test: "npm install; npm test", want: "# pass  101",
}, {
	name: "C, cJSON", fetch: debianSource("cjson"),
	tools: "cmake gcc", from: "CMakeLists.txt",
	test: "cmake -B build && cmake --build build; ctest --test-dir build", want: "100% tests passed",
}, {
	name: "C++, TinyXML-2", fetch: debianSource("tinyxml2"), slow: true,
	tools: "cmake gcc", from: "CMakeLists.txt",
	test: "cmake -B build && cmake --build build; ctest --test-dir build", want: "100% tests passed",
}}

// What a project's files ask for is proposed, accepted, made, and its own tests pass in the sealed sandbox, run by the
// agent.
func TestRealProjectsPassTheirTestsInTheSandbox(t *testing.T) {
	l := newLive(t)
	for _, c := range realProjects {
		t.Run(c.name, func(t *testing.T) {
			if c.slow {
				slow.Test(t)
			}
			repo := filepath.Join(l.data, "code", strings.NewReplacer(" ", "", ",", "-", "/", "-").Replace(c.name))
			c.fetch(t, repo)
			commitAll(t, repo)
			p, err := l.AddProject(t.Context(), repo)
			l.must(err)
			found, err := l.ProjectEnvironment(t.Context(), p.ID)
			l.must(err)
			var tools []string
			for _, tool := range found.Tools {
				tools = append(tools, tool.Name)
			}
			steps := strings.TrimPrefix(found.Parts[0].Install+"; "+found.Parts[0].Test, "; ")
			if strings.Join(tools, " ") != c.tools || found.Reasons[0].Path != c.from || !strings.HasSuffix(steps, c.test) {
				t.Fatalf("the proposal is %+v", found)
			}
			choice := session.EnvironmentChoice{Accept: found.Hash}
			if c.without != "" {
				choice = session.EnvironmentChoice{Set: &session.Environment{Packages: found.Packages}}
			}
			chosen, err := l.SetEnvironment(t.Context(), p.ID, choice)
			l.must(err)
			id := l.createOn(repo, "demo: bash { "+c.test+"; } > result.txt 2>&1; tail -3 result.txt")
			s := l.until(id, firstImage, settled(session.Idle))
			result, err := os.ReadFile(filepath.Join(s.Worktree, "result.txt"))
			l.must(err)
			if !strings.Contains(string(result), c.want) {
				t.Fatalf("its tests end with\n%s", result[max(0, len(result)-2000):])
			}
			if chosen.Accepted == nil {
				return // the image's own tools did
			}
			for _, tool := range chosen.Accepted.Tools {
				if got := l.sandboxed(id, "touch "+tool.Folder()+"/x 2>&1 || echo refused"); !strings.HasSuffix(strings.TrimSpace(got), "refused") {
					t.Errorf("the agent writes into %s: %s", tool, got)
				}
			}
		})
	}
}

// module fetches a module's files, as the module proxy has them.
func module(name string) func(t *testing.T, repo string) {
	return func(t *testing.T, repo string) {
		t.Helper()
		out, err := exec.Command("go", "mod", "download", "-json", name).Output()
		if err != nil {
			t.Fatal(err)
		}
		var at struct{ Dir string }
		if err := json.Unmarshal(out, &at); err != nil {
			t.Fatal(err)
		}
		if err := os.CopyFS(repo, os.DirFS(at.Dir)); err != nil {
			t.Fatal(err)
		}
	}
}

// npmPackage fetches a package of the registry's whose archive has its tests.
func npmPackage(name string) func(t *testing.T, repo string) {
	return func(t *testing.T, repo string) {
		t.Helper()
		must(t, os.MkdirAll(repo, 0o755))
		runIn(t, repo, "sh", "-c", `tar -xzf "$(npm pack --silent "$1")" --strip-components 1 && rm ./*.tgz`, "sh", name)
	}
}

// debianSource fetches the upstream source of one of Debian's packages.
func debianSource(name string) func(t *testing.T, repo string) {
	return func(t *testing.T, repo string) {
		t.Helper()
		if _, err := exec.LookPath("apt-get"); err != nil {
			t.Skip("the project comes from Debian's sources, which apt-get fetches: this machine has none")
		}
		script, err := filepath.Abs("../build/test/source.sh")
		must(t, err)
		runIn(t, "", script, name, repo)
	}
}

// commitAll makes a repository of a folder.
func commitAll(t *testing.T, repo string) {
	t.Helper()
	runIn(t, repo, "git", "init", "-q", "-b", "main")
	runIn(t, repo, "git", "add", "-A")
	runIn(t, repo, "git", "-c", "user.name=a", "-c", "user.email=a@example.com", "commit", "-qm", "all")
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func runIn(t *testing.T, dir, name string, args ...string) {
	t.Helper()
	c := exec.Command(name, args...)
	c.Dir = dir
	if out, err := c.CombinedOutput(); err != nil {
		t.Fatalf("%s %v: %v\n%s", name, args, err, out)
	}
}
