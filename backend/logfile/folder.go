// Package logfile writes log files that stay within bounds while they are written: each is put aside when it has grown
// to half of what it may have, and the oldest go when all together have more than they may.
package logfile

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"sync"
	"time"
)

// Bounds, in bytes.
const (
	MaxFile  = 10 << 20 // of a file with the one that was put aside
	MaxTotal = 50 << 20 // of the folder
)

// maxOpen bounds the files that are kept open.
const maxOpen = 16

// aside is what the name of a file that was put aside ends in.
const aside = ".1"

// Folder is a folder of log files. Its methods may be called from any goroutine. Links in it that lead elsewhere are
// not followed.
type Folder struct {
	root *os.Root

	mu    sync.Mutex
	files map[string]*file // by name; those that are there
	total int64
	open  int
}

type file struct {
	size int64
	used time.Time // last written
	f    *os.File  // nil where it is not open
}

// Open opens the folder dir, and makes it where it is missing.
func Open(dir string) (*Folder, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("make log folder: %w", err)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, fmt.Errorf("open log folder: %w", err)
	}
	l := &Folder{root: root, files: map[string]*file{}}
	found, err := fs.ReadDir(root.FS(), ".")
	if err != nil {
		_ = root.Close()
		return nil, fmt.Errorf("read log folder: %w", err)
	}
	for _, e := range found {
		st, err := e.Info()
		if err != nil || !st.Mode().IsRegular() || !isLog(e.Name()) {
			continue
		}
		l.files[e.Name()] = &file{size: st.Size(), used: st.ModTime()}
		l.total += st.Size()
	}
	l.prune("")
	return l, nil
}

func isLog(name string) bool { return strings.HasSuffix(strings.TrimSuffix(name, aside), ".log") }

// Write appends a line to the file of that name, which ends in .log.
func (l *Folder) Write(name string, line []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !isLog(name) || strings.HasSuffix(name, aside) {
		return 0, fmt.Errorf("%q is not the name of a log file", name)
	}
	if len(line) > MaxFile/2 {
		line = line[:MaxFile/2]
	}
	if f := l.files[name]; f != nil && f.size+int64(len(line)) > MaxFile/2 {
		if err := l.rotate(name); err != nil {
			return 0, err
		}
	}
	f, err := l.opened(name)
	if err != nil {
		return 0, err
	}
	n, err := f.f.Write(line)
	f.size += int64(n)
	f.used = time.Now()
	l.total += int64(n)
	l.prune(name)
	if err != nil {
		return n, fmt.Errorf("write log: %w", err)
	}
	return n, nil
}

// Close closes the files.
func (l *Folder) Close() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	var errs []error
	for _, f := range l.files {
		errs = append(errs, l.close(f))
	}
	return errors.Join(append(errs, l.root.Close())...)
}

// opened returns the file, open for appending.
func (l *Folder) opened(name string) (*file, error) {
	f := l.files[name]
	if f != nil && f.f != nil {
		return f, nil
	}
	for l.open >= maxOpen {
		_ = l.close(l.oldest(func(_ string, f *file) bool { return f.f != nil }))
	}
	opened, err := l.root.OpenFile(name, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open log: %w", err)
	}
	if f == nil {
		f = &file{}
		l.files[name] = f
	}
	f.f = opened
	l.open++
	return f, nil
}

func (l *Folder) close(f *file) error {
	if f == nil || f.f == nil {
		return nil
	}
	err := f.f.Close()
	f.f = nil
	l.open--
	return err
}

// oldest returns the file that was not written for the longest time, of those that may be taken; nil if there is none.
func (l *Folder) oldest(may func(name string, f *file) bool) *file {
	var found *file
	for name, f := range l.files {
		if may(name, f) && (found == nil || f.used.Before(found.used)) {
			found = f
		}
	}
	return found
}

// rotate puts a file aside, in the place of the one that was put aside before.
func (l *Folder) rotate(name string) error {
	f := l.files[name]
	if err := l.close(f); err != nil {
		return fmt.Errorf("close log: %w", err)
	}
	if err := l.root.Rename(name, name+aside); err != nil {
		return fmt.Errorf("put log aside: %w", err)
	}
	if before := l.files[name+aside]; before != nil {
		l.total -= before.size
	}
	l.files[name+aside] = f
	delete(l.files, name)
	return nil
}

// prune removes the files that were not written for the longest time until the rest is within bounds; keep is not
// removed.
func (l *Folder) prune(keep string) {
	for l.total > MaxTotal {
		f := l.oldest(func(name string, _ *file) bool { return name != keep })
		if f == nil {
			return
		}
		for name, other := range l.files {
			if other != f {
				continue
			}
			_ = l.close(f)
			if err := l.root.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
				f.used = time.Now() // another goes first
				return
			}
			l.total -= f.size
			delete(l.files, name)
		}
	}
}
