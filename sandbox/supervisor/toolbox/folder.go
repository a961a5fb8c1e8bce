package toolbox

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// folder is a tool's folder while it is filled. Nothing is written outside of it: whatever an archive says, the root
// refuses.
type folder struct {
	root        *os.Root
	at          string   // the part's folder below it
	executables []string // patterns of the part
	entries     int
	left        int64 // bytes that may still come
}

// entry writes one entry of an archive, without its first folders.
func (f *folder) entry(e entry, strip int) error {
	if f.entries++; f.entries > maxEntries {
		return fmt.Errorf("it has more than %d files", maxEntries)
	}
	name, ok := stripped(e.name, strip)
	if !ok {
		return nil
	}
	if !filepath.IsLocal(name) {
		return fmt.Errorf("%q leads out of the tool's folder", e.name)
	}
	switch e.kind {
	case folderEntry:
		return f.root.MkdirAll(path.Join(f.at, name), 0o755)
	case linkEntry:
		return f.link(path.Join(f.at, name), e.target)
	case hardEntry:
		target, ok := stripped(e.target, strip)
		if !ok || !filepath.IsLocal(target) {
			return fmt.Errorf("%q is a name of what is not in it", e.name)
		}
		return f.copy(path.Join(f.at, target), name, e.mode)
	}
	return f.file(name, e.mode, e.body)
}

// stripped drops the first elements of a path; ok is false where nothing is left.
func stripped(name string, strip int) (rest string, ok bool) {
	elements := strings.Split(strings.TrimPrefix(path.Clean(name), "./"), "/")
	if len(elements) <= strip {
		return "", false
	}
	rest = strings.Join(elements[strip:], "/")
	return rest, rest != "."
}

// copy makes a second file of one that is there: as a hard link both would get the mode of the last.
func (f *folder) copy(from, name string, mode fs.FileMode) error {
	in, err := f.root.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	return f.file(name, mode, in)
}

// file writes a file of the part. It is readable to all, writable to its owner, and executable where archive or layout
// say so.
func (f *folder) file(name string, mode fs.FileMode, body io.Reader) error {
	if !filepath.IsLocal(name) {
		return fmt.Errorf("%q is no name of a file", name)
	}
	to := path.Join(f.at, name)
	bits := fs.FileMode(0o644)
	if mode&0o111 != 0 || slices.ContainsFunc(f.executables, func(pattern string) bool {
		ok, err := path.Match(pattern, to)
		return ok && err == nil
	}) {
		bits = 0o755
	}
	if err := f.replace(to); err != nil {
		return err
	}
	out, err := f.root.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, bits)
	if err != nil {
		return err
	}
	n, err := io.Copy(out, io.LimitReader(body, f.left+1))
	if f.left -= n; err == nil && f.left < 0 {
		err = fmt.Errorf("it is more than %d GB", int64(maxBytes)>>30)
	}
	return errors.Join(err, out.Chmod(bits), out.Close())
}

// replace makes room for a name: its folders are there, and nothing of that name.
func (f *folder) replace(name string) error {
	if dir := path.Dir(name); dir != "." {
		if err := f.root.MkdirAll(dir, 0o755); err != nil {
			return err
		}
	}
	if err := f.root.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// link makes a symbolic link that stays within the tool's folder.
func (f *folder) link(name, target string) error {
	if path.IsAbs(target) || !filepath.IsLocal(path.Join(path.Dir(name), target)) {
		return fmt.Errorf("the link %q leads out of the tool's folder", name)
	}
	if err := f.replace(name); err != nil {
		return err
	}
	return f.root.Symlink(target, name)
}

// links makes the links of a layout. Both ends are below the tool's folder.
func (f *folder) links(links map[string]string) error {
	for _, from := range slices.Sorted(maps.Keys(links)) {
		if !filepath.IsLocal(from) || !filepath.IsLocal(links[from]) {
			return fmt.Errorf("the link %q leads out of the tool's folder", from)
		}
		target, err := filepath.Rel(path.Dir(from), links[from])
		if err != nil {
			return err
		}
		if err := f.link(from, target); err != nil {
			return err
		}
	}
	return nil
}
