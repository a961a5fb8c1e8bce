package gitrepo

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/user"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"background-agents/backend/session"
)

func TestInspect(t *testing.T) {
	ctx := context.Background()
	r := Open(Config{DataDir: t.TempDir()})
	fresh := func(t *testing.T, name string) string {
		dir := filepath.Join(t.TempDir(), name)
		git(t, filepath.Dir(dir), "init", "-q", dir)
		commit(t, dir, "one", map[string]string{"a.txt": "a\n", "sub/b.txt": "b\n"})
		return dir
	}
	cases := map[string]struct {
		make func(t *testing.T) (given, top string)
		code session.Code
		want session.Repository
	}{
		"spaces and unicode": {func(t *testing.T) (string, string) { d := fresh(t, "mein Pröjekt 日本"); return d, d }, "",
			session.Repository{Name: "mein Pröjekt 日本", Branch: "main"}},
		"sub-folder": {func(t *testing.T) (string, string) { d := fresh(t, "p"); return filepath.Join(d, "sub"), d }, "", session.Repository{Name: "p", Branch: "main"}},
		"file in it": {func(t *testing.T) (string, string) { d := fresh(t, "p"); return filepath.Join(d, "a.txt"), d }, "", session.Repository{Name: "p", Branch: "main"}},
		"its .git":   {func(t *testing.T) (string, string) { d := fresh(t, "p"); return filepath.Join(d, ".git"), d }, "", session.Repository{Name: "p", Branch: "main"}},
		"detached HEAD": {func(t *testing.T) (string, string) {
			d := fresh(t, "p")
			git(t, d, "checkout", "-q", "--detach")
			return d, d
		}, "", session.Repository{Name: "p"}},
		"linked worktree": {func(t *testing.T) (string, string) {
			d := fresh(t, "p")
			git(t, d, "worktree", "add", "-q", "-b", "x", d+"-linked")
			return d + "-linked/sub", d
		}, "", session.Repository{Name: "p", Branch: "x", Worktree: "W"}},
		"linked worktree of a bare one": {func(t *testing.T) (string, string) {
			d := fresh(t, "p")
			git(t, d, "clone", "-q", "--bare", d, d+".git")
			git(t, d+".git", "worktree", "add", "-q", "-b", "x", d+"-linked")
			return d + "-linked", d + ".git"
		}, "", session.Repository{Name: "p", Branch: "x", Bare: true, Remote: "R", Worktree: "W"}},
		"bare in a hidden folder": {func(t *testing.T) (string, string) {
			d := fresh(t, "p")
			git(t, d, "clone", "-q", "--bare", d, d+"-b/.bare")
			write(t, d+"-b", map[string]string{".git": "gitdir: ./.bare\n"})
			return d + "-b", d + "-b/.bare"
		}, "", session.Repository{Name: "p-b", Branch: "main", Bare: true, Remote: "R"}},
		"linked worktree of a bare one in a hidden folder": {func(t *testing.T) (string, string) {
			d := fresh(t, "p")
			git(t, d, "clone", "-q", "--bare", d, d+"-b/.bare")
			git(t, d+"-b/.bare", "worktree", "add", "-q", "-b", "x", "../x-linked")
			return d + "-b/x-linked", d + "-b/.bare"
		}, "", session.Repository{Name: "p-b", Branch: "x", Bare: true, Remote: "R", Worktree: "W"}},
		"linked worktree on no branch": {func(t *testing.T) (string, string) {
			d := fresh(t, "p")
			git(t, d, "worktree", "add", "-q", "--detach", d+"-linked")
			return d + "-linked", d
		}, "", session.Repository{Name: "p", Worktree: "W"}},
		"separate git folder": {func(t *testing.T) (string, string) {
			d := separate(t, fresh(t, "p"))
			return filepath.Join(d, "sub"), d
		}, "", session.Repository{Name: "p", Branch: "main"}},
		"linked worktree beside a separate git folder": {func(t *testing.T) (string, string) { // git cannot name the main checkout
			d := separate(t, fresh(t, "p"))
			git(t, d, "worktree", "add", "-q", "-b", "x", d+"-linked")
			return d + "-linked", d + "-linked"
		}, "", session.Repository{Name: "p-linked", Branch: "x"}},
		"separate git folder itself": {func(t *testing.T) (string, string) {
			d := separate(t, fresh(t, "p"))
			return d + ".gitdir", ""
		}, session.CodeNotRepository, session.Repository{}},
		"git folder of a submodule": {func(t *testing.T) (string, string) {
			d, sub := fresh(t, "p"), fresh(t, "s")
			git(t, d, "-c", "protocol.file.allow=always", "submodule", "add", "-q", sub, "lib")
			return filepath.Join(d, ".git", "modules", "lib"), filepath.Join(d, "lib")
		}, "", session.Repository{Name: "lib", Branch: "main", Remote: "R"}},
		"linked worktree of a submodule": {func(t *testing.T) (string, string) {
			d, sub := fresh(t, "p"), fresh(t, "s")
			git(t, d, "-c", "protocol.file.allow=always", "submodule", "add", "-q", sub, "lib")
			git(t, d+"/lib", "worktree", "add", "-q", "-b", "x", d+"-linked")
			return d + "-linked", filepath.Join(d, "lib")
		}, "", session.Repository{Name: "lib", Branch: "x", Remote: "R", Worktree: "W"}},
		"git folder behind a link": {func(t *testing.T) (string, string) {
			d := fresh(t, "p")
			behindLink(t, d)
			return d, d
		}, "", session.Repository{Name: "p", Branch: "main"}},
		"bare": {func(t *testing.T) (string, string) {
			d := fresh(t, "p")
			git(t, d, "clone", "-q", "--bare", d, d+".git")
			return d + ".git", d + ".git"
		}, "", session.Repository{Name: "p", Branch: "main", Bare: true, Remote: "R"}},
		"dirty": {func(t *testing.T) (string, string) {
			d := fresh(t, "p")
			write(t, d, map[string]string{"n": "n"})
			return d, d
		}, "",
			session.Repository{Name: "p", Branch: "main", Dirty: true}},
		"remote with a password": {func(t *testing.T) (string, string) {
			d := fresh(t, "p")
			git(t, d, "remote", "add", "origin", "https://ada:s3cret@example.org/p.git")
			return d, d
		}, "", session.Repository{Name: "p", Branch: "main", Remote: "https://example.org/p.git"}},
		"submodules and LFS": {func(t *testing.T) (string, string) {
			d, sub := fresh(t, "p"), fresh(t, "s")
			git(t, d, "-c", "protocol.file.allow=always", "submodule", "add", "-q", sub, "lib")
			commit(t, d, "lfs", map[string]string{".gitattributes": "*.bin filter=lfs diff=lfs merge=lfs -text\n",
				"x.bin": "version https://git-lfs.github.com/spec/v1\noid sha256:" + strings.Repeat("0", 64) + "\nsize 12\n"})
			return d, d
		}, "", session.Repository{Name: "p", Branch: "main", Submodules: []string{"lib"}, LFS: true}},
		"inside a submodule": {func(t *testing.T) (string, string) {
			d, sub := fresh(t, "p"), fresh(t, "s")
			git(t, d, "-c", "protocol.file.allow=always", "submodule", "add", "-q", sub, "lib")
			return filepath.Join(d, "lib", "sub"), filepath.Join(d, "lib")
		}, "", session.Repository{Name: "lib", Branch: "main", Remote: "R"}},
		"sha256": {func(t *testing.T) (string, string) {
			d := filepath.Join(t.TempDir(), "p")
			git(t, filepath.Dir(d), "init", "-q", "--object-format=sha256", d)
			commit(t, d, "one", map[string]string{"a": "a"})
			return d, d
		}, "", session.Repository{Name: "p", Branch: "main"}},
		"empty": {func(t *testing.T) (string, string) {
			d := filepath.Join(t.TempDir(), "p")
			git(t, filepath.Dir(d), "init", "-q", d)
			return d, d
		}, session.CodeEmpty,
			session.Repository{Name: "p", Branch: "main"}},
		"unborn branch beside others": {func(t *testing.T) (string, string) {
			d := fresh(t, "p")
			git(t, d, "checkout", "-q", "--orphan", "x")
			return d, d
		}, "",
			session.Repository{Name: "p", Branch: "x"}},
		"not a repository": {func(t *testing.T) (string, string) { return t.TempDir(), "" }, session.CodeNotRepository, session.Repository{}},
		"nothing there":    {func(t *testing.T) (string, string) { return filepath.Join(t.TempDir(), "x"), "" }, session.CodeNotRepository, session.Repository{}},
		"shallow": {func(t *testing.T) (string, string) {
			d := fresh(t, "p")
			commit(t, d, "two", nil)
			git(t, d, "clone", "-q", "--depth=1", "file://"+d, d+"-s")
			return d + "-s", ""
		}, session.CodeInvalid, session.Repository{}},
		"partial": {func(t *testing.T) (string, string) {
			d := fresh(t, "p")
			commit(t, d, "two", map[string]string{"a.txt": "changed\n"})
			git(t, d, "config", "uploadpack.allowFilter", "true")
			git(t, d, "clone", "-q", "--filter=blob:none", "file://"+d, d+"-s")
			_ = os.Rename(d, d+"-away") // so that asking the remote would fail, not hang
			return d + "-s", d + "-s"
		}, session.CodeInvalid, session.Repository{Name: "p-s", Branch: "main", Remote: "R"}},
		"partial, complete again": {func(t *testing.T) (string, string) {
			d := fresh(t, "p")
			commit(t, d, "two", map[string]string{"a.txt": "changed\n"})
			git(t, d, "config", "uploadpack.allowFilter", "true")
			git(t, d, "clone", "-q", "--filter=blob:none", "file://"+d, d+"-s")
			git(t, d+"-s", "fetch", "-q", "--refetch", "--no-filter")
			return d + "-s", d + "-s"
		}, "", session.Repository{Name: "p-s", Branch: "main", Remote: "R"}},
		"of another user": {func(t *testing.T) (string, string) {
			if who, _ := user.Current(); who.Uid != "0" {
				t.Skip("only root can give a folder away")
			}
			d := fresh(t, "p")
			if err := os.Chown(d, 1000, 1000); err != nil {
				t.Fatal(err)
			}
			return d, ""
		}, session.CodeInvalid, session.Repository{}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			given, top := c.make(t)
			got, err := r.Inspect(ctx, given)
			wantCode(t, err, c.code)
			if c.code != "" && session.AsError(err).Hint == "" {
				t.Error("no hint")
			}
			if top == "" {
				return
			}
			c.want.Path = top
			if c.want.Remote == "R" {
				c.want.Remote = got.Remote
			}
			if c.want.Worktree == "W" {
				c.want.Worktree = got.Worktree
			}
			if c.code == "" && c.want.Branch != "x" {
				if c.want.Head = git(t, top, "rev-parse", "HEAD"); c.want.Head == "" {
					t.Error("no head")
				}
			} else {
				c.want.Head = got.Head
			}
			if c.want.Submodules == nil {
				c.want.Submodules = []string{}
			}
			if !reflect.DeepEqual(got, c.want) {
				t.Errorf("got  %+v\nwant %+v", got, c.want)
			}
		})
	}
}

