package backend

import (
	"os/exec"
	"strings"
	"testing"

	"background-agents/backend/doctor"
	"background-agents/backend/gitrepo"
	"background-agents/backend/session"
)

func TestWithoutGitOneSentenceSaysSo(t *testing.T) {
	repo := t.TempDir()
	if out, err := exec.Command("git", "init", "-q", repo).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	t.Setenv("PATH", t.TempDir())
	repos := gitrepo.Open(gitrepo.Config{DataDir: t.TempDir()})
	p := session.Project{ID: "project1", Path: repo}
	_, sample := makeSample(t.Context(), t.TempDir())
	_, version := gitrepo.Version(t.Context())
	_, inspect := repos.Inspect(t.Context(), repo)
	_, resolve := repos.Resolve(t.Context(), p, "main")
	_, refs := repos.Refs(t.Context(), p, "")
	for name, err := range map[string]error{"the sample": sample, "the version": version, "a repository": inspect,
		"a branch": resolve, "branches": refs,
		"an empty commit": repos.CommitEmpty(t.Context(), p)} {
		known := session.AsError(err)
		if known == nil || known.Message != "The git command was not found." ||
			!strings.HasPrefix(known.Hint, "Install git 2.39 or newer") {
			t.Errorf("%s: %+v", name, known)
		}
	}
	for _, c := range doctor.Check(t.Context(), doctor.Config{Git: gitrepo.Version}) {
		if c.ID == "git" && (c.Status != "fail" || c.Found != "The git command was not found." ||
			!strings.HasPrefix(c.Hint, "Install git 2.39 or newer")) {
			t.Errorf("doctor: %+v", c)
		}
	}
}
