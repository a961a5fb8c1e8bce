package gitrepo

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"background-agents/backend/session"
	"background-agents/build/test/slow"
)

func TestReceiveKeepsATurn(t *testing.T) {
	w := newWorld(t, someFiles)
	unchanged := w.untouched()
	objects := git(t, w.repo, "count-objects", "-v")
	commit(t, w.agent, "one", map[string]string{"a.txt": "1\n", ".github/workflows/ci.yml": "x", ".vscode/tasks.json": "x", "sub/CLAUDE.md": "x"})
	write(t, w.agent, map[string]string{"up": "-> ../../etc", "in": "-> dir/c.txt"})
	v := w.turn(1)
	if want := []string{".github/workflows/ci.yml", ".vscode/tasks.json", "sub/CLAUDE.md", "up"}; !slices.Equal(v.Risky, want) {
		t.Errorf("risky: %v", v.Risky)
	}
	q := w.quarantineDir("proj0001")
	if got := git(t, q, "for-each-ref", "--format=%(refname) %(objectname)"); got != "refs/sessions/sess0001/turn/1/commit "+v.Commit+"\nrefs/sessions/sess0001/turn/1/files "+v.Files {
		t.Errorf("refs: %s", got)
	}
	if out := git(t, q, "fsck", "--no-dangling", "--connectivity-only"); strings.Contains(out, "error") || strings.Contains(out, "missing") {
		t.Errorf("fsck: %s", out)
	}
	// Nothing new, as an empty body.
	if again := w.turn(2); again.Commit != v.Commit || again.Files != v.Files {
		t.Errorf("%+v", again)
	}
	// A later checkpoint of the same turn.
	write(t, w.agent, map[string]string{"more": "more"})
	if later := w.turn(2); later.Files == v.Files || git(t, q, "rev-parse", "refs/sessions/sess0001/turn/2/files") != later.Files {
		t.Errorf("%+v", later)
	}
	// A file put back to what it was in old history, where git may leave out an object that the base's history has.
	commit(t, w.agent, "revert", map[string]string{"again.txt": "long ago\n"})
	w.turn(3)
	if git(t, w.repo, "count-objects", "-v") != objects {
		t.Error("objects came into the user's repository before Publish")
	}
	if left, _ := os.ReadDir(filepath.Join(w.projectDir("proj0001"), "scratch")); len(left) > 0 {
		t.Errorf("left: %v", left)
	}
	unchanged()
}

func TestReceiveInARepositoryWithSHA256(t *testing.T) {
	w := newWorld(t, someFiles)
	dir := filepath.Join(t.TempDir(), "r")
	git(t, w.repo, "init", "-q", "--object-format=sha256", dir)
	w.repo, w.project.Path = dir, dir
	w.base = commit(t, dir, "base", someFiles)
	w.session.BaseCommit = w.base
	w.agent += "2"
	w.cloneAgent()
	commit(t, w.agent, "one", map[string]string{"a.txt": "1\n"})
	write(t, w.agent, map[string]string{"u": "u"})
	path := w.publish(1)
	if got := git(t, path, "status", "--porcelain"); got != "?? u" {
		t.Errorf("status: %s", got)
	}
}

func TestReceiveIsAllOrNothing(t *testing.T) {
	w := newWorld(t, someFiles)
	c := session.Checkpoint{Commit: w.next("x"), Files: w.head()}
	b := w.bundle(c)
	broken := io.MultiReader(bytes.NewReader(b[:len(b)/2]), errorReader{})
	if _, err := w.Receive(w.ctx, w.project, w.session, 1, c, broken); !errors.Is(err, errBroken) {
		t.Errorf("got %v", err)
	}
	ctx, cancel := context.WithCancel(w.ctx)
	cancel()
	_, err := w.Receive(ctx, w.project, w.session, 1, c, bytes.NewReader(b))
	wantCode(t, err, session.CodeCancelled)
	w.turn(1)
}

var errBroken = errors.New("the sandbox is gone")

type errorReader struct{}

func (errorReader) Read([]byte) (int, error) { return 0, errBroken }

func TestSessionsReceiveAndPublishAtOnce(t *testing.T) {
	w := newWorld(t, someFiles)
	unchanged := w.untouched()
	c := session.Checkpoint{Commit: w.next("x"), Files: w.head()}
	b := w.bundle(c)
	errs := make(chan error)
	for i := range 10 {
		go func() {
			s := w.session
			s.ID, s.Branch = session.ID(fmt.Sprint("par", i)), fmt.Sprint("agents/par", i)
			v, err := w.Receive(w.ctx, w.project, s, 1, c, bytes.NewReader(b))
			if err == nil {
				_, err = w.Publish(w.ctx, w.project, s, v)
			}
			errs <- err
		}()
	}
	for range 10 {
		if err := <-errs; err != nil {
			t.Errorf("%v (%v)", err, session.AsError(err).Err)
		}
	}
	if n := strings.Count(git(t, w.repo, "worktree", "list"), "\n"); n != 10 {
		t.Errorf("%d worktrees", n)
	}
	unchanged()
}

func TestManyTurnsArePacked(t *testing.T) {
	slow.Test(t)
	w := newWorld(t, map[string]string{"a.txt": "a\n"})
	var first session.Verified
	for n := range 32 {
		commit(t, w.agent, "turn", map[string]string{"a.txt": fmt.Sprint(n)})
		if v := w.turn(n + 1); n == 0 {
			first = v
		}
	}
	packs, _ := filepath.Glob(filepath.Join(w.quarantineDir("proj0001"), "objects", "pack", "*.pack"))
	if len(packs) > 10 {
		t.Errorf("%d packs", len(packs))
	}
	diff, err := w.Diff(w.ctx, w.project, w.session, session.Range{From: first.Files, To: w.session.Result.Files})
	if err != nil || len(diff) != 1 {
		t.Errorf("%v %v", diff, err)
	}
	w.publish(33)
}

func TestOpenClearsWhatAKilledProcessLeft(t *testing.T) {
	w := newWorld(t, someFiles)
	w.turn(1)
	q := w.quarantineDir("proj0001")
	write(t, q, map[string]string{"packed-refs.lock": "", "refs/sessions/sess0001/turn/1/commit.lock": "", "objects/pack/tmp_pack_x": "x", "gc.pid": "1"})
	write(t, w.projectDir("proj0001"), map[string]string{"scratch/sess0001.1/bundle": "x", "scratch/held0001.1/bundle": "x"})
	_, unlock, err := w.lock(w.ctx, "proj0001", "held0001")
	if err != nil {
		t.Fatal(err)
	}
	defer unlock()
	w.Repos = Open(Config{DataDir: w.data})
	left, _ := filepath.Glob(filepath.Join(w.projectDir("proj0001"), "scratch", "*"))
	if len(left) != 1 || filepath.Base(left[0]) != "held0001.1" {
		t.Errorf("scratch: %v", left)
	}
	if exists(filepath.Join(q, "packed-refs.lock")) || exists(filepath.Join(q, "gc.pid")) || exists(filepath.Join(q, "objects/pack/tmp_pack_x")) {
		t.Error("stale files are left")
	}
	commit(t, w.agent, "more", map[string]string{"a.txt": "x"})
	w.turn(1)
}