func TestWithoutCredentials(t *testing.T) {
	for in, want := range map[string]string{
		"https://u:p@h/x": "https://h/x", "https://token@h/x": "https://h/x", "git@github.com:o/r.git": "git@github.com:o/r.git",
		"ssh://git:pw@h:22/x": "ssh://git@h:22/x", "/a b/c": "/a b/c", `C:\x`: `C:\x`, "https://u:p%zz@h/x": "https://h/x",
	} {
		if got := withoutCredentials(in); got != want {
			t.Errorf("%s became %s, want %s", in, got, want)
		}
	}
}

func TestRepositoryThatIsGoneIsMissing(t *testing.T) {
	w := newWorld(t, someFiles)
	v := w.turn(1)
	// A repository above must not be taken for it.
	git(t, filepath.Dir(w.repo), "init", "-q")
	if err := os.RemoveAll(filepath.Join(w.repo, ".git")); err != nil {
		t.Fatal(err)
	}
	ctx, p, s := w.ctx, w.project, w.session
	calls := map[string]func() error{
		"Refs":    func() error { _, err := w.Refs(ctx, p, ""); return err },
		"Resolve": func() error { _, err := w.Resolve(ctx, p, "main"); return err },
		"Free":    func() error { _, err := w.FreeBranch(ctx, p, "x"); return err },
		"Bundle":  func() error { return w.Bundle(ctx, p, w.base, nil, &bytes.Buffer{}) },
		"Receive": func() error {
			_, err := w.Receive(ctx, p, s, 1, session.Checkpoint{Commit: w.base, Files: w.base}, &bytes.Buffer{})
			return err
		},
		"Publish": func() error { _, err := w.Publish(ctx, p, s, v); return err },
		"Edits":   func() error { _, err := w.Edits(ctx, p, s); return err },
		"Diff":    func() error { _, err := w.Diff(ctx, p, s, session.Range{}); return err },
		"Forget":  func() error { return w.Forget(ctx, p, s, false) },
	}
	for name, call := range calls {
		t.Run(name, func(t *testing.T) { wantCode(t, call(), session.CodeRepoMissing) })
	}
	if err := w.Forget(ctx, p, s, true); err != nil {
		t.Errorf("a session cannot be forgotten without its repository: %v", err)
	}
}

