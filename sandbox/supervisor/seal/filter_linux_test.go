package seal

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// asChild makes this program load the filter, or not, and say what it can open.
const asChild = "SEAL_TEST_CHILD"

func TestMain(m *testing.M) {
	switch os.Getenv(asChild) {
	case "filtered":
		if err := Filter(); err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
		fallthrough
	case "free":
		report(os.Args[1:])
		return
	}
	os.Exit(m.Run())
}

// report prints which sockets open, here and in the programs that are named.
func report(programs []string) {
	var families, protocols []int
	for family := range maxFamily + 1 {
		for _, kind := range []int{unix.SOCK_STREAM, unix.SOCK_DGRAM, unix.SOCK_RAW, unix.SOCK_SEQPACKET} {
			if fd, err := unix.Socket(family, kind, 0); err == nil {
				_ = unix.Close(fd)
				families = append(families, family)
				break
			}
		}
	}
	for protocol := range maxNetlink + 1 {
		if fd, err := unix.Socket(afNetlink, unix.SOCK_RAW, protocol); err == nil {
			_ = unix.Close(fd)
			protocols = append(protocols, protocol)
		}
	}
	fmt.Println("families", families, "netlink", protocols)
	_, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM, 0)
	fmt.Println("pair", err)
	_, _, errno := unix.Syscall(unix.SYS_IO_URING_SETUP, 0, 0, 0)
	fmt.Println("ring", errno == unix.ENOSYS)
	for _, p := range programs {
		var failed *exec.ExitError
		if err := exec.Command(p).Run(); errors.As(err, &failed) {
			fmt.Println(filepath.Base(p), unix.Errno(failed.ExitCode()))
		} else {
			fmt.Println(filepath.Base(p), "opens")
		}
	}
}

func TestWhatTheFilterLeaves(t *testing.T) {
	dir := t.TempDir()
	var programs []string
	if runtime.GOARCH == "amd64" {
		for name, code := range map[string][]byte{"socket": socketOf32, "socketcall": socketcallOf32} {
			path := filepath.Join(dir, name)
			if err := os.WriteFile(path, elf32(code), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := exec.Command(path).Run(); errors.Is(err, unix.ENOEXEC) {
				t.Logf("this kernel runs no 32-bit programs: %v", err)
				continue
			}
			programs = append(programs, path)
		}
	}
	run := func(as string) string {
		c := exec.Command(os.Args[0], programs...)
		c.Env = append(os.Environ(), asChild+"="+as)
		out, err := c.CombinedOutput()
		if err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		return string(out)
	}
	got := run("filtered")
	want := "families [1 2 10 16] netlink [0]\npair <nil>\nring true\n"
	if !strings.HasPrefix(got, want) {
		t.Errorf("it says %q, want %q", got, want)
	}
	for _, p := range programs {
		why := map[string]unix.Errno{"socket": unix.EAFNOSUPPORT, "socketcall": unix.ENOSYS}[filepath.Base(p)]
		if line := filepath.Base(p) + " " + why.Error(); !strings.Contains(got, line) {
			t.Errorf("%q is not in %q", line, got)
		}
	}
	// Without the filter the same programs open more.
	free := run("free")
	if strings.Contains(free, "netlink [0]\n") || strings.Count(free, "opens") != len(programs) {
		t.Errorf("control: without the filter it says %q", free)
	}
}

// Programs of i386 that open a socket of netlink's protocol 15 and end with the error's number.
var (
	socketOf32 = append([]byte{
		0xb8, 0x67, 0x01, 0, 0, // mov eax, 359 (socket)
		0xbb, 16, 0, 0, 0, // mov ebx, AF_NETLINK
		0xb9, 3, 0, 0, 0, // mov ecx, SOCK_RAW
		0xba, 15, 0, 0, 0, // mov edx, NETLINK_KOBJECT_UEVENT
	}, endOf32...)
	socketcallOf32 = append([]byte{
		0x6a, 15, 0x6a, 3, 0x6a, 16, // push 15, SOCK_RAW, AF_NETLINK
		0x89, 0xe1, // mov ecx, esp
		0xbb, 1, 0, 0, 0, // mov ebx, SYS_SOCKET
		0xb8, 102, 0, 0, 0, // mov eax, 102 (socketcall)
	}, endOf32...)
	endOf32 = []byte{
		0xcd, 0x80, // int 0x80
		0xf7, 0xd8, // neg eax
		0x79, 0x02, // jns, over
		0x31, 0xc0, // xor eax, eax
		0x89, 0xc3, // mov ebx, eax
		0xb8, 1, 0, 0, 0, // mov eax, 1 (exit)
		0xcd, 0x80,
	}
)

// elf32 makes a program of i386 from its code.
func elf32(code []byte) []byte {
	const base, head = 0x08048000, 52 + 32
	var b bytes.Buffer
	b.Write([]byte{0x7f, 'E', 'L', 'F', 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0})
	size := uint32(head + len(code))
	for _, v := range []any{
		uint16(2), uint16(3), uint32(1), uint32(base + head), uint32(52), uint32(0), uint32(0),
		uint16(52), uint16(32), uint16(1), uint16(0), uint16(0), uint16(0),
		uint32(1), uint32(0), uint32(base), uint32(base), size, size, uint32(5), uint32(0x1000),
	} {
		_ = binary.Write(&b, binary.LittleEndian, v)
	}
	return append(b.Bytes(), code...)
}
