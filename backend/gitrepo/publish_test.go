package gitrepo

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"background-agents/backend/session"
)

var someFiles = map[string]string{"a.txt": "one\ntwo\nthree\n", "b.txt": "b\n", "dir/c.txt": "c\n", "dir/d.txt": "d\n", "run.sh*": "#!/bin/sh\n", ".gitignore": "ignored/\n*.log\n"}

func TestPublishShowsCommittedAndUncommittedWork(t *testing.T) {
	w := newWorld(t, someFiles)
	unchanged := w.untouched()
	commit(t, w.agent, "agent's commit", map[string]string{"a.txt": "one\n2\nthree\n", "new/é x.txt": "new\n"})
	write(t, w.agent, map[string]string{"b.txt": "b changed\n", "untracked.txt": "u\n", "dir/c.txt": "\x00", "link": "-> a.txt", "x.log": "ignored"})
	path := w.publish(1)
	v := w.session.Result

	if got := git(t, w.repo, "rev-parse", "agents/fix-login"); got != v.Commit {
		t.Errorf("branch is at %s, want %s", got, v.Commit)
	}
	want := " M b.txt\n D dir/c.txt\n?? link\n?? untracked.txt"
	if got := git(t, path, "status", "--porcelain"); got != want {
		t.Errorf("status:\n%s\nwant:\n%s", got, want)
	}
	if got := git(t, path, "log", "--format=%s", "-1"); got != "agent's commit" {
		t.Errorf("log says %q", got)
	}
	if got := read(t, path, "new", "é x.txt"); got != "new\n" {
		t.Errorf("file holds %q", got)
	}
	if exists(filepath.Join(path, "x.log")) {
		t.Error("an ignored file came out")
	}
	if got := git(t, path, "fsck", "--no-dangling"); strings.Contains(got, "error") || strings.Contains(got, "missing") {
		t.Errorf("fsck: %s", got)
	}
	if rel, _ := filepath.Rel(filepath.Join(w.data, "worktrees"), path); rel != filepath.Join("répo-of-ada", "fix-login-sess0001") {
		t.Errorf("worktree lies in %s", rel)
	}
	if _, err := tryGit(w.repo, "config", "branch.agents/fix-login.remote"); err == nil {
		t.Error("an upstream was set")
	}
	unchanged()
}

func TestPublishUpdatesTheWorktree(t *testing.T) {
	w := newWorld(t, someFiles)
	unchanged := w.untouched()
	commit(t, w.agent, "one", map[string]string{"a.txt": "1\n"})
	write(t, w.agent, map[string]string{"untracked.txt": "u\n"})
	path := w.publish(1)
	before, _ := os.Stat(filepath.Join(path, "b.txt"))

	write(t, w.agent, map[string]string{"untracked.txt": "\x00", "b.txt": "\x00", "b.txt/now a folder": "x\n", "later.txt": "later\n"})
	commit(t, w.agent, "two", map[string]string{"dir": "\x00", "dir2/c.txt": "c\n"})
	write(t, w.agent, map[string]string{"a.txt": "2\n"})
	if again := w.publish(2); again != path {
		t.Errorf("the worktree moved to %s", again)
	}
	if got := git(t, path, "status", "--porcelain"); got != " M a.txt" {
		t.Errorf("status: %s", got)
	}
	if exists(filepath.Join(path, "dir")) || exists(filepath.Join(path, "untracked.txt")) {
		t.Error("what the agent removed is still there")
	}
	_ = before
	// The same again changes nothing.
	index, _ := os.Stat(filepath.Join(w.sessionDir(w.session), "index"))
	if _, err := w.Publish(w.ctx, w.project, w.session, w.session.Result); err != nil {
		t.Fatal(err)
	}
	if again, _ := os.Stat(filepath.Join(w.sessionDir(w.session), "index")); !again.ModTime().Equal(index.ModTime()) {
		t.Error("publishing the same twice did work")
	}
	unchanged()
}

