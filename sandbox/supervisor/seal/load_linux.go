package seal

import (
	"fmt"
	"runtime"
	"unsafe"

	"golang.org/x/net/bpf"
	"golang.org/x/sys/unix"
)

// Filter loads the filter for this process, all of its threads, and all that they start. There is no way back.
func Filter() error {
	p, err := program(runtime.GOARCH)
	if err != nil {
		return err
	}
	raw, err := bpf.Assemble(p)
	if err != nil {
		return fmt.Errorf("assemble the filter: %w", err)
	}
	code := make([]unix.SockFilter, len(raw))
	for i, r := range raw {
		code[i] = unix.SockFilter{Code: r.Op, Jt: r.Jt, Jf: r.Jf, K: r.K}
	}
	if err := unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); err != nil {
		return fmt.Errorf("give up new privileges: %w", err)
	}
	f := unix.SockFprog{Len: uint16(len(code)), Filter: &code[0]}
	thread, _, errno := unix.Syscall(unix.SYS_SECCOMP, unix.SECCOMP_SET_MODE_FILTER, unix.SECCOMP_FILTER_FLAG_TSYNC,
		uintptr(unsafe.Pointer(&f)))
	if errno != 0 {
		return fmt.Errorf("load the filter: %w", errno)
	}
	if thread != 0 {
		return fmt.Errorf("load the filter: thread %d did not take it", thread)
	}
	return nil
}
