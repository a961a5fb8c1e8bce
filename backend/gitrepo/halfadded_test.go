package gitrepo

import (
	"os"
	"path/filepath"
	"testing"
	"time"
)

func TestAWorktreeThatIsJustBeingAddedIsWaitedFor(t *testing.T) {
	w := newWorld(t, someFiles)
	git(t, w.repo, "worktree", "add", "-q", filepath.Join(t.TempDir(), "other"))
	commondir := filepath.Join(w.repo, ".git", "worktrees", "other", "commondir")
	whole, err := os.ReadFile(commondir)
	w.must(err)
	w.must(os.WriteFile(commondir, nil, 0o600))
	time.AfterFunc(200*time.Millisecond, func() {
		if err := os.WriteFile(commondir, whole, 0o600); err != nil {
			t.Error(err)
		}
	})
	u, err := w.open(w.project)
	w.must(err)
	all, err := w.checkouts(w.ctx, u)
	if err != nil || len(all) != 2 {
		t.Errorf("%d checkouts: %v", len(all), err)
	}
}