func TestPublishLeavesWhatTheUserChanged(t *testing.T) {
	cases := map[string]struct {
		change func(w *world, path string)
		code   session.Code
	}{
		"edited file":            {func(w *world, p string) { write(w, p, map[string]string{"dir/d.txt": "mine\n"}) }, session.CodeConflict},
		"same size, same second": {func(w *world, p string) { write(w, p, map[string]string{"b.txt": "B\n"}) }, session.CodeConflict},
		"new file":               {func(w *world, p string) { write(w, p, map[string]string{"notes.txt": "mine\n"}) }, session.CodeConflict},
		"deleted file":           {func(w *world, p string) { write(w, p, map[string]string{"dir/d.txt": "\x00"}) }, session.CodeConflict},
		"mode":                   {func(w *world, p string) { _ = os.Chmod(filepath.Join(p, "b.txt"), 0o755) }, session.CodeConflict},
		"file became a link": {func(w *world, p string) {
			write(w, p, map[string]string{"b.txt": "\x00"})
			write(w, p, map[string]string{"b.txt": "-> a.txt"})
		}, session.CodeConflict},
		"folder became a link": {func(w *world, p string) {
			write(w, p, map[string]string{"dir": "\x00"})
			write(w, p, map[string]string{"dir": "-> /etc"})
		}, session.CodeConflict},
		"commit":         {func(w *world, p string) { commit(w, p, "mine", map[string]string{"m": "m\n"}) }, session.CodeConflict},
		"branch moved":   {func(w *world, p string) { git(w, p, "reset", "-q", "--soft", "HEAD~1") }, session.CodeConflict},
		"another branch": {func(w *world, p string) { git(w, p, "checkout", "-q", "-b", "mine") }, session.CodeConflict},
		"detached":       {func(w *world, p string) { git(w, p, "checkout", "-q", "--detach") }, session.CodeConflict},
		"staged, then put back": {func(w *world, p string) {
			write(w, p, map[string]string{"b.txt": "staged\n"})
			git(w, p, "add", "b.txt")
			write(w, p, map[string]string{"b.txt": "b\n"})
		}, session.CodeConflict},
		"ignored file in the way":     {func(w *world, p string) { write(w, p, map[string]string{"ignored/x": "mine\n"}) }, session.CodeConflict},
		"ignored folder in the way":   {func(w *world, p string) { write(w, p, map[string]string{"way.log/deep/x": "mine\n"}) }, session.CodeConflict},
		"ignored link in the way":     {func(w *world, p string) { write(w, p, map[string]string{"ignored": "-> /etc"}) }, session.CodeConflict},
		"staged the agent's own":      {func(w *world, p string) { git(w, p, "add", "-A") }, ""},
		"touched only":                {func(w *world, p string) { write(w, p, map[string]string{"b.txt": "b\n"}) }, ""},
		"ignored file elsewhere":      {func(w *world, p string) { write(w, p, map[string]string{"debug.log": "mine\n"}) }, ""},
		"editor's droppings":          {func(w *world, p string) { write(w, p, map[string]string{".idea/x.xml": "x", "dir/.DS_Store": "x"}) }, ""},
		"made the agent's change too": {func(w *world, p string) { write(w, p, map[string]string{"a.txt": "second\n"}) }, ""},
		"worktree deleted":            {func(w *world, p string) { _ = os.RemoveAll(p) }, ""},
		"worktree deleted and pruned": {func(w *world, p string) { _ = os.RemoveAll(p); git(w, w.repo, "worktree", "prune") }, ""},
		"worktree removed with git":   {func(w *world, p string) { git(w, w.repo, "worktree", "remove", "--force", p) }, ""},
		"administration lost":         {func(w *world, p string) { _ = os.RemoveAll(filepath.Join(w.repo, ".git", "worktrees")) }, ""},
		"administration lost and file": {func(w *world, p string) {
			_ = os.RemoveAll(filepath.Join(w.repo, ".git", "worktrees"))
			write(w, p, map[string]string{"b.txt": "mine"})
		}, session.CodeConflict},
		"moved with git": {func(w *world, p string) { git(w, w.repo, "worktree", "move", p, p+" moved") }, ""},
		"branch deleted, worktree too": {func(w *world, p string) {
			git(w, w.repo, "worktree", "remove", "--force", p)
			git(w, w.repo, "branch", "-D", w.session.Branch)
		}, ""},
		"split index": {func(w *world, p string) { git(w, p, "update-index", "--split-index") }, ""},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, someFiles)
			commit(t, w.agent, "one", map[string]string{"a.txt": "first\n"})
			write(t, w.agent, map[string]string{"untracked.txt": "u\n"})
			path := w.publish(1)
			write(t, w.agent, map[string]string{"a.txt": "second\n"})
			commit(t, w.agent, "two", map[string]string{"ignored/x": "agent's\n", "way.log": "agent's\n"})
			v := w.turn(2)
			c.change(w, path)
			files := func() string {
				out, _ := tryGit(path, "status", "--porcelain", "--ignored")
				return out + treeText(path)
			}
			before := files()
			got, err := w.Publish(w.ctx, w.project, w.session, v)
			wantCode(t, err, c.code)
			if c.code != "" {
				if files() != before {
					t.Errorf("the worktree was changed:\n%s\n---\n%s", before, files())
				}
				return
			}
			if tip := git(t, w.repo, "rev-parse", w.session.Branch); tip != v.Commit {
				t.Errorf("branch is at %s, want %s", tip, v.Commit)
			}
			if text := read(t, got, "a.txt"); text != "second\n" {
				t.Errorf("a.txt holds %q", text)
			}
			for line := range strings.Lines(git(t, got, "status", "--porcelain")) {
				if !strings.Contains(line, ".idea") && !strings.Contains(line, ".DS_Store") {
					t.Errorf("status: %s", line)
				}
			}
			if n := strings.Count(git(t, w.repo, "worktree", "list"), "\n"); n != 1 {
				t.Errorf("worktrees: %s", git(t, w.repo, "worktree", "list"))
			}
		})
	}
}

