//go:build linux

package redteam

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"background-agents/backend/session"
	"background-agents/build/test/slow"
)

// trap is a way to make somebody's git run the agent's code. The code makes a file named for the trap in a folder that
// only the user's machine has.
type trap struct {
	name  string
	user  []string          // name=value: configuration of the user's, which trusts files of the repository as many do
	files map[string]string // of the agent's, RUN is its code
}

var traps = []trap{
	{"hooks in the repository", []string{"core.hooksPath=.husky"}, map[string]string{
		".husky/post-checkout": "RUN", ".husky/post-index-change": "RUN", ".husky/reference-transaction": "RUN",
		".husky/pre-push": "RUN", ".husky/post-merge": "RUN"}},
	{"monitor", []string{"core.fsmonitor=tools/monitor"}, map[string]string{"tools/monitor": "RUN"}},
	{"smudge", []string{"filter.s.smudge=tools/smudge"}, map[string]string{"tools/smudge": "RUN", "z-s.txt": "s"}},
	{"clean", []string{"filter.c.clean=sh tools/clean"}, map[string]string{"tools/clean": "RUN", "c.txt": "c"}},
	{"LFS", []string{"filter.lfs.smudge=tools/lfs"}, map[string]string{
		"tools/lfs": "RUN", "z-l.txt": "l", ".lfsconfig": "[lfs]\n\turl = http://127.0.0.1:9/\n"}},
	{"textconv", []string{"diff.d.textconv=tools/textconv"}, map[string]string{"tools/textconv": "RUN", "d.txt": "d"}},
	{"merge driver", []string{"merge.m.driver=tools/merge"}, map[string]string{"tools/merge": "RUN", "m.txt": "m"}},
	{"submodule", []string{"submodule.evil.update=!sh ../tools/submodule"}, map[string]string{"tools/submodule": "RUN",
		".gitmodules": "[submodule \"evil\"]\n\tpath = sub\n\turl = ./sub\n"}},
}

// attributes give the files above to their filters and drivers.
const attributes = "z-s.txt filter=s\nc.txt filter=c\nz-l.txt filter=lfs\nd.txt diff=d\nm.txt merge=m\n"

// ownTraps are in the agent's git directory, where only who opens that directory meets them.
const ownTraps = `cd /workspace
trap_() { printf '#!/bin/sh\n: > "CANARY/%s"\n' "$1" > "$2"; chmod 755 "$2"; }
trap_ 'own monitor' .git/monitor && git config core.fsmonitor "$PWD/.git/monitor"
git config core.fsmonitor ': > "CANARY/own monitor"; false'
git config diff.external ': > "CANARY/own external diff"; true'
git config core.pager 'true' && git config filter.own.clean ': > "CANARY/own filter"; cat' &&
  echo '*.own filter=own' >> .git/info/attributes
echo own > f.own
git config core.sshCommand ': > "CANARY/own ssh"; false' && git config credential.helper '!: > "CANARY/own helper"' &&
  git config uploadpack.packObjectsHook ': > "CANARY/own pack"; true'
mkdir -p nested && git init -q nested && git -C nested config core.fsmonitor ': > "CANARY/nested"; false' &&
  echo n > nested/n && git -C nested add n && git -C nested -c user.name=x -c user.email=x commit -qm n
echo 'HOME/code' >> .git/objects/info/alternates
mkdir -p .git/refs/heads .git/refs/tags && for n in -x --upload-pack=x '$(touch x)'; do
  git rev-parse HEAD > ".git/refs/heads/$n"; git rev-parse HEAD > ".git/refs/tags/$n"
done
git replace --graft HEAD 2>/dev/null; true`

