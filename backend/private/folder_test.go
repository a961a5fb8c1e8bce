//go:build !windows

package private

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"background-agents/backend/session"
)

// made returns a new folder with a mode.
func made(t *testing.T, mode fs.FileMode, path ...string) string {
	t.Helper()
	dir := filepath.Join(path...)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(dir, mode); err != nil {
		t.Fatal(err)
	}
	return dir
}

func TestFolderThatOthersCanChangeIsRefused(t *testing.T) {
	root := made(t, 0o700, t.TempDir(), "it's")
	open := made(t, 0o777, root, "open")
	below := made(t, 0o700, open, "below")
	link := filepath.Join(root, "link")
	if err := os.Symlink(below, link); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct{ dir, folder, command string }{
		"itself":             {made(t, 0o722, root, "w"), "w", "chmod o-w"},
		"the one above it":   {below, "open", "chmod o-w"},
		"behind a link":      {link, "open", "chmod o-w"},
		"not made yet":       {filepath.Join(open, "new", "data"), "open", "chmod o-w"},
		"group and the rest": {made(t, 0o772, root, "both"), "both", "-w"},
	} {
		err := Folder(c.dir)
		said := session.AsError(err)
		if session.CodeOf(err) != session.CodeExposed || !strings.Contains(said.Message, filepath.Join(root, c.folder)+" ") ||
			!strings.Contains(said.Hint, c.command) || !strings.Contains(said.Hint, `it'\''s/`+c.folder+"'") {
			t.Errorf("%s: %v, hint %q", name, err, said.Hint)
		}
	}
	for name, dir := range map[string]string{
		"private":       made(t, 0o700, root, "private"),
		"readable":      made(t, 0o755, root, "readable"),
		"below /tmp":    made(t, 0o700, made(t, 0o777|fs.ModeSticky, root, "sticky"), "mine"),
		"own group":     made(t, 0o770, root, "group"), // it has the user's primary group, as every new one
		"not made yet":  filepath.Join(root, "new", "data"),
		"behind a link": filepath.Join(linked(t, root), "data"),
	} {
		if err := Folder(dir); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func linked(t *testing.T, root string) string {
	t.Helper()
	link := filepath.Join(root, "good")
	if err := os.Symlink("./real", link); err != nil {
		t.Fatal(err)
	}
	return filepath.Join(made(t, 0o700, root, "real"), "../good")
}

// owner is a folder of another user's, which an ordinary user can't make.
type owner struct {
	fs.FileInfo
	uid, gid uint32
	mode     fs.FileMode
}

func (o owner) Sys() any           { return &syscall.Stat_t{Uid: o.uid, Gid: o.gid} }
func (o owner) Mode() fs.FileMode  { return o.mode | fs.ModeDir }
func (o owner) ModTime() time.Time { return time.Time{} }

func TestFolderOfAnotherUserIsRefused(t *testing.T) {
	const other = 54321
	for at, command := range map[string]string{"/data": "sudo chown " + name(os.Getuid()) + " /data", "/": "sudo chown root /"} {
		err := owned("/data", at, owner{uid: other})
		if said := session.AsError(err); session.CodeOf(err) != session.CodeExposed || !strings.Contains(said.Hint, "`"+command+"`") {
			t.Errorf("%s: %v, hint %q", at, err, said.Hint)
		}
	}
	for _, uid := range []int{0, os.Getuid()} {
		if err := owned("/data", "/data", owner{uid: uint32(uid)}); err != nil {
			t.Errorf("of %d: %v", uid, err)
		}
	}
	if err := closed("/data", "/data", owner{gid: other, mode: 0o770}); session.CodeOf(err) != session.CodeExposed {
		t.Errorf("another group may write: %v", err)
	}
	if err := closed("/data", "/", owner{gid: other, mode: 0o770 | fs.ModeSticky}); err != nil {
		t.Errorf("sticky: %v", err)
	}
}

func TestEndlessLinksAreAnError(t *testing.T) {
	link := filepath.Join(t.TempDir(), "link")
	if err := os.Symlink(link, link); err != nil {
		t.Fatal(err)
	}
	if err := Folder(link); session.CodeOf(err) != session.CodeInvalid {
		t.Errorf("%v", err)
	}
}

func TestFileInThePlaceOfAFolderIsSaid(t *testing.T) {
	path := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := Make(filepath.Join(path, "data")); session.CodeOf(err) != session.CodeInvalid || !strings.Contains(err.Error(), "not a folder") {
		t.Errorf("%v", err)
	}
}
