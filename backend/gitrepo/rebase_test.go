package gitrepo

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"background-agents/backend/session"
)

func (w *world) planRebase() session.RebasePlan {
	w.Helper()
	plan, err := w.PlanRebase(w.ctx, w.project, w.session, nil)
	w.must(err)
	return plan
}

func TestRebaseStandsOnTheNewBase(t *testing.T) {
	w, _ := newPushWorld(t) // one commit, and draft.txt uncommitted
	theirs := commit(t, w.repo, "theirs", map[string]string{"b.txt": "theirs\n"})
	plan := w.planRebase()
	if plan.Commit != theirs || plan.Behind != 1 || plan.Commits != 1 || plan.Conflict != nil || plan.Fetched != "" {
		t.Fatalf("plan is %+v", plan)
	}
	before := w.session.Result
	v, stop, err := w.Rebase(w.ctx, w.project, w.session, plan.Commit)
	w.must(err)
	if stop != nil {
		t.Fatalf("it stops: %+v", stop)
	}
	time.Sleep(time.Second) // the dates of commits have seconds
	if again, _, err := w.Rebase(w.ctx, w.project, w.session, plan.Commit); err != nil || again.Commit != v.Commit || again.Files != v.Files {
		t.Errorf("once more it gives %s and %s (%v), not %s and %s", again.Commit, again.Files, err, v.Commit, v.Files)
	}
	w.session.Result, w.session.BaseCommit = v, plan.Commit
	path, err := w.Publish(w.ctx, w.project, w.session, v)
	w.must(err)
	if got := git(t, path, "log", "--format=%s %an", "main..HEAD"); got != "fix it Ada Lovelace" {
		t.Errorf("the branch has %q", got)
	}
	if got := read(t, path, "a.txt") + read(t, path, "b.txt") + read(t, path, "draft.txt"); got != "fixed\ntheirs\ndraft\n" {
		t.Errorf("files are %q", got)
	}
	if got := git(t, path, "status", "--porcelain"); got != "?? draft.txt" {
		t.Errorf("status is %q", got)
	}
	q := w.quarantineDir(w.project.ID)
	git(t, q, "cat-file", "-e", before.Files) // turns still show it
	if changes, err := w.Diff(w.ctx, w.project, w.session, session.Range{From: plan.Commit, To: v.Files}); err != nil || len(changes) != 2 {
		t.Errorf("the diff is %+v (%v)", changes, err)
	}
}

func TestRebaseFetchesTheBasesRemote(t *testing.T) {
	w, remote := newPushWorld(t)
	git(t, w.repo, "fetch", "-q", "--no-write-fetch-head", "origin")
	other := t.TempDir()
	git(t, other, "clone", "-q", remote, "other")
	theirs := commit(t, other+"/other", "theirs", map[string]string{"b.txt": "theirs\n"})
	git(t, other+"/other", "push", "-q", "origin", "HEAD:main")
	w.session.BaseRef = "origin/main"
	head := git(t, w.repo, "rev-parse", "HEAD")
	if plan := w.planRebase(); plan.Commit != theirs || plan.Fetched != "origin" || plan.Behind != 1 {
		t.Errorf("plan is %+v", plan)
	}
	w.session.BaseRef = "main" // follows origin/main, and is behind it
	git(t, w.repo, "branch", "-q", "-u", "origin/main", "main")
	if plan := w.planRebase(); plan.Commit != theirs || plan.Fetched != "origin" {
		t.Errorf("plan is %+v", plan)
	}
	if git(t, w.repo, "rev-parse", "HEAD") != head || exists(w.repo+"/.git/FETCH_HEAD") {
		t.Error("the user's own branch was moved, or FETCH_HEAD written")
	}
	ours := commit(t, w.repo, "ours", map[string]string{"o.txt": "o\n"}) // has what the remote lacks
	if plan := w.planRebase(); plan.Commit != ours {
		t.Errorf("plan is %+v", plan)
	}
}