// The victim's git never runs what the agent wrote: not by a configuration of the user's that trusts the repository,
// and not by the agent's own git directory. What the user would do with plain git is the control.
func TestHostGitRunsNothingOfTheAgents(t *testing.T) {
	v := theVictim(t)
	canary := filepath.Join(filepath.Dir(v.data), "ran")
	must(t, os.MkdirAll(canary, 0o755))
	repo := filepath.Join(v.home, "code", "trusting")
	write(t, filepath.Join(repo, "m.txt"), "base\n")
	git(t, repo, "init", "-q", "-b", "main")
	git(t, repo, "add", "-A")
	git(t, repo, "commit", "-qm", "first")
	for _, tr := range traps {
		for _, kv := range tr.user {
			name, value, _ := strings.Cut(kv, "=")
			git(t, repo, "config", name, value)
		}
	}
	git(t, repo, "config", "submodule.evil.active", "true")
	p, err := v.AddProject(ctx, repo)
	must(t, err)
	s := v.session(t, session.NewSession{Project: p.ID}, "demo: text Ready.")

	var b strings.Builder
	b.WriteString("cd /workspace\n")
	for _, tr := range traps {
		for path, text := range tr.files {
			b.WriteString("mkdir -p '" + filepath.Dir(path) + "'\n")
			text = strings.ReplaceAll(text, "RUN", "#!/bin/sh\n: > '"+canary+"/"+tr.name+"'\ncat \"$@\" 2>/dev/null || true\n")
			b.WriteString("cat > '" + path + "' <<'END'\n" + text + "\nEND\nchmod 755 '" + path + "'\n")
		}
	}
	b.WriteString("cat > .gitattributes <<'END'\n" + attributes + "END\n")
	b.WriteString("git update-index --add --cacheinfo 160000,$(git rev-parse HEAD),sub\n" +
		"git add -A . ':!sub' && git commit -qm traps\n")
	v.script(t, s.ID, "/tmp/traps.sh", b.String())
	v.script(t, s.ID, "/tmp/own.sh", strings.NewReplacer("CANARY", canary, "HOME", v.home).Replace(ownTraps))
	s = v.turn(t, s.ID, "demo: bash bash /tmp/traps.sh")
	if !exists(filepath.Join(s.Worktree, "tools", "monitor")) {
		t.Fatalf("the traps did not come out: %+v\n%s", s.Error,
			v.sh(t, s.ID, "cd /workspace; git status --short; git log --oneline"))
	}
	for _, want := range []string{".gitattributes", ".gitmodules", ".husky/pre-push", ".lfsconfig", "sub"} {
		if !slices.Contains(s.Result.Risky, want) {
			t.Errorf("%s is not named as dangerous: %v", want, s.Result.Risky)
		}
	}
	// Both sides change the same file: the user's changes are merged into the agent's.
	write(t, filepath.Join(s.Worktree, "m.txt"), "user\n")
	write(t, filepath.Join(s.Worktree, "c.txt"), "user\n")
	s = v.turn(t, s.ID, "demo: bash echo agent > m.txt; echo more > more.txt")
	if err := v.SendEdits(ctx, s.ID); err != nil && session.CodeOf(err) != session.CodeConflict {
		t.Error(err)
	}
	git(t, s.Worktree, "-c", "core.hooksPath=/dev/null", "-c", "core.fsmonitor=false",
		"checkout", "-q", "--", "m.txt", "c.txt")
	out := v.sh(t, s.ID, "bash /tmp/own.sh")
	if err := v.Checkpoint(ctx, s.ID); err != nil && session.CodeOf(err) != session.CodeConflict {
		t.Error(err)
	}
	everything(t, v, v.get(s.ID))
	if ran := names(t, canary); len(ran) > 0 {
		t.Fatalf("the agent's code ran on the host: %v", ran)
	}
	if refs := git(t, repo, "for-each-ref", "--format=%(refname)"); refs != "refs/heads/"+s.Branch+"\nrefs/heads/main\n" {
		t.Errorf("the user's repository has the refs %q", refs)
	}

	// The controls: what a user does with plain git.
	plain := filepath.Join(t.TempDir(), "plain")
	plainGit(repo, "worktree", "add", "-b", "plain", plain, s.Branch)
	plainGit(plain, "status")
	write(t, filepath.Join(plain, "c.txt"), "changed")
	write(t, filepath.Join(plain, "m.txt"), "ours\n")
	plainGit(plain, "add", "c.txt", "m.txt")
	plainGit(plain, "commit", "-m", "ours")
	plainGit(plain, "diff", s.Branch, "--", "d.txt")
	plainGit(plain, "diff", "main", "HEAD", "--", "d.txt")
	plainGit(plain, "-c", "protocol.ext.allow=always", "checkout", "-b", "theirs", "main")
	write(t, filepath.Join(plain, "m.txt"), "theirs\n")
	write(t, filepath.Join(plain, "tools", "merge"), "#!/bin/sh\n: > '"+canary+"/merge driver'\n")
	must(t, os.Chmod(filepath.Join(plain, "tools", "merge"), 0o755))
	write(t, filepath.Join(plain, ".gitattributes"), attributes)
	plainGit(plain, "commit", "-am", "theirs")
	plainGit(plain, "merge", "plain")
	git(t, repo, "config", "submodule.evil.url", repo)
	plainGit(plain, "checkout", "-f", "plain")
	plainGit(plain, "-c", "protocol.file.allow=always", "submodule", "update", "--init", "sub")
	ran := names(t, canary)
	for _, tr := range traps {
		if !slices.Contains(ran, tr.name) {
			t.Errorf("control: plain git did not run %q either: %v", tr.name, ran)
		}
	}
	opened := filepath.Join(t.TempDir(), "opened")
	docker(t, "cp", v.container(t, s.ID)+":/workspace", opened)
	plainGit(opened, "status")
	plainGit(opened, "diff")
	write(t, filepath.Join(opened, "f.own"), "changed")
	plainGit(opened, "add", "f.own")
	plainGit(filepath.Join(opened, "nested"), "status")
	ran = names(t, canary)
	for _, name := range []string{"own monitor", "own external diff", "own filter", "nested"} {
		if !slices.Contains(ran, name) {
			t.Errorf("control: opening the agent's folder did not run %q: %v\n%s", name, ran, out)
		}
	}
}

