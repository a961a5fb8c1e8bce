//go:build !windows

package login

import (
	"os"

	"golang.org/x/sys/unix"
)

// lockFile takes the lock that the system gives back when the process ends, however it ends.
func lockFile(f *os.File) error { return unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB) }
