//go:build linux

package redteam

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"background-agents/backend/session"
	"background-agents/build/test/slow"
)

// escapes is what an agent leaves in its workspace to reach out of the worktree. HOME is the user's home.
const escapes = `cd /workspace
ln -s HOME/.ssh/id_ed25519 key
ln -s ../../../../../../../../../../HOME/notes.txt notes
ln -s HOME/.ssh ssh
ln -s .git/config config
ln -s /proc/self/environ environ
ln /etc/passwd hard 2>/dev/null || cp /etc/passwd hard
mkfifo pipe
mknod device c 1 3 2>/dev/null
mknod disk b 8 0 2>/dev/null
cp /bin/sh suid && chmod 6755 suid
mkdir sticky && chmod 7777 sticky && echo x > sticky/x && chmod 6777 sticky/x
printf a > Case; printf b > CASE; mkdir Dir DIR; printf a > Dir/f; printf b > DIR/F
printf 1 > "$(printf 'caf\303\251')"; printf 2 > "$(printf 'cafe\314\201')"
printf x > "$(printf '\342\200\256gpj.exe')"; printf x > "$(printf 'new\nline')"
printf x > "$(printf 'red\033[31m\033]0;title\007')"; printf x > ./-rf; printf x > ./--help
printf x > 'nul.txt '; printf x > 'con'; printf x > 'back\slash..\..\up'
printf '%s' "$(printf 'n%.0s' $(seq 255))" > "$(printf 'n%.0s' $(seq 255))"
d=; for i in $(seq 4); do d=$d$(printf 'd%.0s' $(seq 200))/; done; mkdir -p "$d" && echo deep > "$d/deep"
echo done`

// A worktree holds plain files, folders and links, and nothing that the agent made leads the application out of it.
func TestFilesOfAnAgentStayInTheWorktree(t *testing.T) {
	v := theVictim(t)
	before := listing(t, v.home, v.repo)
	s := v.session(t, session.NewSession{}, "demo: text Ready.")
	v.script(t, s.ID, "/tmp/escape.sh", strings.ReplaceAll(escapes, "HOME", v.home))
	made := v.sh(t, s.ID, "bash /tmp/escape.sh && git add -A && git commit -qm escape")
	if s = v.take(t, s.ID); !exists(filepath.Join(s.Worktree, "suid")) {
		t.Fatalf("nothing came out: %s", made)
	}
	plainFiles(t, s.Worktree)
	v.sh(t, s.ID, "d=$(printf 'd%.0s' $(seq 250)) && mkdir -p $d/$d/$d/$d/$d && echo x > $d/$d/$d/$d/$d/x")
	if err := v.Checkpoint(ctx, s.ID); session.CodeOf(err) != session.CodeQuarantine {
		t.Errorf("a path of 1,250 bytes: %v", err)
	}
	v.sh(t, s.ID, "rm -r ddd*")
	// A folder takes the place of a link, with a file of the name that the link's target has.
	v.sh(t, s.ID, "rm ssh && mkdir ssh && echo overwritten > ssh/id_ed25519 && rm notes && echo overwritten > notes && "+
		"git add -A && git commit -qm folder")
	s = v.take(t, s.ID)
	if got := read(t, filepath.Join(s.Worktree, "ssh", "id_ed25519")); got != "overwritten\n" {
		t.Errorf("the second result did not come: %q", got)
	}
	everything(t, v, s)
	if after := listing(t, v.home, v.repo); after != before {
		t.Errorf("the home was\n%s\nand is\n%s", before, after)
	}
	for where, value := range v.canaries.files {
		if got := read(t, where); got != value+"\n" {
			t.Errorf("%s holds %q", where, got)
		}
	}
	// What the user changed in the worktree goes back to the agent, and nothing behind its links does.
	write(t, filepath.Join(s.Worktree, "mine.txt"), "mine")
	must(t, v.SendEdits(ctx, s.ID))
	out := v.sh(t, s.ID, "cat /workspace/mine.txt; cat /workspace/key /workspace/ssh/* /workspace/environ 2>/dev/null")
	if !strings.HasPrefix(out, "mine") || len(v.canaries.in(out)) > 0 {
		t.Errorf("the sandbox holds %q", out)
	}
	for _, f := range v.diff(t, s.ID) {
		if found := v.canaries.in(f); len(found) > 0 {
			t.Errorf("the difference shows %v", found)
		}
	}

	t.Run("control: a program that follows the links finds the keys", func(t *testing.T) {
		if found := v.canaries.in(read(t, filepath.Join(s.Worktree, "key"))); len(found) == 0 {
			t.Error("the link leads nowhere: the attack proves nothing")
		}
	})
	t.Run("control: a mounted folder takes it all", func(t *testing.T) {
		dir := t.TempDir()
		docker(t, "run", "--rm", "--user", "0", "--network", "none", "-v", dir+":/workspace",
			"--entrypoint", "bash", v.image(t), "-c",
			strings.ReplaceAll(escapes, "HOME", v.home))
		kinds := map[fs.FileMode]bool{}
		for _, name := range []string{"pipe", "device", "disk", "suid"} {
			if info, err := os.Lstat(filepath.Join(dir, name)); err == nil {
				kinds[info.Mode()&(fs.ModeNamedPipe|fs.ModeDevice|fs.ModeCharDevice|fs.ModeSetuid)] = true
			}
		}
		if !kinds[fs.ModeNamedPipe] || !kinds[fs.ModeSetuid] || !kinds[fs.ModeDevice] {
			t.Errorf("a mounted folder has only %v: the attack proves nothing", kinds)
		}
	})
	t.Run("control: a mounted home is read", func(t *testing.T) {
		out := docker(t, "run", "--rm", "--network", "none", "-v", v.home+":/victim:ro",
			"--entrypoint", "cat", v.image(t), "/victim/notes.txt")
		if len(v.canaries.in(out)) == 0 {
			t.Error("the canary cannot be read where it is mounted")
		}
	})
}

