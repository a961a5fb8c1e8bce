//go:build !windows

package backend

import (
	"fmt"

	"golang.org/x/sys/unix"

	"background-agents/backend/session"
)

// freeRoom returns what a user who is not root can still write below dir.
func freeRoom(dir string) (session.Room, error) {
	var st unix.Statfs_t
	if err := unix.Statfs(dir, &st); err != nil {
		return session.Room{}, fmt.Errorf("ask for free space: %w", err)
	}
	//nolint:unconvert // their types differ between systems
	return session.Room{Bytes: int64(st.Bavail) * int64(st.Bsize), Files: int64(st.Ffree), AllFiles: int64(st.Files)}, nil
}
