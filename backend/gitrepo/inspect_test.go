package gitrepo

import (
	"context"
	"os"
	"os/user"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

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
		"spaces and unicode": {func(t *testing.T) (string, string) { d := fresh(t, "mein Pröjekt 日本"); return d, d },
			"",
			session.Repository{Name: "mein Pröjekt 日本", Branch: "main"}},
		"sub-folder": {func(t *testing.T) (string, string) { d := fresh(t, "p"); return filepath.Join(d, "sub"), d },
			"", session.Repository{Name: "p", Branch: "main"}},
		"file in it": {func(t *testing.T) (string, string) { d := fresh(t, "p"); return filepath.Join(d, "a.txt"), d },
			"", session.Repository{Name: "p", Branch: "main"}},
		"its .git": {func(t *testing.T) (string, string) { d := fresh(t, "p"); return filepath.Join(d, ".git"), d },
			"", session.Repository{Name: "p", Branch: "main"}},
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
		"linked worktree beside a separate git folder": {func(t *testing.T) (string,
			string) { // git cannot name the main checkout
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
				"x.bin": "version https://git-lfs.github.com/spec/v1\noid sha256:" + strings.Repeat("0",
					64) + "\nsize 12\n"})
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
		"not a repository": {func(t *testing.T) (string, string) { return t.TempDir(), "" }, session.CodeNotRepository,
			session.Repository{}},
		"nothing there": {func(t *testing.T) (string, string) { return filepath.Join(t.TempDir(), "x"), "" },
			session.CodeNotRepository, session.Repository{}},
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
				t.Skip("only root may give a folder to another user")
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
		"https://u:p@h/x": "https://h/x", "https://token@h/x": "https://h/x",
		"git@github.com:o/r.git": "git@github.com:o/r.git",
		"ssh://git:pw@h:22/x":    "ssh://git@h:22/x", "/a b/c": "/a b/c", `C:\x`: `C:\x`,
		"https://u:p%zz@h/x": "https://h/x",
	} {
		if got := withoutCredentials(in); got != want {
			t.Errorf("%s became %s, want %s", in, got, want)
		}
	}
}
