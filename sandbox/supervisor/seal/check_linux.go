package seal

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/sys/unix"
)

// maxFamily is the last address family that is tried; the newest that Linux has is 45.
const maxFamily = 45

// maxNetlink is the last protocol of netlink that there may be (MAX_LINKS of linux/netlink.h is 32).
const maxNetlink = 31

// Check says what is wrong with the seal as the end of a sentence that begins with "The sandbox", nil where it holds. It takes
// about a millisecond.
func Check() error {
	return first(
		func() error { return interfaces(net.Interfaces) },
		func() error { return routes("/proc/net") },
		func() error { return privileges("/proc/self/task") },
		reached,
		func() error { return sockets(unix.Socket) },
		func() error { return ring(unix.SYS_IO_URING_SETUP) },
	)
}

func first(checks ...func() error) error {
	for _, check := range checks {
		if err := check(); err != nil {
			return err
		}
	}
	return nil
}

// interfaces refuses every interface that is up but loopback. Some kernels put tunnels into each namespace, which are down.
func interfaces(list func() ([]net.Interface, error)) error {
	all, err := list()
	if err != nil {
		return fmt.Errorf("does not say which network interfaces it has (%w)", err)
	}
	for _, i := range all {
		if i.Flags&net.FlagUp != 0 && i.Flags&net.FlagLoopback == 0 {
			return fmt.Errorf("has the network interface %q", i.Name)
		}
	}
	return nil
}

// routes refuses every route but those of loopback.
func routes(dir string) error {
	for _, table := range []struct {
		file           string
		header, device int
	}{{"route", 1, 0}, {"ipv6_route", 0, 9}} {
		text, err := os.ReadFile(filepath.Join(dir, table.file))
		if errors.Is(err, fs.ErrNotExist) {
			continue // a kernel without this version of IP; what leads out is tried as well
		}
		if err != nil {
			return fmt.Errorf("does not say which routes it has (%w)", err)
		}
		lines := strings.Split(strings.TrimSpace(string(text)), "\n")
		for _, line := range lines[min(table.header, len(lines)):] {
			f := strings.Fields(line)
			switch {
			case len(f) == 0:
			case len(f) <= table.device:
				return fmt.Errorf("has a route that cannot be read (%.80q)", line)
			case f[table.device] != "lo":
				return fmt.Errorf("has a network route by %q", f[table.device])
			}
		}
	}
	return nil
}

// privileges looks at each thread: what is started has the rights of the thread that starts it.
func privileges(dir string) error {
	threads, err := os.ReadDir(dir)
	if err != nil {
		return fmt.Errorf("does not say which rights it has (%w)", err)
	}
	for _, thread := range threads {
		text, err := os.ReadFile(filepath.Join(dir, thread.Name(), "status"))
		if errors.Is(err, fs.ErrNotExist) || errors.Is(err, unix.ESRCH) {
			continue // it has ended
		}
		if err != nil {
			return fmt.Errorf("does not say which rights it has (%w)", err)
		}
		if err := rights(string(text)); err != nil {
			return err
		}
	}
	// As the kernel says it to the thread itself: gVisor has no line for it.
	if n, err := unix.PrctlRetInt(unix.PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0); err != nil || n != 1 {
		return errors.New("lets programs gain new privileges")
	}
	return nil
}

// rights judges a thread's status. CapAmb, which old kernels and gVisor do not have, never holds what CapPrm does not.
func rights(status string) error {
	has := map[string]string{}
	for line := range strings.Lines(status) {
		name, value, _ := strings.Cut(line, ":")
		has[name] = strings.TrimSpace(value)
	}
	for _, set := range []string{"CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"} {
		value, found := has[set]
		switch {
		case !found && set != "CapAmb":
			return fmt.Errorf("does not say which capabilities it has (%s)", set)
		case strings.Trim(value, "0") != "":
			return fmt.Errorf("has capabilities (%s %s)", set, value)
		}
	}
	if value, found := has["NoNewPrivs"]; found && value != "1" {
		return errors.New("lets programs gain new privileges")
	}
	if has["Seccomp"] != "2" {
		return errors.New("has no filter of system calls")
	}
	return nil
}

// reached tries addresses that only a way out leads to: of documentation, of metadata services, of private networks. A socket
// for datagrams sends nothing when it connects.
func reached() error {
	for _, at := range []string{"192.0.2.1:9", "169.254.169.254:80", "10.255.255.254:9", "[2001:db8::1]:9"} {
		if c, err := net.Dial("udp", at); err == nil {
			_ = c.Close()
			return fmt.Errorf("has a way to %s", at)
		}
	}
	return nil
}

// sockets tries every family that may not be used. The filter answers as a kernel without the family does; a kernel that has it
// would say something else, if only that it has no socket of this type.
func sockets(open func(family, kind, protocol int) (int, error)) error {
	try := func(family, protocol int, what string) error {
		fd, err := open(family, unix.SOCK_RAW|unix.SOCK_CLOEXEC, protocol)
		if err == nil {
			_ = unix.Close(fd)
		}
		if !errors.Is(err, unix.EAFNOSUPPORT) {
			return fmt.Errorf("opens sockets of %s", what)
		}
		return nil
	}
	for family := range maxFamily + 1 {
		switch family {
		case afUnix, afInet, afInet6, afNetlink:
			continue
		}
		if err := try(family, 0, fmt.Sprintf("the address family %d", family)); err != nil {
			return err
		}
	}
	for protocol := 1; protocol <= maxNetlink; protocol++ {
		if err := try(afNetlink, protocol, fmt.Sprintf("the netlink protocol %d", protocol)); err != nil {
			return err
		}
	}
	return nil
}

// ring tries the call that begins every use of io_uring, with arguments that no kernel accepts.
func ring(number uintptr) error {
	fd, _, errno := unix.Syscall(number, 0, 0, 0)
	if errno == 0 {
		_ = unix.Close(int(fd))
	}
	if errno != unix.ENOSYS {
		return errors.New("allows io_uring, which opens any socket")
	}
	return nil
}
