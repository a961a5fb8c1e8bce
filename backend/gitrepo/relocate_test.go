package gitrepo

import (
	"os"
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
