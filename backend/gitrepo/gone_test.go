package gitrepo

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"background-agents/backend/session"
)

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
