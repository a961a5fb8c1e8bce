//go:build !windows

package private

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"background-agents/backend/session"
)

func TestFilesAreOpenedWithoutFollowingLinks(t *testing.T) {
	dir := t.TempDir()
	precious, path := filepath.Join(dir, "precious"), filepath.Join(dir, "log")
	if err := os.WriteFile(precious, []byte("mine"), 0o600); err != nil {
		t.Fatal(err)
	}
	fifo := filepath.Join(dir, "fifo")
	if err := errors.Join(os.Symlink(precious, path), syscall.Mkfifo(fifo, 0o600), os.Mkdir(filepath.Join(dir, "folder"), 0o700)); err != nil {
		t.Fatal(err)
	}
	for _, at := range []string{path, fifo, filepath.Join(dir, "folder")} {
		for _, flag := range []int{os.O_RDONLY, os.O_RDWR, os.O_WRONLY | os.O_APPEND | os.O_CREATE, os.O_WRONLY | os.O_TRUNC} {
			if f, err := OpenFile(at, flag, 0o600); session.CodeOf(err) != session.CodeExposed {
				t.Errorf("%s with %x: %v, %v", at, flag, f, err)
			}
		}
		if _, err := ReadFile(at, 10); session.CodeOf(err) != session.CodeExposed {
			t.Errorf("%s is read: %v", at, err)
		}
	}
	if err := WriteFile(path, []byte("new")); err != nil {
		t.Fatal(err)
	}
	if raw, err := os.ReadFile(precious); string(raw) != "mine" || err != nil {
		t.Errorf("what a link leads to is %q: %v", raw, err)
	}
	if raw, err := ReadFile(path, 3); string(raw) != "new" || err != nil {
		t.Errorf("%q: %v", raw, err)
	}
	if _, err := ReadFile(path, 2); err == nil {
		t.Error("a file larger than its bound is read")
	}
	if _, err := ReadFile(filepath.Join(dir, "none"), 2); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a missing file: %v", err)
	}
	if left, _ := filepath.Glob(filepath.Join(dir, ".log-*")); len(left) != 0 {
		t.Errorf("%q is left", left)
	}
}

func TestLinksAmongFixedNamesAreFound(t *testing.T) {
	dir := t.TempDir()
	if err := errors.Join(os.Symlink("/nowhere", filepath.Join(dir, "logs")), os.Mkdir(filepath.Join(dir, "docker"), 0o700)); err != nil {
		t.Fatal(err)
	}
	if err := NoLinks(dir, "docker", "none"); err != nil {
		t.Error(err)
	}
	if err := NoLinks(dir, "docker", "logs"); session.CodeOf(err) != session.CodeExposed {
		t.Errorf("%v", err)
	}
}
