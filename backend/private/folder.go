package private

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"background-agents/backend/session"
)

// maxLinks is how many symbolic links a path may lead through; Linux has the same bound.
const maxLinks = 40

// Folder returns an *session.Error unless dir and every folder above it belong to the user or root and can be changed by nobody
// else. Links on the way are followed, and both sides are checked. Sticky folders, such as /tmp, may be writable by everybody, and
// every folder by the user's own primary group. What doesn't exist yet is not checked: check again after making it.
func Folder(dir string) error {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return fmt.Errorf("find %s: %w", dir, err)
	}
	root := filepath.VolumeName(dir) + string(filepath.Separator)
	at, todo, links := root, split(dir[len(root):]), 0
	for {
		info, err := os.Lstat(at)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			return nil
		case err != nil:
			return unusable(dir, err)
		case info.Mode()&fs.ModeSymlink != 0:
			if err := owned(dir, at, info); err != nil {
				return err
			}
			if links++; links > maxLinks {
				return unusable(dir, errors.New("too many symbolic links"))
			}
			target, err := os.Readlink(at)
			if err != nil {
				return unusable(dir, err)
			}
			if !filepath.IsAbs(target) {
				target = filepath.Join(filepath.Dir(at), target)
			}
			at, todo = root, append(split(strings.TrimPrefix(target, root)), todo...)
			continue
		case !info.IsDir():
			return &session.Error{
				Code: session.CodeInvalid, Message: at + " is not a folder, so the data folder " + dir + " can't be used.",
				Hint: "Move the file away, or set BGA_HOME to another folder.",
			}
		}
		if err := owned(dir, at, info); err != nil {
			return err
		}
		if err := closed(dir, at, info); err != nil {
			return err
		}
		if len(todo) == 0 {
			return nil
		}
		at, todo = filepath.Join(at, todo[0]), todo[1:]
	}
}

// Make makes a folder that only the user can read, and everything above it, and checks it before and after: another user may have
// been faster.
func Make(dir string) error {
	if err := Folder(dir); err != nil {
		return err
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return &session.Error{
			Code: session.CodeInvalid, Message: "The folder " + dir + " can't be made: " + reason(err) + ".",
			Hint: "Set BGA_HOME to a folder that you can write to.", Err: err,
		}
	}
	return Folder(dir)
}

func split(path string) []string {
	return strings.FieldsFunc(path, func(r rune) bool { return r == filepath.Separator || r == '/' })
}

func unusable(dir string, err error) error {
	return &session.Error{
		Code: session.CodeInvalid, Message: "The data folder " + dir + " can't be used: " + reason(err) + ".",
		Hint: "Check its permissions with `ls -ld " + quote(dir) + "`, or set BGA_HOME to another folder.", Err: err,
	}
}

// reason is the system's word for an error, without the path, which stands before it.
func reason(err error) string {
	var at *fs.PathError
	if errors.As(err, &at) {
		return at.Err.Error()
	}
	return err.Error()
}

// exposed says that someone else can change a folder, and the command that ends it.
func exposed(dir, at, why, command string) error {
	where := "The data folder " + at
	if at != dir {
		where = "The folder " + at + " above the data folder " + dir
	}
	return &session.Error{
		Code: session.CodeExposed, Message: where + " " + why + ", so Background Agents does not use it.",
		Hint: "Run `" + command + "`, or set BGA_HOME to a folder that only you can change.",
	}
}

// quote writes a path so that a shell takes it for one word.
func quote(path string) string {
	if strings.Trim(path, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/._-+@%:,") == "" {
		return path
	}
	return "'" + strings.ReplaceAll(path, "'", `'\''`) + "'"
}
