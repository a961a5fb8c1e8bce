package gitrepo

import (
	"bytes"
	"path/filepath"
	"strings"
	"testing"

	"background-agents/backend/session"
)

func TestWholePatchIsOneThatGitApplies(t *testing.T) {
	old := strings.Repeat("line\n", 20)
	w := newWorld(t, map[string]string{"becomes-executable.sh": "x\n", "stays*": "x\n", "renamed.txt": old, "gone.txt": "x\n", "link": "-> gone.txt",
		"bin": "a\x00b", "latin1.txt": "gr\xfcn\n", "a b.go": "x\n"})
	git(t, w.agent, "mv", "renamed.txt", "new \"name\"\t.txt")
	git(t, w.agent, "update-index", "--chmod=+x", "becomes-executable.sh")
	git(t, w.agent, "commit", "-q", "-m", "mode")
	git(t, w.agent, "checkout", "-q", "-f", "HEAD")
	commit(t, w.agent, "all", map[string]string{"new \"name\"\t.txt": old + "more\n", "run.sh*": "#!/bin/sh\n", "gone.txt": "\x00", "bin": "a\x00c", "latin1.txt": "r\xf6t\n",
		"to-run": "-> run.sh", "a b.go": "y", "empty": "", "stays*": "y\n", "n\xffme": "x"})
	w.turn(1)
	var b bytes.Buffer
	w.must(w.WritePatch(w.ctx, w.project, w.session, session.Range{}, &b))
	target := filepath.Join(t.TempDir(), "target")
	git(t, w.repo, "worktree", "add", "-q", "--detach", target, w.base)
	gitIn(t, target, b.Bytes(), "apply", "--index", "-")
	if got, want := git(t, target, "write-tree"), git(t, w.agent, "rev-parse", "HEAD^{tree}"); got != want {
		t.Errorf("applied it is %s, not %s", got, want)
	}
}