// treeText is all that lies below a folder, in words.
func treeText(dir string) string {
	var b strings.Builder
	_ = filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil {
			return nil
		}
		rel, _ := filepath.Rel(dir, path)
		info, _ := d.Info()
		b.WriteString(rel + " " + info.Mode().String())
		if d.Type().IsRegular() {
			text, _ := os.ReadFile(path)
			b.WriteString(" " + string(text))
		}
		b.WriteString("\n")
		return nil
	})
	return b.String()
}

func TestPublishTakesNothingThatIsThere(t *testing.T) {
	t.Run("branch of the user's", func(t *testing.T) {
		w := newWorld(t, someFiles)
		git(t, w.repo, "branch", "agents/fix-login")
		_, err := w.Publish(w.ctx, w.project, w.session, w.turn(1))
		wantCode(t, err, session.CodeBranchExists)
	})
	t.Run("branch where a folder must be", func(t *testing.T) {
		w := newWorld(t, someFiles)
		git(t, w.repo, "branch", "agents")
		_, err := w.Publish(w.ctx, w.project, w.session, w.turn(1))
		wantCode(t, err, session.CodeBranchExists)
		_, err = w.Publish(w.ctx, w.project, w.session, w.turn(1))
		wantCode(t, err, session.CodeBranchExists)
	})
	t.Run("folder of the user's", func(t *testing.T) {
		w := newWorld(t, someFiles)
		taken := filepath.Join(w.data, "worktrees", "répo-of-ada", "fix-login-sess0001")
		write(t, taken, map[string]string{"mine": "mine"})
		path := w.publish(1)
		if path != taken+"-2" || read(t, taken, "mine") != "mine" {
			t.Errorf("worktree is %s", path)
		}
	})
	t.Run("root that is a file", func(t *testing.T) {
		w := newWorld(t, someFiles)
		write(t, w.data, map[string]string{"worktrees": "a file"})
		_, err := w.Publish(w.ctx, w.project, w.session, w.turn(1))
		wantCode(t, err, session.CodeWorktreeTaken)
	})
	t.Run("branch checked out in the main worktree", func(t *testing.T) {
		w := newWorld(t, someFiles)
		path := w.publish(1)
		git(t, w.repo, "worktree", "remove", "--force", path)
		git(t, w.repo, "checkout", "-q", w.session.Branch)
		commit(t, w.agent, "one", map[string]string{"a.txt": "first\n"})
		_, err := w.Publish(w.ctx, w.project, w.session, w.turn(2))
		wantCode(t, err, session.CodeConflict)
		if got := git(t, w.repo, "status", "--porcelain"); got != "" {
			t.Errorf("the user's files seem changed: %s", got)
		}
	})
	t.Run("bad branch name", func(t *testing.T) {
		w := newWorld(t, someFiles)
		for _, name := range []string{"", "-x", "a..b", "a b", "x.lock", "a\nb", "@{"} {
			w.session.Branch = name
			_, err := w.Publish(w.ctx, w.project, w.session, w.turn(1))
			wantCode(t, err, session.CodeInvalid)
			_ = os.RemoveAll(w.sessionDir(w.session))
		}
	})
	t.Run("result that never came in", func(t *testing.T) {
		w := newWorld(t, someFiles)
		v := w.turn(1)
		v.Files = git(t, w.repo, "rev-parse", "HEAD~1")
		_, err := w.Publish(w.ctx, w.project, w.session, v)
		wantCode(t, err, session.CodeNotFound)
	})
}