// Names that mean git's own folder on another file system, and trees that no git makes, never come out.
func TestTreesThatNoGitMakesAreRefused(t *testing.T) {
	slow.Test(t)
	v := theVictim(t)
	s := v.session(t, session.NewSession{}, "demo: text Ready.")
	home := "blob=$(git hash-object -w --stdin </dev/null) && " +
		"inner=$(printf '100644 blob %s\tconfig\n' $blob | git mktree) && "
	tree := func(mode, kind, name, of string) string {
		return home + `tree=$(printf '` + mode + " " + kind + ` %s\t` + name + `\n' $` + of + ` | git mktree) && `
	}
	raw := func(entries string) string { // a tree object byte by byte
		return home + `bin=$(printf $blob | sed 's/../\\x&/g') && ` +
			`tree=$(printf "` + entries + `" | git hash-object -w -t tree --literally --stdin) && `
	}
	for name, c := range map[string]struct{ make, path string }{
		"git's folder":                           {tree("040000", "tree", ".git", "inner"), ".git/config"},
		"git's folder in upper case":             {tree("040000", "tree", ".GIT", "inner"), ".GIT/config"},
		"git's folder by its short name":         {tree("040000", "tree", "git~1", "inner"), "git~1/config"},
		"git's folder with an ignored character": {tree("040000", "tree", `.g\342\200\214it`, "inner"), ".g\u200cit/config"},
		"parent folder":                          {tree("100644", "blob", "..", "blob"), ".."},
		"link as .gitmodules":                    {tree("120000", "blob", ".gitmodules", "blob"), ".gitmodules"},
		"option as a submodule's address": {home +
			`blob=$(printf '[submodule "x"]\n\tpath = x\n\turl = --upload-pack=x\n' | git hash-object -w --stdin) && ` +
			tree("100644", "blob", ".gitmodules", "blob")[len(home):], ".gitmodules"},
		"path as a name": {raw(`100644 a/b\0$bin`), "a/b"},
		"padded mode":    {raw(`0100644 padded\0$bin`), "padded"},
		"name twice":     {raw(`100644 twice\0${bin}100644 twice\0$bin`), "twice"},
		"unsorted":       {raw(`100644 b\0${bin}100644 a\0$bin`), "a"},
	} {
		t.Run(name, func(t *testing.T) {
			id := strings.TrimSpace(v.sh(t, s.ID, "cd /workspace && git reset -q --hard BASE 2>/dev/null; "+c.make+
				"commit=$(git commit-tree -p "+s.BaseCommit+" -m x $tree) && "+
				"git update-ref refs/heads/"+s.Branch+" $commit && echo $commit"))
			if len(id) != 40 {
				t.Fatalf("the agent could not make it: %s", id)
			}
			if err := v.Checkpoint(ctx, s.ID); session.CodeOf(err) != session.CodeQuarantine {
				t.Errorf("its result: %v", err)
			}
			worktree := v.get(s.ID).Worktree
			if worktree != "" && c.path != ".git/config" && c.path != ".." && exists(filepath.Join(worktree, c.path)) {
				t.Error("it is in the worktree")
			}
			for _, repo := range []string{v.repo, at(t, v, s)} {
				if plainGit(repo, "cat-file", "-t", id) == "commit\n" {
					t.Errorf("%s has the commit", repo)
				}
			}
			// The control: git as it is by default fetches it.
			dir := t.TempDir()
			docker(t, "cp", v.container(t, s.ID)+":/workspace/.git", dir+"/agent")
			git(t, dir, "init", "-q", "--bare", "plain")
			for _, name := range []string{"plain", "agent"} {
				must(t, os.WriteFile(filepath.Join(dir, name, "objects", "info", "alternates"),
					[]byte(filepath.Join(v.repo, ".git", "objects")+"\n"), 0o644))
			}
			plainGit(filepath.Join(dir, "plain"), "fetch", "-q", dir+"/agent", "refs/heads/"+s.Branch+":refs/heads/got")
			if plainGit(filepath.Join(dir, "plain"), "cat-file", "-t", id) != "commit\n" {
				t.Error("control: a plain fetch did not take it either")
			}
		})
	}
}

