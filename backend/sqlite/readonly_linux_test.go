package sqlite

import (
	"os"
	"path/filepath"
	"runtime"
	"syscall"
	"testing"

	"background-agents/backend/session"
)

// unprivileged runs f as a user who owns nothing, for this thread's files alone.
func unprivileged(t *testing.T, f func()) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		runtime.LockOSThread() // never unlocked: the thread ends with the goroutine
		if os.Getuid() == 0 {
			if err := syscall.Setfsuid(65534); err != nil {
				t.Error(err)
				return
			}
		}
		f()
	}()
	<-done
}

func TestReadOnlyFolderIsSaid(t *testing.T) {
	path := made(t)
	dir := filepath.Dir(path)
	for p := dir; p != os.TempDir() && len(p) > len(os.TempDir()); p = filepath.Dir(p) {
		if err := os.Chmod(p, 0o555); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = os.Chmod(p, 0o755) })
	}
	if err := os.Chmod(path, 0o444); err != nil {
		t.Fatal(err)
	}
	for outcome, path := range map[string]string{
		"a database that cannot be written":  path,
		"no database, and none can be made":  filepath.Join(dir, "other.db"),
		"no folder, and none can be made":    filepath.Join(dir, "deeper", "app.db"),
		"a folder where the file should lie": dir,
	} {
		t.Run(outcome, func(t *testing.T) {
			unprivileged(t, func() {
				s, err := Open(t.Context(), path)
				if err == nil {
					err = s.Save(t.Context(), session.Change{Settings: &session.Settings{}})
					_ = s.Close()
				}
				if session.CodeOf(err) != session.CodeDatabase || session.AsError(err).Hint == "" {
					t.Errorf("got %v (%s), want %s with a hint", err, session.CodeOf(err), session.CodeDatabase)
				}
			})
		})
	}
}