// An agent that bends its own git directory to another place changes nothing but its own results.
func TestABentGitDirectoryIsTheAgentsOwnTrouble(t *testing.T) {
	slow.Test(t)
	v := theVictim(t)
	canary := filepath.Join(filepath.Dir(v.data), "bent")
	s := v.session(t, session.NewSession{}, "demo: write one.txt 1")
	v.sh(t, s.ID, "cp -a /workspace/.git /home/agent/good")
	const monitor = `.other/config core.fsmonitor ': > "CANARY"; false'`
	for name, bend := range map[string]string{
		"commondir":      `cp -r .git .other && git -C . config --file ` + monitor + ` && echo ../.other > .git/commondir`,
		"pointer":        `mv .git .other && git config --file ` + monitor + ` && echo "gitdir: .other" > .git`,
		"link":           `mv .git .other && git config --file ` + monitor + ` && ln -s .other .git`,
		"other worktree": `git config core.fsmonitor ': > "CANARY"; false' && git config core.worktree HOME`,
	} {
		t.Run(name, func(t *testing.T) {
			v.sh(t, s.ID, "cd /workspace && rm -rf .git .other && cp -a /home/agent/good .git && "+
				strings.NewReplacer("CANARY", canary, "HOME", v.home).Replace(bend)+"; echo two > two.txt")
			_ = v.Checkpoint(ctx, s.ID) // may fail: it is the agent's
			v.diff(t, s.ID)
			_, err := v.Edits(ctx, s.ID)
			must(t, err)
			_, err = v.Unsaved(ctx, s.ID)
			must(t, err)
			if exists(canary) {
				t.Fatal("the agent's code ran on the host")
			}
			opened := filepath.Join(t.TempDir(), "opened")
			docker(t, "cp", v.container(t, s.ID)+":/workspace", opened)
			_ = os.WriteFile(filepath.Join(opened, ".git", "objects", "info", "alternates"),
				[]byte(filepath.Join(v.repo, ".git", "objects")+"\n"), 0o644)
			plainGit(opened, "status")
			said := plainGit(v.home, "--git-dir="+opened+"/.git", "status")
			if !exists(canary) {
				t.Errorf("control: opening the agent's folder did not run it either: %s", said)
			}
			_ = os.Remove(canary)
		})
	}
}

func names(t *testing.T, dir string) []string {
	t.Helper()
	list, err := os.ReadDir(dir)
	must(t, err)
	var all []string
	for _, e := range list {
		all = append(all, e.Name())
	}
	return all
}
