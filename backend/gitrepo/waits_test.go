package gitrepo

import (
	"context"
	"net"
	"path/filepath"
	"testing"
	"time"

	"background-agents/backend/session"
)

// A remote that takes the connection and says nothing: git itself would wait for ever.
func TestARemoteThatDoesNotAnswerIsGivenUpWithASentence(t *testing.T) {
	w := newWorld(t, map[string]string{"a": "a"})
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	address := "http://" + l.Addr().String() + "/shop.git"
	u, err := openRepo(w.repo)
	if err != nil {
		t.Fatal(err)
	}
	at, err := w.Repos.talk(t.Context(), u, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := limited(t.Context(), 200*time.Millisecond, "origin ("+address+") did not take the push",
		"Check your network.")
	defer cancel()
	err = remoteFailed(w.Repos.quiet(ctx, at, nil, "push", "--", address, "HEAD:refs/heads/x"), "origin", address)
	known := session.AsError(err)
	if known.Code != session.CodeTimeout ||
		known.Message != "origin ("+address+") did not take the push within 200 milliseconds." ||
		known.Hint != "Check your network." {
		t.Errorf("%+v", known)
	}
	_, unlock, err := w.Repos.lock(t.Context(), w.project.ID, "one")
	if err != nil {
		t.Fatal(err)
	}
	defer unlock()
	if _, _, err := w.Repos.lock(ctx, w.project.ID, "one"); session.AsError(err).Message != known.Message {
		t.Errorf("a lock that another holds: %v", err)
	}
}

func TestAnotherGitCommandInTheWorktreeIsWaitedForAndThenNamed(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write(t, dir, map[string]string{"index.lock": "another's", "new": "index"})
	begun := time.Now()
	err := installIndex(context.Background(), dir, filepath.Join(dir, "new"))
	known := session.AsError(err)
	if known == nil || known.Code != session.CodeConflict ||
		known.Message != "Another git command in the worktree did not end within 3 seconds." ||
		time.Since(begun) < lockWait {
		t.Errorf("%+v after %v", known, time.Since(begun))
	}
}
