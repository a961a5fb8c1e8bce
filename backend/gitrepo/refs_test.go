package gitrepo

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"background-agents/backend/session"
)

func TestRefsAndResolve(t *testing.T) {
	w := newWorld(t, someFiles)
	git(t, w.repo, "branch", "feature/é")
	git(t, w.repo, "tag", "-a", "v1", "-m", "v1", "HEAD~1")
	git(t, w.repo, "branch", "v1")
	git(t, w.repo, "update-ref", "refs/remotes/origin/main", "HEAD~1")
	git(t, w.repo, "symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/main")
	refs, err := w.Refs(w.ctx, w.project, "")
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(refs.Local)
	if got := fmt.Sprint(refs); got != "{main [feature/é main v1] [origin/main] [v1] false}" {
		t.Errorf("refs: %s", got)
	}
	old := git(t, w.repo, "rev-parse", "HEAD~1")
	for ref, want := range map[string]string{"": w.base, "HEAD": w.base, "main": w.base, "feature/é": w.base,
		"v1": w.base, "refs/tags/v1": old,
		"origin/main": old, old[:10]: old, w.base: w.base, "main~1": old} {
		if got, err := w.Resolve(w.ctx, w.project, ref); err != nil || got != want {
			t.Errorf("%q is %s (%v), want %s", ref, got, err, want)
		}
	}
	for _, ref := range []string{"nope", "--all", "-h", "main\nnope", "main:a.txt", strings.Repeat("0", 40), "\x00",
		"main..v1", "^main", strings.Repeat("x", 5000)} {
		_, err := w.Resolve(w.ctx, w.project, ref)
		wantCode(t, err, session.CodeBaseMissing)
	}
	// A ref whose object is missing must not hide the others.
	write(t, w.repo, map[string]string{".git/refs/tags/broken": strings.Repeat("1", 40) + "\n"})
	if refs, err = w.Refs(w.ctx, w.project, ""); err != nil || len(refs.Local) != 3 {
		t.Errorf("refs: %v %v", refs, err)
	}
}

func TestIdentityAndFirstCommit(t *testing.T) {
	ctx := context.Background()
	r := Open(Config{DataDir: t.TempDir()})
	dir := t.TempDir()
	p := session.Project{ID: "p", Path: dir}
	git(t, dir, "init", "-q")
	write(t, dir, map[string]string{"staged": "s", "new": "n"})
	git(t, dir, "add", "staged")
	_, err := r.Resolve(ctx, p, "")
	wantCode(t, err, session.CodeEmpty)
	for range 2 { // it can be repeated
		if err := r.CommitEmpty(ctx, p); err != nil {
			t.Fatal(err)
		}
	}
	if got := git(t, dir, "log", "--format=%an %ae %s",
		"--shortstat"); got != "Ada Lovelace ada@example.org First commit" {
		t.Errorf("log: %s", got)
	}
	if got := git(t, dir, "status", "--porcelain"); got != "A  staged\n?? new" {
		t.Errorf("status: %s", got)
	}
	git(t, dir, "config", "user.name", "Ada <of> Repo")
	git(t, dir, "config", "user.email", "repo@example.org")
	if name, email, err := r.Identity(ctx, p); err != nil || email != "repo@example.org" || !strings.HasPrefix(name,
		"Ada") {
		t.Errorf("%s %s %v", name, email, err)
	}
	t.Setenv("GIT_CONFIG_GLOBAL", os.DevNull)
	git(t, dir, "config", "--unset", "user.name")
	git(t, dir, "config", "--unset", "user.email")
	git(t, dir, "config", "user.useConfigOnly", "true")
	if name, email, err := r.Identity(ctx, p); err != nil || name == "" || !strings.Contains(email, "@") {
		t.Errorf("%q %q %v", name, email, err)
	}
}

func TestBranchesBeyondTheListAreFound(t *testing.T) {
	w := newMergeWorld(t)
	git(t, w.repo, "branch", "old", w.base)
	git(t, w.repo, "switch", "-q", "old")
	var b strings.Builder
	time.Sleep(1100 * time.Millisecond) // branches are in the order of their commits' dates, which have seconds
	newer := git(t, w.repo, "commit-tree", "-m", "newer", "HEAD^{tree}")
	for n := range maxRefs + 5 {
		fmt.Fprintf(&b, "create refs/heads/x/%d %s\n", n, newer)
	}
	gitIn(t, w.repo, []byte(b.String()), "update-ref", "--stdin")
	refs, err := w.Refs(w.ctx, w.project, "")
	if err != nil || refs.Current != "old" || !slices.Contains(refs.Local, "old") || slices.Contains(refs.Local,
		"main") {
		t.Errorf("current is %q, in the list: %v, main too: %v (%v)", refs.Current, slices.Contains(refs.Local, "old"),
			slices.Contains(refs.Local, "main"), err)
	}
	if !refs.More {
		t.Error("nothing says that there are more branches")
	}
	for search, want := range map[string]string{"MAIN": "[main]", "x/200 4": "[x/2004]", "nowhere": "[]"} {
		if found, err := w.Refs(w.ctx, w.project, search); err != nil || fmt.Sprint(found.Local) != want || found.More {
			t.Errorf("%q finds %q, more: %v (%v)", search, found.Local, found.More, err)
		}
	}
	if found, err := w.Refs(w.ctx, w.project, "x/"); err != nil || len(found.Local) != maxRefs || !found.More {
		t.Errorf("found %d, more: %v (%v)", len(found.Local), found.More, err)
	}
	plan := w.planMerge(session.MergeTarget{Branch: "main"})
	if plan.Branch != "main" || !slices.Contains(plan.Branches, "main") || !plan.More {
		t.Errorf("plan is for %q", plan.Branch)
	}
}
