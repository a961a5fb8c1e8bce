//go:build unix

package gitrepo

import (
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"

	"background-agents/backend/session"
)

func TestSessionsFollowARepositoryThatMoved(t *testing.T) {
	w := newMergeWorld(t)
	sessions := []session.Session{w.session}
	clone := w.repo + "-clone"
	git(t, w.repo, "clone", "-q", w.repo, clone)
	moved := w.repo + " moved"
	if err := os.Rename(w.repo, moved); err != nil {
		t.Fatal(err)
	}
	_, err := w.Diff(w.ctx, w.project, w.session, session.Range{})
	wantCode(t, err, session.CodeRepoMissing)

	p := w.project
	p.Path = clone
	if w.Moved(w.ctx, p, sessions) {
		t.Error("a clone is taken for the repository")
	}
	p.Path = moved
	if !w.Moved(w.ctx, p, sessions) {
		t.Error("the repository is not known again")
	}
	other := p
	other.Path = newWorld(t, nil).repo
	wantCode(t, w.Relocate(w.ctx, other, sessions), session.CodeInvalid)
	w.must(w.Relocate(w.ctx, p, sessions))
	w.project, w.repo = p, moved
	if got := git(t, w.session.Worktree, "status", "--porcelain"); got != "" {
		t.Errorf("in the worktree git says %q", got)
	}
	w.merged(w.planMerge(session.MergeTarget{}))
	commit(t, w.agent, "three", map[string]string{"d.txt": "d\n"})
	if path := w.publish(2); path != w.session.Worktree || read(t, path, "d.txt") != "d\n" {
		t.Errorf("published to %s", path)
	}
}

// Root may write everywhere: so it is tried as another user.
func TestFoldersThatNobodyMayWriteInAreRemoved(t *testing.T) {
	if dir := os.Getenv("REMOVE_TREE"); dir != "" {
		if err := removeTree(dir); err != nil {
			t.Fatal(err)
		}
		return
	}
	dir, err := os.MkdirTemp("", "remove")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = os.RemoveAll(dir) }()
	write(t, dir, map[string]string{"tree/a/b/f": "x", "tree/a/g": "x"})
	self := filepath.Join(dir, "self") // another user cannot read the folder of the test itself
	if err := copyFile(os.Args[0], self); err != nil || os.Chmod(self, 0o755) != nil {
		t.Fatalf("the test cannot be copied: %v", err)
	}
	cmd := exec.Command(self, "-test.run", "TestFoldersThatNobodyMayWriteInAreRemoved")
	cmd.Env = append(os.Environ(), "REMOVE_TREE="+filepath.Join(dir, "tree"))
	if os.Getuid() == 0 {
		cmd.Dir = "/"
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}}
		for _, path := range []string{"", "tree", "tree/a", "tree/a/b", "tree/a/b/f", "tree/a/g"} {
			if err := os.Chown(filepath.Join(dir, path), 65534, 65534); err != nil {
				t.Fatal(err)
			}
		}
	}
	for _, path := range []string{"tree/a/b", "tree/a", "tree"} {
		if err := os.Chmod(filepath.Join(dir, path), 0o555); err != nil {
			t.Fatal(err)
		}
	}
	if out, err := cmd.CombinedOutput(); err != nil || exists(filepath.Join(dir, "tree")) {
		t.Errorf("%v: %s", err, out)
	}
}
