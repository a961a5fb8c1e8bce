//go:build !windows

package control

import (
	"errors"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"background-agents/backend/session"
)

func TestSocketIsTheUsersAlone(t *testing.T) {
	_, dir := running(t, &recorder{})
	for path, want := range map[string]os.FileMode{
		filepath.Join(dir, "control"):             0o700,
		filepath.Join(dir, "control", "bga.sock"): 0o600,
	} {
		info, err := os.Stat(path)
		if err != nil || info.Mode().Perm() != want {
			t.Errorf("%s: %v, %v", path, info.Mode(), err)
		}
	}
}

func TestDataFolderWithALongPathIsServed(t *testing.T) {
	dir := filepath.Join(t.TempDir(), strings.Repeat("very-long-name/", 10))
	r := &recorder{}
	t.Run("and leaves nothing behind", func(t *testing.T) {
		c, _ := runningIn(t, r, dir)
		if err := c.Rename(t.Context(), "a", "b"); err != nil {
			t.Fatal(err)
		}
	})
	if left, err := os.ReadDir(filepath.Join(dir, "control")); err != nil || len(left) != 0 {
		t.Fatalf("left behind: %v, %v", left, err)
	}
}

func TestSocketLeftByACrashIsReplaced(t *testing.T) {
	for _, dir := range []string{t.TempDir(), filepath.Join(t.TempDir(), strings.Repeat("very-long-name/", 10))} {
		l, err := Listen(dir)
		if err != nil {
			t.Fatal(err)
		}
		// A crash closes the descriptor and leaves the file.
		l.(ownListener).Listener.(*net.UnixListener).SetUnlinkOnClose(false)
		_ = l.(ownListener).Listener.Close()
		if _, err := Dial(t.Context(), dir); !errors.Is(err, ErrNotRunning) {
			t.Fatalf("dial before: %v", err)
		}
		c, _ := runningIn(t, &recorder{}, dir)
		if err := c.Rename(t.Context(), "a", "b"); err != nil {
			t.Fatal(err)
		}
	}
}

func TestPointerLeadsOnlyToASocketOfOurs(t *testing.T) {
	data := t.TempDir()
	precious := filepath.Join(t.TempDir(), "precious")
	if err := errors.Join(os.Mkdir(filepath.Join(data, "control"), 0o700), os.WriteFile(precious, nil, 0o600),
		os.WriteFile(filepath.Join(data, "control", "address"), []byte(precious), 0o600)); err != nil {
		t.Fatal(err)
	}
	if _, err := Dial(t.Context(), data); session.CodeOf(err) != session.CodeExposed {
		t.Errorf("dial: %v", err)
	}
	c, _ := runningIn(t, &recorder{}, data)
	if err := c.Rename(t.Context(), "a", "b"); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(precious); err != nil {
		t.Errorf("what it named: %v", err)
	}
}
