package workspace

import (
	"context"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"background-agents/sandbox/wire"
)

func TestRestoreBringsBackAnEarlierState(t *testing.T) {
	later := map[string]string{
		"more work":         "echo 9 > a; echo junk > junk; mkdir -p d/e; echo j > d/e/f; git add a; git commit -qm more; echo 10 > a",
		"detached":          "git checkout -q --detach; echo 9 > a; git commit -qam d",
		"other branch":      "git stash -q -u; git checkout -q -b other; echo 9 > a",
		"rebase conflict":   "git stash -q -u; git checkout -q -b s HEAD~1; echo s > a; git commit -qam s; git rebase " + branch + " || true",
		"merge conflict":    "git stash -q -u; git checkout -q -b s HEAD~1; echo s > a; git commit -qam s; git checkout -q " + branch + "; git merge s || true",
		"locks left":        "touch .git/index.lock .git/HEAD.lock; echo 9 > a",
		"broken index":      "echo junk > .git/index; echo 9 > a",
		"branch deleted":    "git checkout -q --detach; git branch -D " + branch,
		"folder in the way": "rm a n; mkdir -p a/x n; echo 1 > a/x/y; echo 1 > n/z",
		"all removed":       "git rm -rfq . ; rm -rf n k",
	}
	for name, script := range later {
		t.Run(name, func(t *testing.T) {
			f := clone(t, map[string]string{"a": "1", "k": "1", ".gitignore": "ignored\n"})
			f.agent("echo 2 > a; git commit -qam two; echo 3 > a; echo new > n; rm k; echo i > ignored")
			c := f.checkpoint()
			f.agent(script)
			f.checkpoint()
			if err := f.Restore(context.Background(), c); err != nil {
				t.Fatal(err)
			}
			want := "3\nnew\ni\n## " + branch + "\n M a\n D k\n?? n\ntwo\nfirst"
			if got := f.agent("cat a n ignored; git status --porcelain --branch; git log --format=%s"); got != want {
				t.Errorf("state = %q, want %q", got, want)
			}
			if got := f.checkpoint(); got != c {
				t.Errorf("checkpoint = %+v, want %+v", got, c)
			}
		})
	}
}

func TestAWorkspaceIsFreshUntilItIsUsed(t *testing.T) {
	f := clone(t, map[string]string{"a": "1"})
	if !f.Fresh() {
		t.Error("a new checkout is not fresh")
	}
	if _, err := f.Ensure(context.Background(), f.with, io.Discard); err != nil || !f.Fresh() {
		t.Errorf("one that is there: fresh %v, %v", f.Fresh(), err)
	}
	c := f.checkpoint() // as the user asks for one; the agent was not in it
	if err := f.Restore(context.Background(), c); err != nil || f.Fresh() {
		t.Errorf("after a result was brought back it is fresh: %v, %v", f.Fresh(), err)
	}
	f.agent("rm -rf .git; echo 2 > a") // its repository is made again around its files
	if _, err := f.Ensure(context.Background(), f.with, io.Discard); err != nil || f.Fresh() {
		t.Errorf("one with files of the agent's: fresh %v, %v", f.Fresh(), err)
	}
	f.agent("rm -rf .git a")
	if _, err := f.Ensure(context.Background(), f.with, io.Discard); err != nil || !f.Fresh() {
		t.Errorf("an empty one: fresh %v, %v", f.Fresh(), err)
	}
	if err := f.Use(); err != nil || f.Fresh() {
		t.Errorf("in use it is fresh: %v, %v", f.Fresh(), err)
	}
}

func TestApplyMergesIntoUncommittedWork(t *testing.T) {
	lines := strings.Repeat("line\n", 20)
	f := clone(t, map[string]string{"a": "top\n" + lines + "end\n", "b": "1", "gone": "1"})
	// What the user did on the host, above the last result.
	f.agent("git checkout -q -b user; sed -i 's/top/user top/' a; echo user > u; rm gone; git add -A; git commit -qm user")
	to := f.agent("git rev-parse HEAD")
	f.agent("git checkout -q " + branch + "; sed -i 's/end/agent end/' a; echo agent > n; echo staged > b; git add b; echo later > b")
	before := f.agent("git diff --cached; cat .git/HEAD")
	if err := f.Apply(context.Background(), f.base, to); err != nil {
		t.Fatal(err)
	}
	if got := f.agent("head -1 a; tail -1 a; cat u n b; ls gone 2>/dev/null || true"); got != "user top\nagent end\nuser\nagent\nlater" {
		t.Errorf("files = %q", got)
	}
	if after := f.agent("git diff --cached; cat .git/HEAD"); after != before {
		t.Errorf("the agent's index changed: %q", after)
	}
	if err := f.Apply(context.Background(), f.base, to); err != nil {
		t.Errorf("the same again: %v", err)
	}
}

func TestApplyWithConflictsChangesNothing(t *testing.T) {
	f := clone(t, map[string]string{"a": "1\n", "b ü": "1\n", "c": "1\n"})
	f.agent("git checkout -q -b user; echo user > a; echo user > 'b ü'; echo user > c; git commit -qam user")
	to := f.agent("git rev-parse HEAD")
	f.agent("git checkout -q " + branch + "; echo agent > a; echo agent > 'b ü'; echo n > n")
	state := "cat a 'b ü' c n; git status --porcelain"
	before := f.agent(state)
	e := wantCode(t, f.Apply(context.Background(), f.base, to), "conflict")
	if !strings.Contains(e.Message, "a, b ü.") {
		t.Errorf("message = %q", e.Message)
	}
	if after := f.agent(state); after != before {
		t.Errorf("state was %q, is %q", before, after)
	}
	// A file that is not part of checkpoints lies in the way.
	g := clone(t, map[string]string{"a": "1\n"})
	g.agent("git checkout -q -b user; echo user > big; git add -A; git commit -qm user")
	to = g.agent("git rev-parse HEAD")
	g.agent("git checkout -q " + branch + "; truncate -s 101M big")
	wantCode(t, g.Apply(context.Background(), g.base, to), "conflict")
	if st, err := os.Stat(filepath.Join(g.Dir, "big")); err != nil || st.Size() != 101<<20 {
		t.Error("the agent's file was replaced")
	}
	wantCode(t, g.Apply(context.Background(), g.base, strings.Repeat("3", 40)), "not_found")
	wantCode(t, g.Restore(context.Background(), wire.Checkpoint{Commit: "main", Files: "main"}), "invalid")
}
