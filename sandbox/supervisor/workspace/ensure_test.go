package workspace

import (
	"bytes"
	"context"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestEnsureMakesAClone(t *testing.T) {
	f := open(t, map[string]string{"a.txt": "one", "dir/b ü.txt": "two"})
	var progress bytes.Buffer
	if _, err := f.Ensure(context.Background(), f.with, &progress); err != nil {
		t.Fatal(err)
	}
	if got := f.agent("git status --porcelain --branch"); got != "## "+branch {
		t.Errorf("status = %q", got)
	}
	if got := f.agent("git log -1 --format=%H; git config user.name; git config user.email"); got != f.base+"\nAnn Author\nann@example.com" {
		t.Errorf("clone = %q", got)
	}
	if _, err := os.Stat(filepath.Join(f.Dir, "dir/b ü.txt")); err != nil {
		t.Error(err)
	}
	if n := f.agent("find .git/objects -type f | grep -v info | wc -l"); n != "0" {
		t.Errorf("%s objects were copied, want none", n)
	}
	if got := f.agent("echo x > new && git add -A && git commit -qm work && git log -1 --format='%an <%ae>'"); got != "Ann Author <ann@example.com>" {
		t.Errorf("author = %q", got)
	}
}

func TestEnsureAgainChangesNothing(t *testing.T) {
	f := clone(t, map[string]string{"a.txt": "one"})
	if !f.fresh {
		t.Error("a new clone is not fresh")
	}
	f.agent("echo mine > a.txt && git checkout -q -b other")
	f.ensure()
	if !f.fresh {
		t.Error("not fresh although the setup hook has not run")
	}
	if _, err := f.Hook(context.Background(), "setup.sh", nil, time.Minute, io.Discard); err != nil {
		t.Fatal(err)
	}
	f.ensure()
	if f.fresh {
		t.Error("fresh after the setup hook")
	}
	if got := f.agent("cat a.txt; git branch --show-current"); got != "mine\nother" {
		t.Errorf("the agent's state = %q", got)
	}
}

func TestEnsureRedoesAClonethatACrashCutShort(t *testing.T) {
	for _, until := range []time.Duration{1, 3, 6, 10, 15, 20, 30} {
		f := open(t, map[string]string{"a.txt": "one", "b.txt": "two"})
		ctx, cancel := context.WithTimeout(context.Background(), until*time.Millisecond)
		_, err := f.Ensure(ctx, f.with, io.Discard)
		cancel()
		f.ensure()
		if got := f.agent("cat a.txt b.txt; git status --porcelain"); got != "onetwo" || !f.fresh {
			t.Errorf("after %v (%v): %q, fresh %v", until, err, got, f.fresh)
		}
	}
}

func TestEnsureRedoesACloneThatACrashCutShortBeforeItsMark(t *testing.T) {
	f := open(t, map[string]string{"a.txt": "one"})
	if err := os.MkdirAll(filepath.Join(f.Dir, ".git"), 0o755); err != nil {
		t.Fatal(err)
	}
	f.ensure()
	if got := f.agent("cat a.txt; git status --porcelain --branch"); got != "one## "+branch || !f.fresh {
		t.Errorf("fresh is %t, the clone %q", f.fresh, got)
	}
	f.agent("echo mine > a.txt; rm -rf .git/*")
	f.ensure()
	if got := f.agent("cat a.txt; git status --porcelain --branch"); got != "mine\n## "+branch+"\n M a.txt" {
		t.Errorf("after the agent emptied .git: %q", got)
	}
}

func TestEnsureMakesTheRepositoryAgainAroundTheFiles(t *testing.T) {
	f := clone(t, map[string]string{"a.txt": "one"})
	f.agent("echo two > a.txt; echo new > b.txt; rm -rf .git")
	f.ensure()
	if got := f.agent("cat a.txt b.txt; git status --porcelain"); got != "two\nnew\n M a.txt\n?? b.txt" {
		t.Errorf("state = %q", got)
	}
}

func TestEnsureNamesAMissingBase(t *testing.T) {
	f := open(t, nil)
	_, err := f.Ensure(context.Background(), Clone{Base: strings.Repeat("ab", 20), Branch: branch}, io.Discard)
	wantCode(t, err, "base_missing")
	f.ensure() // the next try, with a base that is there, is not in its way
	if _, err := f.Ensure(context.Background(), Clone{Base: "--upload-pack=x", Branch: branch}, io.Discard); err == nil {
		t.Error("an option was taken for a commit")
	}
}

func TestEnsureTakesAnEmptyCommitAndAShallowMirror(t *testing.T) {
	f := open(t, nil)
	if err := os.WriteFile(filepath.Join(f.Mirror, "shallow"), []byte(f.base+"\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	f.ensure()
	if got := f.agent("git rev-parse --is-shallow-repository"); got != "true" {
		t.Errorf("shallow = %s", got)
	}
}