// at is the quarantine of a session's project.
func at(t *testing.T, v *victim, s session.Session) string {
	t.Helper()
	dir := filepath.Join(v.data, "projects", string(s.Project), "quarantine.git")
	if !exists(dir) {
		t.Fatalf("%s is not there", dir)
	}
	return dir
}

// plainFiles fails where a tree holds what is no plain file, folder or link, or a file with more than the rights of
// one.
func plainFiles(t *testing.T, root string) {
	t.Helper()
	n := 0
	must(t, filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		must(t, err)
		info, err := os.Lstat(path)
		must(t, err)
		n++
		switch mode := info.Mode(); {
		case mode.Type()&^(fs.ModeDir|fs.ModeSymlink) != 0:
			t.Errorf("%q is a %v", path, mode)
		case mode&(fs.ModeSetuid|fs.ModeSetgid|fs.ModeSticky) != 0, mode.IsRegular() && mode.Perm()&0o022 != 0:
			t.Errorf("%q has the mode %v", path, mode)
		case mode.IsRegular() && info.Sys().(*syscall.Stat_t).Nlink != 1:
			t.Errorf("%q is a hard link", path)
		}
		return nil
	}))
	if n < 20 {
		t.Errorf("the worktree has only %d files: the attack did not take place", n)
	}
}

// listing is all that a folder holds, but for what lies in skip.
func listing(t *testing.T, root, skip string) string {
	t.Helper()
	var b strings.Builder
	must(t, filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		must(t, err)
		if path == skip {
			return fs.SkipDir
		}
		info, err := d.Info()
		must(t, err)
		b.WriteString(path + " " + info.Mode().String())
		if info.Mode().IsRegular() {
			b.WriteString(" " + info.ModTime().String())
		}
		b.WriteString("\n")
		return nil
	}))
	return b.String()
}
