package gitrepo

import (
	"os"
	"path/filepath"
	"testing"

	"background-agents/backend/session"
	"background-agents/build/test/slow"
)

// separate moves a repository's git folder away as `git init --separate-git-dir` does: to dir.gitdir.
func separate(t testing.TB, dir string) string {
	t.Helper()
	git(t, dir, "init", "-q", "--separate-git-dir", dir+".gitdir", dir)
	return dir
}

// behindLink moves a repository's git folder away and leaves a symbolic link to it.
func behindLink(t testing.TB, dir string) {
	t.Helper()
	if err := os.Rename(filepath.Join(dir, ".git"), dir+".gitdir"); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(dir+".gitdir", filepath.Join(dir, ".git")); err != nil {
		t.Fatal(err)
	}
}

// submodule makes dir the submodule of a new repository, in the same place.
func submodule(t testing.TB, dir string) {
	t.Helper()
	super := filepath.Join(t.TempDir(), "super")
	git(t, filepath.Dir(super), "init", "-q", super)
	git(t, super, "-c", "protocol.file.allow=always", "submodule", "add", "-q", dir, "lib")
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(filepath.Join(super, "lib"), dir); err != nil {
		t.Fatal(err)
	}
}

// layouts are places that a repository's git folder can have other than .git.
var layouts = map[string]func(t testing.TB, dir string){
	"separate git folder": func(t testing.TB, dir string) { separate(t, dir) },
	"link to git folder":  behindLink,
	"submodule":           submodule,
	"core.worktree": func(t testing.TB, dir string) {
		separate(t, dir)
		git(t, dir, "config", "core.worktree", dir)
	},
}

func TestMergeFindsTheCheckoutOfAGitFolderElsewhere(t *testing.T) {
	for name, move := range layouts {
		t.Run(name, func(t *testing.T) {
			w := newMergeWorld(t)
			w.moveGitFolder(move)
			w.merged(w.planMerge(session.MergeTarget{}))
			if got := read(t, w.repo, "a.txt") + read(t, w.repo, "new/c.txt"); got != "one\nc\n" {
				t.Errorf("files are %q", got)
			}
			if got := git(t, w.repo, "status", "--porcelain"); got != "" {
				t.Errorf("status is %q", got)
			}
		})
	}
	t.Run("in use", func(t *testing.T) {
		w := newMergeWorld(t)
		w.moveGitFolder(behindLink)
		plan := w.planMerge(session.MergeTarget{})
		write(t, w.repo, map[string]string{"b.txt": "mine\n"})
		_, err := w.Merge(w.ctx, w.project, w.session, plan.Yes())
		wantCode(t, err, session.CodeConflict)
	})
}

// moveGitFolder gives the repository, which the session's worktree belongs to, another layout.
func (w *world) moveGitFolder(move func(t testing.TB, dir string)) {
	w.Helper()
	w.must(w.Forget(w.ctx, w.project, w.session, true))
	move(w, w.repo)
	w.session.Result = session.Verified{}
	w.publish(1)
}

// A base without files: the git folder, taken for the checkout, would look clean, and the agent's files would become
// git's own.
func TestMergeNeverWritesIntoAGitFolder(t *testing.T) {
	slow.Test(t)
	for name, move := range layouts {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, nil)
			git(t, w.repo, "rm", "-q", "old.txt")
			w.base = commit(t, w.repo, "no files", nil)
			w.session.BaseCommit = w.base
			git(t, w.repo, "switch", "-q", "-c", "other") // of a submodule, main is cloned
			git(t, w.repo, "switch", "-q", "main")
			git(t, w.agent, "fetch", "-q", w.repo, "main")
			git(t, w.agent, "reset", "-q", "--hard", "FETCH_HEAD")
			move(t, w.repo)
			mark := filepath.Join(t.TempDir(), "ran")
			hook := "#!/bin/sh\ntouch '" + mark + "'\n"
			commit(t, w.agent, "evil", map[string]string{"hooks/post-commit*": hook, "config": "[core]\n\tfsmonitor = touch '" + mark + "'\n", "HEAD.txt": "x"})
			w.publish(1)
			common := git(t, w.repo, "rev-parse", "--path-format=absolute", "--git-common-dir")
			config := read(t, common, "config")
			plan := w.planMerge(session.MergeTarget{})
			if len(plan.Risky) != 1 || plan.Risky[0] != "hooks/post-commit" {
				t.Errorf("risky are %q", plan.Risky)
			}
			w.merged(plan)
			if read(t, w.repo, "hooks/post-commit") != hook || read(t, w.repo, "HEAD.txt") != "x" {
				t.Error("the files are not in the checkout")
			}
			if read(t, common, "config") != config || exists(filepath.Join(common, "hooks/post-commit")) || exists(filepath.Join(common, "HEAD.txt")) {
				t.Error("the agent's files are in the git folder")
			}
			git(t, w.repo, "commit", "-q", "--allow-empty", "-m", "user")
			if exists(mark) {
				t.Error("the agent's hook ran")
			}
			write(t, common, map[string]string{"hooks/post-commit*": hook}) // the positive control
			git(t, w.repo, "commit", "-q", "--allow-empty", "-m", "user")
			if !exists(mark) {
				t.Error("a hook in the git folder does not run: the test shows nothing")
			}
		})
	}
}

func TestMergeIsRefusedWhereTheCheckoutIsUnknown(t *testing.T) {
	w := newMergeWorld(t)
	linked := w.repo + "-linked"
	w.must(w.Forget(w.ctx, w.project, w.session, true))
	separate(t, w.repo)
	git(t, w.repo, "worktree", "add", "-q", "-b", "x", linked)
	w.project.Path = linked
	w.session.Result = session.Verified{}
	w.publish(1)
	_, err := w.PlanMerge(w.ctx, w.project, w.session, session.MergeTarget{Branch: "main"})
	wantCode(t, err, session.CodeConflict)
	plan := w.planMerge(session.MergeTarget{Branch: "x"})
	w.merged(plan)
	if got := git(t, linked, "status", "--porcelain") + read(t, linked, "a.txt"); got != "one\n" {
		t.Errorf("the worktree is %q", got)
	}
}

func TestAFolderInPlaceOfAWorktreeIsNotWritten(t *testing.T) {
	w := newMergeWorld(t)
	linked := w.repo + "-linked"
	git(t, w.repo, "worktree", "add", "-q", "-b", "x", linked, w.base)
	w.must(os.RemoveAll(linked))
	write(t, linked, map[string]string{"a.txt": "a\n", "b.txt": "b\n"})
	w.merged(w.planMerge(session.MergeTarget{Branch: "x"}))
	if got := read(t, linked, "a.txt"); got != "a\n" {
		t.Errorf("a.txt is %q", got)
	}
}
