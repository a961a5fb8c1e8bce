package gitrepo

import (
	"errors"
	"os"

	"golang.org/x/sys/windows"
)

func tryFlock(f *os.File) (busy bool, err error) {
	const flags = windows.LOCKFILE_EXCLUSIVE_LOCK | windows.LOCKFILE_FAIL_IMMEDIATELY
	err = windows.LockFileEx(windows.Handle(f.Fd()), flags, 0, 1, 0, new(windows.Overlapped))
	if errors.Is(err, windows.ERROR_LOCK_VIOLATION) || errors.Is(err, windows.ERROR_IO_PENDING) {
		return true, nil
	}
	return false, err
}

// Windows passes no files on to commands; a command there ends with its pipes.
func inheritable(*os.File) []*os.File { return nil }
