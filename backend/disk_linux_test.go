package backend

import (
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

// What is left is asked of both disks, in bytes and in files.
func TestTheDiskWithLessRoomCounts(t *testing.T) {
	data, engine := t.TempDir(), t.TempDir()
	before, err := roomOf(data, func() string { return filepath.Join(engine, "in a virtual machine") })
	if err != nil || before.Bytes <= 0 {
		t.Fatal(before, err)
	}
	if os.Getuid() != 0 {
		t.Skip("a small disk is made by mounting one, which only root may do")
	}
	if err := syscall.Mount("tmpfs", engine, "tmpfs", 0, "size=8m,nr_inodes=100"); err != nil {
		t.Skip("a small disk is made by mounting one, which this machine forbids: ", err)
	}
	t.Cleanup(func() { _ = syscall.Unmount(engine, 0) })
	for n := range 90 {
		if err := os.WriteFile(filepath.Join(engine, fmt.Sprint(n)), []byte("x"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	room, err := roomOf(data, func() string { return engine })
	if err != nil || room.Bytes > 8<<20 || room.AllFiles != 100 || room.Files < 5 || room.Files > 10 {
		t.Errorf("%+v, %v", room, err)
	}
	if what, _ := room.Lack(); what == "" {
		t.Error("it is said to be enough")
	}
}