func TestRebaseThatConflictsIsGivenToTheAgent(t *testing.T) {
	w, _ := newPushWorld(t)
	theirs := commit(t, w.repo, "theirs", map[string]string{"a.txt": "theirs\n"})
	plan := w.planRebase()
	if plan.Conflict == nil || plan.Conflict.Subject != "fix it" || strings.Join(plan.Conflict.Paths, " ") != "a.txt" || !strings.Contains(plan.Conflict.Text, "CONFLICT (content)") {
		t.Fatalf("plan is %+v", plan)
	}
	_, stop, err := w.Rebase(w.ctx, w.project, w.session, plan.Commit)
	w.must(err)
	if stop == nil {
		t.Fatal("it goes through")
	}
	// What the application does then: the agent gets the new base, and a result may stand on it.
	var b bytes.Buffer
	w.must(w.Bundle(w.ctx, w.project, theirs, []string{w.base}, &b))
	bundle := filepath.Join(t.TempDir(), "new.bundle")
	w.must(os.WriteFile(bundle, b.Bytes(), 0o600))
	git(t, w.agent, "fetch", "-q", bundle, "refs/heads/base")
	git(t, w.agent, "stash", "-q", "-u")
	_, _ = tryGit(w.agent, "rebase", theirs)
	write(t, w.agent, map[string]string{"a.txt": "both\n"})
	git(t, w.agent, "add", "a.txt")
	git(t, w.agent, "-c", "core.editor=true", "rebase", "--continue")
	git(t, w.agent, "stash", "pop", "-q")
	c := w.checkpoint()
	w.session.Onto = theirs
	v, err := w.Receive(w.ctx, w.project, w.session, 2, c, bytes.NewReader(w.bundle(c, theirs)))
	w.must(err)
	if v.Base != theirs {
		t.Errorf("the result's base is %q", v.Base)
	}
	w.session.Result, w.session.BaseCommit, w.session.Onto = v, v.Base, ""
	if changes, err := w.Diff(w.ctx, w.project, w.session, session.Range{From: theirs, To: v.Files}); err != nil || len(changes) != 2 {
		t.Errorf("the diff is %+v (%v)", changes, err)
	}
}

func TestRebaseKeepsAuthorsAndDropsWhatTheBaseHas(t *testing.T) {
	w := newWorld(t, map[string]string{"a.txt": "a\n", "b.txt": "b\n"})
	write(t, w.agent, map[string]string{"a.txt": "same\n"})
	git(t, w.agent, "commit", "-qam", "same", "--author=Grace <grace@example.org>", "--date=2001-02-03T04:05:06Z")
	write(t, w.agent, map[string]string{"c.txt": "c\n"})
	git(t, w.agent, "add", "c.txt")
	git(t, w.agent, "commit", "-qm", "añadir\n\nBody, with  spaces \n\n#1", "--author=Grace <grace@example.org>", "--date=2001-02-03T04:05:06Z")
	w.publish(1)
	commit(t, w.repo, "same here", map[string]string{"a.txt": "same\n"})
	v, stop, err := w.Rebase(w.ctx, w.project, w.session, git(t, w.repo, "rev-parse", "main"))
	w.must(err)
	if stop != nil {
		t.Fatalf("it stops: %+v", stop)
	}
	q := w.quarantineDir(w.project.ID)
	if got := git(t, q, "log", "-1", "--format=%an|%aI|%B", v.Commit); got != "Grace|2001-02-03T04:05:06Z|añadir\n\nBody, with  spaces\n\n#1" && got != "Grace|2001-02-03T04:05:06+00:00|añadir\n\nBody, with  spaces\n\n#1" {
		t.Errorf("the commit is %q", got)
	}
	if got := git(t, q, "rev-list", "--count", v.Commit, "^"+git(t, w.repo, "rev-parse", "main")); got != "1" {
		t.Errorf("%s commits are above the base", got)
	}
}

func TestCommitIsMadeOfTheVerifiedFiles(t *testing.T) {
	w, remote := newPushWorld(t)
	before := w.session.Result
	v, err := w.Commit(w.ctx, w.project, w.session, "Keep the draft\n\nFor later.")
	w.must(err)
	q := w.quarantineDir(w.project.ID)
	if v.Commit != v.Files || git(t, q, "rev-parse", v.Commit+"^{tree}") != git(t, q, "rev-parse", before.Files+"^{tree}") ||
		git(t, q, "rev-parse", v.Commit+"^") != before.Commit || git(t, q, "log", "-1", "--format=%an %s", v.Commit) != "Ada Lovelace Keep the draft" {
		t.Fatalf("committed %+v", v)
	}
	w.session.Result = v
	path, err := w.Publish(w.ctx, w.project, w.session, v)
	w.must(err)
	if got := git(t, path, "status", "--porcelain"); got != "" {
		t.Errorf("status is %q", got)
	}
	plan := w.planPush(session.PushTarget{})
	if len(plan.Commits) != 2 || len(plan.Uncommitted) != 0 {
		t.Fatalf("plan is %+v", plan)
	}
	w.must(w.push(plan))
	if got := git(t, remote, "show", "agents/fix-login:draft.txt"); got != "draft" {
		t.Errorf("the remote has %q", got)
	}
}