func TestPublishWorksInEveryKindOfRepository(t *testing.T) {
	kinds := map[string]func(w *world){
		"bare": func(w *world) {
			bare := filepath.Join(filepath.Dir(w.repo), "bare.git")
			git(w, w.repo, "clone", "-q", "--bare", w.repo, bare)
			w.repo, w.project.Path = bare, bare
		},
		"detached HEAD": func(w *world) { git(w, w.repo, "checkout", "-q", "--detach") },
		"dirty": func(w *world) {
			write(w, w.repo, map[string]string{"a.txt": "dirty", "new": "new"})
			git(w, w.repo, "add", "a.txt")
		},
		"worktree config": func(w *world) {
			git(w, w.repo, "config", "extensions.worktreeConfig", "true")
			git(w, w.repo, "config", "--worktree", "core.sparseCheckout", "true")
		},
		"sparse": func(w *world) { git(w, w.repo, "sparse-checkout", "set", "dir") },
		"borrowing": func(w *world) {
			other := filepath.Join(filepath.Dir(w.repo), "borrower")
			git(w, filepath.Dir(w.repo), "clone", "-q", "--shared", w.repo, other)
			w.repo, w.project.Path = other, other
		},
		"relative borrowing": func(w *world) {
			other := filepath.Join(filepath.Dir(w.repo), "borrower")
			git(w, filepath.Dir(w.repo), "clone", "-q", "--shared", w.repo, other)
			write(w, other, map[string]string{".git/objects/info/alternates": "../../../" + filepath.Base(w.repo) + "/.git/objects\n"})
			w.repo, w.project.Path = other, other
		},
		"submodule": func(w *world) {
			sub := filepath.Join(filepath.Dir(w.repo), "sub")
			git(w, filepath.Dir(w.repo), "init", "-q", sub)
			commit(w, sub, "sub", map[string]string{"s": "s"})
			git(w, w.repo, "-c", "protocol.file.allow=always", "submodule", "add", "-q", sub, "lib")
			w.base = commit(w, w.repo, "submodule", nil)
		},
		"colon and quote in its path": func(w *world) {
			odd := filepath.Join(filepath.Dir(w.repo), "a:b \"c\" #d")
			if err := os.Rename(w.repo, odd); err != nil {
				w.Fatal(err)
			}
			w.repo, w.project.Path = odd, odd
		},
	}
	for name, change := range kinds {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, someFiles)
			change(w)
			if w.session.BaseCommit != w.base {
				w.session.BaseCommit = w.base
				w.agent += "2"
				w.cloneAgent()
			}
			unchanged := w.untouched()
			commit(t, w.agent, "one", map[string]string{"a.txt": "first\n"})
			write(t, w.agent, map[string]string{"untracked.txt": "u\n"})
			path := w.publish(1)
			if got := git(t, path, "status", "--porcelain"); got != "?? untracked.txt" {
				t.Errorf("status: %s", got)
			}
			if !exists(filepath.Join(path, "b.txt")) {
				t.Error("not all files are there")
			}
			commit(t, w.agent, "two", map[string]string{"a.txt": "second\n"})
			w.publish(2)
			if edits, err := w.Edits(w.ctx, w.project, w.session); err != nil || len(edits) > 0 {
				t.Errorf("edits: %v %v", edits, err)
			}
			unchanged()
			if err := w.Forget(w.ctx, w.project, w.session, true); err != nil {
				t.Fatal(err)
			}
			unchanged()
			if out := git(t, w.repo, "for-each-ref", "refs/heads/agents"); out != "" || exists(path) {
				t.Errorf("left: %s %v", out, exists(path))
			}
		})
	}
}