func TestMovedRepositoryIsFollowed(t *testing.T) {
	w := newWorld(t, someFiles)
	commit(t, w.agent, "one", map[string]string{"a.txt": "1\n"})
	w.publish(1)
	moved := w.repo + " moved"
	if err := os.Rename(w.repo, moved); err != nil {
		t.Fatal(err)
	}
	w.repo, w.project.Path = moved, moved
	if diff, err := w.Diff(w.ctx, w.project, w.session, session.Range{}); err != nil || len(diff) != 1 {
		t.Errorf("%v %v", diff, err)
	}
	commit(t, w.agent, "two", map[string]string{"a.txt": "2\n"})
	path := w.publish(2)
	if got := git(t, path, "status", "--porcelain"); got != "" {
		t.Errorf("status: %s", got)
	}
}

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
	for ref, want := range map[string]string{"": w.base, "HEAD": w.base, "main": w.base, "feature/é": w.base, "v1": w.base, "refs/tags/v1": old,
		"origin/main": old, old[:10]: old, w.base: w.base, "main~1": old} {
		if got, err := w.Resolve(w.ctx, w.project, ref); err != nil || got != want {
			t.Errorf("%q is %s (%v), want %s", ref, got, err, want)
		}
	}
	for _, ref := range []string{"nope", "--all", "-h", "main\nnope", "main:a.txt", strings.Repeat("0", 40), "\x00", "main..v1", "^main", strings.Repeat("x", 5000)} {
		_, err := w.Resolve(w.ctx, w.project, ref)
		wantCode(t, err, session.CodeBaseMissing)
	}
	// A ref whose object is missing must not hide the others.
	write(t, w.repo, map[string]string{".git/refs/tags/broken": strings.Repeat("1", 40) + "\n"})
	if refs, err = w.Refs(w.ctx, w.project, ""); err != nil || len(refs.Local) != 3 {
		t.Errorf("refs: %v %v", refs, err)
	}
}

