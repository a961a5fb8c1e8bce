package workspace

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"background-agents/build/test/slow"
	"background-agents/sandbox/wire"
)

func TestCheckpointHoldsTheWholeTree(t *testing.T) {
	f := clone(t, map[string]string{"a": "1", "b": "2", "c": "3", ".gitignore": "*.log\n"})
	if c := f.checkpoint(); c.Commit != f.base || c.Files != f.base {
		t.Fatalf("clean tree: %+v", c)
	}
	f.agent("echo new > d; echo changed > a; rm b; git mv c e; echo no > x.log; git add d; echo later > d")
	const index = "git --no-optional-locks status --porcelain; git diff --cached | cat; stat -c '%y %s' .git/index"
	before := f.agent(index)
	c := f.checkpoint()
	if got := f.files(c.Files); names(got) != ".gitignore a d e" || got["a"] != "changed" || got["d"] != "later" {
		t.Errorf("files = %v", got)
	}
	if c.Commit != f.base {
		t.Errorf("commit = %s", c.Commit)
	}
	if after := f.agent(index); after != before {
		t.Errorf("the agent's index changed:\n%s\n%s", before, after)
	}
	if again := f.checkpoint(); again != c {
		t.Errorf("nothing changed, but %+v became %+v", c, again)
	}
	f.agent("git add -A && git commit -qm all")
	if c := f.checkpoint(); c.Commit != c.Files || c.Commit == f.base {
		t.Errorf("after a commit: %+v", c)
	}
	f.agent("rm a; git rm -q --cached d; rm d")
	if got := names(f.files(f.checkpoint().Files)); got != ".gitignore e" {
		t.Errorf("after removing: %s", got)
	}
}

// In each state that an agent may leave, the files that lie in the tree are saved and the state is as before.
func TestCheckpointInOddStates(t *testing.T) {
	diverge := "git checkout -q -b side; echo side > a; git commit -qam side; git checkout -q " + branch + "; echo main > a; git commit -qam main; "
	for name, c := range map[string]struct{ script, want, notice string }{
		"merge conflict":              {diverge + "git merge side || true", "a", ""},
		"rebase conflict":             {diverge + "git rebase side || true", "a", ""},
		"cherry-pick conflict":        {diverge + "git cherry-pick side || true", "a", ""},
		"detached HEAD":               {"git checkout -q --detach; echo x > n", "a n", ""},
		"orphan branch":               {"git checkout -q --orphan o; echo x > n", "a n", ""},
		"index.lock left behind":      {"touch .git/index.lock; echo x > n", "a n", ""},
		"broken index":                {"echo junk > .git/index; echo x > n", "a n", ""},
		"no index":                    {"rm .git/index; echo x > n", "a n", ""},
		"staged deletion, file kept":  {"git rm -q --cached a", "a", ""},
		"assume-unchanged":            {"git update-index --assume-unchanged a; echo two > a; echo x > n", "a n", ""},
		"file became a folder":        {"rm a; mkdir a; echo x > a/b", "a/b", ""},
		"file became an empty folder": {"rm a; mkdir a", "", ""},
		"file became a link":          {"rm a; ln -s /nowhere a", "a", ""},
		"folder became a link":        {"mkdir d; echo 1 > d/x; git add -A; git commit -qm d; mv d e; ln -s e d", "a d e/x", ""},
		"socket and pipe":             {"mkfifo pipe; echo x > n", "a n", ""},
		"weird names":                 {"echo 1 > 'sp ace'; echo 2 > \"$(printf 'new\\nline')\"; echo 3 > -dash; echo 4 > \"$(printf 'bad\\377utf')\"; echo 5 > '\"quote\"'", "", ""},
		"empty nested repository":     {"git init -q nested", "a", ""},
		"nested without a remote":     {"git init -q n; cd n; git config user.name x; git config user.email x; echo 1 > f; git add f; git commit -qm f; echo 2 > g", "a n/f n/g", ""},
		"nested without a commit":     {"git init -q n; echo 1 > n/f", "a n/f", ""},
		"nested clone":                {"git init -q n; git -C n remote add origin /x; echo 1 > n/f; echo x > m", "a m", "“n/”"},
		"broken nested repository":    {"git init -q n; echo 1 > n/f; echo junk > n/.git/HEAD; echo x > m", "a m n/f", ""},
		"hostile settings":            {"git config core.fsmonitor 'touch /tmp/x'; git config core.worktree /; git config core.bare true; echo x > n", "a n", ""},
		"failing filter":              {"git config filter.f.clean false; git config filter.f.required true; echo 'n filter=f' > .gitattributes; echo x > n; echo y > m", ".gitattributes a m", "“n”"},
		"sparse checkout":             {"echo x > n", "a n", ""},
	} {
		t.Run(name, func(t *testing.T) {
			f := clone(t, map[string]string{"a": "1"})
			f.agent(c.script)
			head, _ := os.ReadFile(filepath.Join(f.Dir, ".git/HEAD"))
			got := f.checkpoint()
			files := f.files(got.Files)
			if name != "weird names" && names(files) != c.want {
				t.Errorf("files = %s, want %s", names(files), c.want)
			}
			if name == "weird names" && len(files) != 6 {
				t.Errorf("files = %q", files)
			}
			if name == "assume-unchanged" && files["a"] != "two" {
				t.Errorf("a = %q", files["a"])
			}
			if strings.HasSuffix(name, "conflict") && !strings.Contains(files["a"], "<<<<<<<") {
				t.Errorf("a = %q", files["a"])
			}
			if after, _ := os.ReadFile(filepath.Join(f.Dir, ".git/HEAD")); string(after) != string(head) {
				t.Errorf("HEAD was %q, is %q", head, after)
			}
			if said := strings.Join(f.notices, "\n"); !strings.Contains(said, c.notice) || (c.notice == "" && said != "") {
				t.Errorf("notices = %q, want %q", said, c.notice)
			}
			bundle(t, f.Workspace, got, f.base)
		})
	}
}

