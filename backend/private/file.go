package private

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"background-agents/backend/session"
)

// OpenFile is os.OpenFile for a file with a fixed name in the data folder: it follows no link at the path's end, waits for no pipe,
// and opens regular files only. The error is an *session.Error where something else lies there.
func OpenFile(path string, flag int, mode fs.FileMode) (*os.File, error) {
	f, err := openFile(path, flag, mode)
	if err != nil {
		if Plain(path) != nil {
			return nil, Plain(path)
		}
		return nil, err
	}
	info, err := f.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = notPlain(path, info)
	}
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}

// ReadFile reads a file with a fixed name, of at most limit bytes, as OpenFile opens it.
func ReadFile(path string, limit int64) ([]byte, error) {
	f, err := OpenFile(path, os.O_RDONLY, 0)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	raw, err := io.ReadAll(io.LimitReader(f, limit+1))
	if err == nil && int64(len(raw)) > limit {
		err = fmt.Errorf("%s is larger than %d bytes", path, limit)
	}
	return raw, err
}

// WriteFile replaces a file that only the user can read, at once: a reader, or a crash, meets the old or the new one. A link at
// path is replaced, not followed.
func WriteFile(path string, content []byte) error {
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+"-*") // mode 0600
	if err != nil {
		return err
	}
	defer os.Remove(f.Name()) // no longer there when all went well
	_, err = f.Write(content)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	if err := os.Rename(f.Name(), path); err != nil {
		return err
	}
	return syncFolder(filepath.Dir(path))
}

// Plain returns an *session.Error where something other than a regular file lies at path; nil where there is nothing.
func Plain(path string) error {
	info, err := os.Lstat(path)
	if err != nil || info.Mode().IsRegular() {
		return nil //nolint:nilerr // opening it says what is wrong
	}
	return notPlain(path, info)
}

// NoLinks returns an *session.Error where one of the names in dir is a symbolic link: what it leads to would be written to.
func NoLinks(dir string, names ...string) error {
	for _, name := range names {
		path := filepath.Join(dir, name)
		if info, err := os.Lstat(path); err == nil && info.Mode()&(fs.ModeSymlink|fs.ModeIrregular) != 0 {
			return notPlain(path, info)
		}
	}
	return nil
}

func notPlain(path string, info fs.FileInfo) error {
	what := "not a regular file"
	switch {
	case info.Mode()&fs.ModeSymlink != 0:
		what = "a link"
	case info.IsDir():
		what = "a folder"
	}
	return &session.Error{
		Code: session.CodeExposed, Message: path + " is " + what + ", and Background Agents does not follow it.",
		Hint: "Look where it comes from, then move it away: `mv " + quote(path) + " " + quote(path+".old") + "`.",
	}
}
