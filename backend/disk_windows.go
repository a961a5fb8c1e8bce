package backend

import (
	"fmt"

	"golang.org/x/sys/windows"

	"background-agents/backend/session"
)

// freeRoom returns what the user can still write below dir.
func freeRoom(dir string) (session.Room, error) {
	name, err := windows.UTF16PtrFromString(dir)
	if err != nil {
		return session.Room{}, fmt.Errorf("ask for free space: %w", err)
	}
	var free uint64
	if err := windows.GetDiskFreeSpaceEx(name, &free, nil, nil); err != nil {
		return session.Room{}, fmt.Errorf("ask for free space: %w", err)
	}
	return session.Room{Bytes: int64(free)}, nil
}