func TestFreeBranch(t *testing.T) {
	w := newWorld(t, someFiles)
	git(t, w.repo, "branch", "agents/taken")
	git(t, w.repo, "branch", "single")
	git(t, w.repo, "branch", "agents/deep/x")
	for _, c := range [][2]string{
		{"agents/new", "agents/new"}, {"agents/new", "agents/new-2"}, {"agents/new", "agents/new-3"}, {"agents/Taken", "agents/Taken-2"},
		{"single/x", "single-x"}, {"agents/deep", "agents/deep-2"}, {"agents/fix the ~bug^: now?", "agents/fix-the-bug-now"}, {"", "session"},
		{"agents/../../x", "agents/x"}, {"-rf", "rf"}, {"a.lock/b.LOCK", "a/b"}, {"äöü/日本", "äöü/日本"}, {"HEAD", "session-2"}, {"a\nb", "a-b"}, {"@{-1}", "1"},
		{"x/.hidden", "x/hidden"}, {"\xff\xfe", "session-3"},
	} {
		got, err := w.FreeBranch(w.ctx, w.project, c[0])
		if err != nil || got != c[1] {
			t.Errorf("%q became %q (%v), want %q", c[0], got, err, c[1])
		}
		if out, err := tryGit(w.repo, "check-ref-format", "--branch", got); err != nil {
			t.Errorf("%q is no branch name: %s", got, out)
		}
	}
	long, err := w.FreeBranch(w.ctx, w.project, "agents/"+strings.Repeat("wörter ", 100))
	if err != nil || len(long) > maxBranch {
		t.Errorf("%q %v", long, err)
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
	if got := git(t, dir, "log", "--format=%an %ae %s", "--shortstat"); got != "Ada Lovelace ada@example.org First commit" {
		t.Errorf("log: %s", got)
	}
	if got := git(t, dir, "status", "--porcelain"); got != "A  staged\n?? new" {
		t.Errorf("status: %s", got)
	}
	git(t, dir, "config", "user.name", "Ada <of> Repo")
	git(t, dir, "config", "user.email", "repo@example.org")
	if name, email, err := r.Identity(ctx, p); err != nil || email != "repo@example.org" || !strings.HasPrefix(name, "Ada") {
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

func TestSuggestListsNewestFirst(t *testing.T) {
	root := t.TempDir()
	for i, name := range []string{"old", "group/new", "group/deep/newest", "node_modules/dep", ".hidden/x"} {
		dir := filepath.Join(root, name)
		git(t, root, "init", "-q", dir)
		at := time.Now().Add(time.Duration(i-10) * time.Hour)
		for _, f := range []string{"HEAD"} {
			if err := os.Chtimes(filepath.Join(dir, ".git", f), at, at); err != nil {
				t.Fatal(err)
			}
		}
	}
	r := Open(Config{DataDir: t.TempDir()})
	got, err := r.Suggest(context.Background(), root, 2)
	if err != nil || len(got) != 2 || got[0].Name != "newest" || got[1].Name != "new" || got[0].Branch != "main" {
		t.Errorf("%+v %v", got, err)
	}
	if got, err := r.Suggest(context.Background(), filepath.Join(root, "none"), 5); err != nil || len(got) != 0 {
		t.Errorf("%v %v", got, err)
	}
}

func TestCheckBranchSaysWhatIsWrong(t *testing.T) {
	w := newWorld(t, nil)
	for _, name := range []string{"feature", "release/1.0"} {
		git(t, w.repo, "branch", name)
	}
	for name, want := range map[string]string{
		"fix login": "not a valid branch name", "fix..it": "not a valid branch name", "x.lock": "not a valid branch name", "HEAD": "not a valid branch name",
		"a~b": "not a valid branch name", "-x": "not a valid branch name", "": "not a valid branch name", strings.Repeat("x", 251): "not a valid branch name",
		"feature": "feature exists already", "Feature": "differs from it only in case", "feature/x": "below the branch feature", "release": "above the branch release/1.0",
		"fix-login": "", "fix(login)": "", "a/b/c": "", strings.Repeat("x", 200): "",
	} {
		err := w.CheckBranch(w.ctx, w.project, name)
		if (err == nil) != (want == "") || err != nil && (!strings.Contains(err.Error(), want) || session.AsError(err).Hint == "") {
			t.Errorf("%.40q: %v, not %q", name, err, want)
		}
	}
}

func TestBranchesBeyondTheListAreFound(t *testing.T) {
	w := newMergeWorld(t)
	git(t, w.repo, "branch", "old", w.base)
	git(t, w.repo, "switch", "-q", "old")
	var b strings.Builder
	newer := git(t, w.repo, "commit-tree", "-m", "newer", "HEAD^{tree}")
	for n := range maxRefs + 5 {
		fmt.Fprintf(&b, "create refs/heads/x/%d %s\n", n, newer)
	}
	gitIn(t, w.repo, []byte(b.String()), "update-ref", "--stdin")
	refs, err := w.Refs(w.ctx, w.project, "")
	if err != nil || refs.Current != "old" || !slices.Contains(refs.Local, "old") || slices.Contains(refs.Local, "main") {
		t.Errorf("current is %q, in the list: %v, main too: %v (%v)", refs.Current, slices.Contains(refs.Local, "old"), slices.Contains(refs.Local, "main"), err)
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
	if plan := w.planMerge(session.MergeTarget{Branch: "main"}); plan.Branch != "main" || !slices.Contains(plan.Branches, "main") {
		t.Errorf("plan is for %q", plan.Branch)
	}
}
