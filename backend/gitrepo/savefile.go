package gitrepo

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"

	"background-agents/backend/session"
)

// maxSaved bounds a file that SaveFile replaces.
const maxSaved = 256 << 10

// SaveFile implements session.Git. Everything is opened beneath the checkout, and links are refused, so that no name in
// it leads the write elsewhere.
func (r *Repos) SaveFile(ctx context.Context, p session.Project, name string, data []byte) (string, error) {
	u, err := r.open(p)
	if err != nil {
		return "", err
	}
	if u.bare {
		return "", &session.Error{Code: session.CodeInvalid,
			Message: p.Name + " is a bare repository: it has no files to write to.",
			Hint:    "Copy the text from `bga env --json`, and commit it in a clone."}
	}
	root, err := os.OpenRoot(u.path)
	if err != nil {
		return "", explain(fmt.Errorf("open the checkout: %w", err))
	}
	defer root.Close()
	for dir := range strings.SplitSeq(path.Dir(name), "/") {
		if root, err = inFolder(root, dir); err != nil {
			return "", err
		}
		defer root.Close()
	}
	base := path.Base(name)
	old, err := readPlain(root, base)
	if err != nil {
		return "", err
	}
	committed, err := r.output(ctx, u.place(), nil, "cat-file", "blob", "HEAD:"+name)
	if err != nil && ctx.Err() != nil {
		return "", explain(err)
	}
	if old != nil && !sameText(old, data) && (err != nil || !sameText(old, committed)) {
		return "", &session.Error{Code: session.CodeConflict,
			Message: name + " in your checkout has changes that are not committed. Nothing was written.",
			Hint:    "Commit or remove them, then save again."}
	}
	return filepath.Join(u.path, filepath.FromSlash(name)), explain(replace(root, base, data))
}

// inFolder opens a folder, and makes it where it is missing.
func inFolder(root *os.Root, name string) (*os.Root, error) {
	if err := root.Mkdir(name, 0o777); err != nil && !errors.Is(err, fs.ErrExist) {
		return nil, explain(fmt.Errorf("make %s: %w", name, err))
	}
	info, err := root.Lstat(name)
	if err == nil && !info.IsDir() {
		return nil, notPlain(name, "a folder")
	}
	if err != nil {
		return nil, explain(err)
	}
	in, err := root.OpenRoot(name)
	return in, explain(err)
}

// readPlain returns the content of a regular file, or nil if it does not exist.
func readPlain(root *os.Root, name string) ([]byte, error) {
	info, err := root.Lstat(name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, nil
	case err != nil:
		return nil, explain(err)
	case !info.Mode().IsRegular():
		return nil, notPlain(name, "a regular file")
	}
	f, err := root.Open(name)
	if err != nil {
		return nil, explain(err)
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxSaved+1))
	if err == nil && len(data) > maxSaved {
		err = fmt.Errorf("%s is larger than %d bytes", name, maxSaved)
	}
	return append([]byte{}, data...), explain(err)
}

func notPlain(name, want string) error {
	return &session.Error{Code: session.CodeConflict,
		Message: name + " in your checkout is not " + want + ". Nothing was written.",
		Hint:    "Remove it, then save again."}
}

// replace writes a file at once: a reader, or a crash, meets the old or the new one.
func replace(root *os.Root, name string, data []byte) error {
	part := "." + name + ".new"
	if err := root.Remove(part); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	f, err := root.OpenFile(part, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	if err = errors.Join(err, f.Sync(), f.Close()); err == nil {
		err = root.Rename(part, name)
	}
	if err != nil {
		_ = root.Remove(part) // the first error says more
	}
	return err
}

// sameText compares without regard to how git may have written the ends of lines.
func sameText(a, b []byte) bool {
	return bytes.Equal(bytes.ReplaceAll(a, []byte("\r\n"), []byte("\n")),
		bytes.ReplaceAll(b, []byte("\r\n"), []byte("\n")))
}
