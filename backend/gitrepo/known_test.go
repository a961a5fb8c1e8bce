package gitrepo

import (
	"bytes"
	"strings"
	"testing"

	"background-agents/backend/session"
)

// badModules is a .gitmodules that git's own checks refuse: its name leads out of .git/modules.
const badModules = "[submodule \"../dep\"]\n\tpath = dep\n\turl = ../dep.git\n"

func TestWhatTheBaseHasIsNotJudged(t *testing.T) {
	w := newWorld(t, map[string]string{".gitmodules": badModules, ".gitattributes": "*.x " + strings.Repeat("a ", 2000) + "\n", "a.txt": "a\n"})
	commit(t, w.agent, "one", map[string]string{"a.txt": "one\n"})
	w.publish(1)
	commit(t, w.repo, "theirs", map[string]string{"b.txt": "b\n", ".gitmodules": badModules + "# other\n"})
	w.merged(w.planMerge(session.MergeTarget{})) // a tree that is new has the .gitmodules of the user's branch
	if got := read(t, w.repo, "a.txt"); got != "one\n" {
		t.Errorf("a.txt is %q", got)
	}

	commit(t, w.agent, "evil", map[string]string{".gitmodules": badModules + "# new\n"})
	c := w.checkpoint()
	_, err := w.Receive(w.ctx, w.project, w.session, 2, c, bytes.NewReader(w.bundle(c)))
	wantCode(t, err, session.CodeQuarantine)
	if !strings.Contains(err.Error(), "gitmodulesName") {
		t.Errorf("it says %v", err)
	}
}

func TestHistoryOfGitsFirstYearsIsAccepted(t *testing.T) {
	w := newWorld(t, map[string]string{"a.txt": "a\n"})
	for name, author := range map[string]string{
		"no email": "Ann 1100000000 +0000", "no name": "<a@x> 1100000000 +0000", "odd zone": "Ann <a@x> 1100000000 +051800",
		"no space": "Ann<a@x> 1100000000 +0000", "padded date": "Ann <a@x> 01100000000 +0000",
	} {
		blob := gitIn(t, w.agent, []byte(name), "hash-object", "-w", "--stdin")
		sub := gitIn(t, w.agent, []byte("100644 f\x00"+unhex(blob)), "hash-object", "-w", "-t", "tree", "--literally", "--stdin")
		tree := gitIn(t, w.agent, []byte("040000 old\x00"+unhex(sub)), "hash-object", "-w", "-t", "tree", "--literally", "--stdin")
		raw := "tree " + tree + "\nauthor " + author + "\ncommitter " + author + "\n\nancient\n"
		old := gitIn(t, w.agent, []byte(raw), "hash-object", "-w", "-t", "commit", "--literally", "--stdin")
		git(t, w.agent, "merge", "-q", "--allow-unrelated-histories", "-X", "theirs", "-m", name, old)
	}
	w.publish(1)
	w.merged(w.planMerge(session.MergeTarget{}))
	if got := read(t, w.repo, "old", "f"); got == "" {
		t.Error("no file")
	}
	if _, _, err := w.Rebase(w.ctx, w.project, w.session, commit(t, w.repo, "moved", map[string]string{"b.txt": "b\n"})); err != nil {
		t.Error(err)
	}
}
