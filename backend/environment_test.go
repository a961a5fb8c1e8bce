package backend_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"background-agents/backend/session"
)

// A project that nobody here wrote, added as its user would: what its files ask for is proposed, accepted, made, and
// its own tests pass in the sealed sandbox.
func TestARealProjectOfGoPassesItsTestsInTheSandbox(t *testing.T) {
	l := newLive(t)
	repo := filepath.Join(l.data, "code", "mux")
	fetchModule(t, "github.com/gorilla/mux@v1.8.1", repo)
	p, err := l.AddProject(t.Context(), repo)
	l.must(err)
	found, err := l.ProjectEnvironment(t.Context(), p.ID)
	l.must(err)
	if len(found.Tools) != 1 || found.Tools[0].Name != "go" || found.Reasons[0].Path != "go.mod" || found.Parts[0].Test != "go test ./..." {
		t.Fatalf("the proposal is %+v", found)
	}
	before, err := l.SetEnvironment(t.Context(), p.ID, session.EnvironmentChoice{Accept: found.Hash})
	l.must(err)
	test := "demo: bash " + found.Parts[0].Test + " > result.txt 2>&1; tail -1 result.txt"
	id := l.createOn(repo, test)
	s := l.until(id, firstImage, settled(session.Idle))
	result, err := os.ReadFile(filepath.Join(s.Worktree, "result.txt"))
	l.must(err)
	if !strings.HasPrefix(string(result), "ok  \tgithub.com/gorilla/mux") {
		t.Errorf("its tests end with\n%s", result)
	}
	if got := l.sandboxed(id, "command -v go && go version"); !strings.Contains(got, before.Accepted.Tools[0].Version) || !strings.HasPrefix(got, "/opt/tools/") {
		t.Errorf("the sandbox has %s", got)
	}
	if got := l.sandboxed(id, "touch "+before.Accepted.Tools[0].Folder()+"/x 2>&1 || echo refused"); !strings.HasSuffix(strings.TrimSpace(got), "refused") {
		t.Errorf("the agent writes into the tool: %s", got)
	}
}

// fetchModule makes a repository of a module's files, as the module proxy has them.
func fetchModule(t *testing.T, module, repo string) {
	t.Helper()
	out, err := exec.Command("go", "mod", "download", "-json", module).Output()
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
	for _, args := range [][]string{{"init", "-q", "-b", "main"}, {"add", "-A"}, {"-c", "user.name=a", "-c", "user.email=a@example.com", "commit", "-qm", "all"}} {
		c := exec.Command("git", args...)
		c.Dir = repo
		if out, err := c.CombinedOutput(); err != nil {
			t.Fatalf("git %v: %v\n%s", args, err, out)
		}
	}
}
