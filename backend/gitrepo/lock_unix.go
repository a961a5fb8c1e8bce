//go:build unix

package gitrepo

import (
	"errors"
	"os"
	"syscall"
)

func tryFlock(f *os.File) (busy bool, err error) {
	for {
		err = syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		if !errors.Is(err, syscall.EINTR) {
			break
		}
	}
	if errors.Is(err, syscall.EWOULDBLOCK) {
		return true, nil
	}
	return false, err
}

func inheritable(f *os.File) []*os.File { return []*os.File{f} }
