//go:build !windows

package backend

import (
	"fmt"

	"golang.org/x/sys/unix"
)

// freeDisk returns the bytes that a user who is not root can still write below dir.
func freeDisk(dir string) (int64, error) {
	var st unix.Statfs_t
	if err := unix.Statfs(dir, &st); err != nil {
		return 0, fmt.Errorf("ask for free space: %w", err)
	}
	return int64(st.Bavail) * int64(st.Bsize), nil //nolint:unconvert // its type differs between systems
}