func TestCheckpointLeavesOutHugeAndUnreadableFiles(t *testing.T) {
	f := clone(t, map[string]string{"a": "1"})
	f.agent("truncate -s 101M huge; truncate -s 101M a; for i in 1 2 3 4 5 6 7; do echo $i > f$i; done; ln -s loop loop; mkdir shut")
	c := f.checkpoint()
	if got := f.files(c.Files); names(got) != "a f1 f2 f3 f4 f5 f6 f7 loop" || got["a"] != "1" {
		t.Errorf("files = %v", names(got))
	}
	if len(f.notices) != 2 {
		t.Errorf("notices = %q", f.notices)
	}
	f.checkpoint()
	if len(f.notices) != 2 {
		t.Errorf("told twice: %q", f.notices)
	}
	if os.Getuid() == 0 {
		return // root reads everything
	}
	f.agent("echo secret > closed; chmod 0 closed; echo ok > g")
	if got := names(f.files(f.checkpoint().Files)); strings.Contains(got, "closed") || !strings.Contains(got, "g") {
		t.Errorf("files = %s", got)
	}
}

func TestTouchedFilesAreNoChange(t *testing.T) {
	f := clone(t, map[string]string{"a": "1", "huge": strings.Repeat("x", maxFile+1)})
	first := f.checkpoint()
	f.agent("touch -d '1 hour ago' a huge")
	if c := f.checkpoint(); c != first || len(f.notices) > 0 {
		t.Errorf("it became %+v, and said %q", c, f.notices)
	}
	f.agent("echo y >> huge; touch a; echo 2 >> a")
	c := f.checkpoint()
	if got := f.agent("git diff --stat=40 " + first.Files + " " + c.Files + " | cat"); !strings.Contains(got, "1 file changed, 1 insertion") || len(f.notices) != 1 {
		t.Errorf("it changed %s, and said %q", got, f.notices)
	}
}

func TestCheckpointWithoutARepositoryIsAClearError(t *testing.T) {
	for _, script := range []string{"rm -rf .git", "rm -rf .git; echo junk > .git", "rm .git/HEAD", "rm -rf .git/objects", "echo 'gitdir: /nowhere' > .g; rm -rf .git; mv .g .git"} {
		f := clone(t, map[string]string{"a": "1"})
		f.agent(script)
		_, err := f.Checkpoint(context.Background())
		if e := wantCode(t, err, "sandbox_failed"); e.Hint == "" {
			t.Errorf("%s: no hint", script)
		}
	}
}

func TestCheckpointAfterACrashInIt(t *testing.T) {
	f := clone(t, map[string]string{"a": "1"})
	for _, script := range []string{"touch '" + f.index() + ".lock'", "echo junk > '" + f.index() + "'", "rm '" + f.index() + "'"} {
		f.agent("echo " + t.Name() + " >> a")
		f.agent(script)
		want := f.agent("cat a")
		if got := f.files(f.checkpoint().Files)["a"]; got != want {
			t.Errorf("%s: a = %q, want %q", script, got, want)
		}
	}
}

func TestCheckpointDropsWhatIsIgnoredLater(t *testing.T) {
	f := clone(t, map[string]string{"a": "1"})
	f.agent("mkdir cache; echo 1 > cache/x; echo 1 > keep; git init -q n; echo 1 > n/f")
	if got := names(f.files(f.checkpoint().Files)); got != "a cache/x keep n/f" {
		t.Errorf("files = %s", got)
	}
	f.agent("echo cache > .gitignore")
	if got := names(f.files(f.checkpoint().Files)); got != ".gitignore a keep n/f" {
		t.Errorf("files = %s", got)
	}
	f.agent("rm .gitignore; git rm -q --cached a; echo a > .git/info/exclude")
	if got := names(f.files(f.checkpoint().Files)); got != "cache/x keep n/f" {
		t.Errorf("files = %s", got)
	}
}

// A change that keeps size and time must be seen even when it came right after the clone.
func TestCheckpointSeesAChangeInTheSameTick(t *testing.T) {
	for range 5 {
		f := clone(t, map[string]string{"a": "1"})
		write(t, filepath.Join(f.Dir, "a"), "2")
		if got := f.files(f.checkpoint().Files)["a"]; got != "2" {
			t.Fatal("a change right after the clone was missed")
		}
	}
}

// Files without end end the checkpoint at once, before an object is written for each.
func TestMoreFilesThanAResultMayHaveAreRefused(t *testing.T) {
	slow.Test(t)
	f := clone(t, map[string]string{"a": "1"})
	f.agent("mkdir flood && cd flood && seq " + strconv.Itoa(maxChanged+1) + " | xargs -n 2000 touch")
	objects := f.agent("git count-objects")
	began := time.Now()
	_, err := f.Checkpoint(context.Background())
	var told *wire.Error
	if !errors.As(err, &told) || !strings.Contains(told.Message, "more than 100000 changed files") {
		t.Errorf("the checkpoint: %v", err)
	}
	if took := time.Since(began); took > 20*time.Second {
		t.Errorf("it took %v", took)
	}
	if after := f.agent("git count-objects"); after != objects {
		t.Errorf("it wrote %s", after)
	}
	f.agent("echo flood/ > .gitignore")
	if got := names(f.files(f.checkpoint().Files)); got != ".gitignore a" {
		t.Errorf("ignored, the result holds %s", got)
	}
}
