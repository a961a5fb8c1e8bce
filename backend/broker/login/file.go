package login

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"background-agents/backend/private"
)

// lockCheck is how often a lock is asked for that another process holds.
const lockCheck = 50 * time.Millisecond

// maxFile bounds what is read of a login's file.
const maxFile = 1 << 20

// read returns a login's file, nil if there is none.
func read(path string) ([]byte, error) {
	info, err := os.Stat(path) // before it is opened: a pipe would wait for ever
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, nil
	case err != nil:
		return nil, fmt.Errorf("read login: %w", err)
	case !info.Mode().IsRegular() || info.Size() > maxFile:
		return nil, fmt.Errorf("read login: %s is no file of a login", path)
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("read login: %w", err)
	}
	defer f.Close()
	raw, err := io.ReadAll(io.LimitReader(f, maxFile))
	if err != nil {
		return nil, fmt.Errorf("read login: %w", err)
	}
	return raw, nil
}

// replace writes a login's file again: all of it or nothing, for the user alone. Where the name is a link, what it
// leads to is replaced.
func replace(path string, content []byte) error {
	real, err := filepath.EvalSymlinks(path)
	if err != nil {
		return fmt.Errorf("write login: %w", err)
	}
	info, err := os.Stat(real)
	if err != nil {
		return fmt.Errorf("write login: %w", err)
	}
	f, err := os.CreateTemp(filepath.Dir(real), "."+filepath.Base(real)+"-*") // mode 0600
	if err != nil {
		return fmt.Errorf("write login: %w", err)
	}
	_, err = f.Write(content)
	if err == nil {
		err = own(f, info) // under sudo the file is still its user's
	}
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err == nil {
		err = os.Rename(f.Name(), real)
	}
	if err != nil {
		return fmt.Errorf("write login: %w", errors.Join(err, os.Remove(f.Name())))
	}
	return nil
}

// hold takes the lock for a login's file, which other processes of the user's take too, and waits for it. The system
// gives it back when the process ends, however it ends.
func hold(ctx context.Context, locks, path string) (release func(), err error) {
	if err := os.MkdirAll(locks, 0o700); err != nil {
		return nil, fmt.Errorf("lock login: %w", err)
	}
	if real, err := filepath.EvalSymlinks(path); err == nil {
		path = real
	}
	sum := sha256.Sum256([]byte(path))
	f, err := private.OpenFile(filepath.Join(locks, "login-"+hex.EncodeToString(sum[:8])), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("lock login: %w", err)
	}
	for {
		if err = lockFile(f); err == nil {
			return func() { _ = f.Close() }, nil
		}
		select {
		case <-ctx.Done():
			_ = f.Close()
			return nil, fmt.Errorf("lock login: %w", errors.Join(ctx.Err(), err))
		case <-time.After(lockCheck):
		}
	}
}
