package gitrepo

import (
	"bytes"
	"testing"

	"background-agents/backend/session"
)

func TestAnotherBranchIsTakenBesideTheUsers(t *testing.T) {
	w := newWorld(t, someFiles)
	git(t, w.agent, "checkout", "-q", "-b", "feature/login")
	other := commit(t, w.agent, "login", map[string]string{"login.txt": "1"})
	git(t, w.agent, "checkout", "-q", "base")
	w.publish(1)
	git(t, w.repo, "branch", "agents/feature/login", w.base)
	bundle := w.bundle(session.Checkpoint{Commit: other, Files: other})
	branch, err := w.ReceiveBranch(w.ctx, w.project, w.session, other, "agents/feature/login", bytes.NewReader(bundle))
	if err != nil || branch != "agents/feature/login-2" {
		t.Fatalf("%q, %v", branch, err)
	}
	if got := git(t, w.repo, "rev-parse", branch, "agents/feature/login"); got != other+"\n"+w.base {
		t.Errorf("branches are at %s", got)
	}
	git(t, w.repo, "fsck", "--connectivity-only")
	git(t, w.repo, "show", branch+":login.txt")
	if err := w.Forget(w.ctx, w.project, w.session, true); err != nil {
		t.Fatal(err)
	}
	git(t, w.repo, "rev-parse", branch)
}

func TestAnotherBranchIsCheckedAsAResultIs(t *testing.T) {
	w := newWorld(t, someFiles)
	git(t, w.agent, "checkout", "-q", "--orphan", "apart")
	other := commit(t, w.agent, "apart", map[string]string{"x": "1"})
	bundle := w.bundle(session.Checkpoint{Commit: other, Files: other})
	_, err := w.ReceiveBranch(w.ctx, w.project, w.session, other, "agents/apart", bytes.NewReader(bundle))
	wantCode(t, err, session.CodeQuarantine)
	if got, err := tryGit(w.repo, "rev-parse", "--verify", "agents/apart"); err == nil {
		t.Errorf("it is %s", got)
	}
}

func TestDroppedCommitsAreNamed(t *testing.T) {
	w := newWorld(t, someFiles)
	first := commit(t, w.agent, "first", map[string]string{"x": "1"})
	second := commit(t, w.agent, "second", map[string]string{"y": "1"})
	w.turn(1)
	list, err := w.Dropped(w.ctx, w.project, w.session, second, w.base)
	if err != nil || len(list) != 2 || list[0].ID != second || list[0].Subject != "second" || list[1].ID != first {
		t.Errorf("dropped %+v, %v", list, err)
	}
	git(t, w.agent, "reset", "-q", "--hard", w.base)
	commit(t, w.agent, "before", map[string]string{"z": "1"})
	git(t, w.agent, "cherry-pick", first, second)
	v := w.turn(2)
	if list, err = w.Dropped(w.ctx, w.project, w.session, second, v.Commit); err != nil || len(list) != 0 {
		t.Errorf("what was rebased counts as dropped: %+v, %v", list, err)
	}
	gone := "1111111111111111111111111111111111111111"
	if list, err = w.Dropped(w.ctx, w.project, w.session, gone, v.Commit); err != nil || len(list) != 1 || list[0].ID != gone {
		t.Errorf("unknown: %+v, %v", list, err)
	}
}
