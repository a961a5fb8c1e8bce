package backend

import "syscall"

// keepMemory keeps this process' memory, which holds keys, from being written to disk when it crashes. A limit of one byte
// also stops dumps that the kernel hands to a program (apport, systemd-coredump), which one of none would not. It is the soft
// limit: what the user starts from here, a terminal say, may raise it.
func keepMemory() {
	var l syscall.Rlimit
	if syscall.Getrlimit(syscall.RLIMIT_CORE, &l) == nil && l.Max > 0 {
		l.Cur = 1
		_ = syscall.Setrlimit(syscall.RLIMIT_CORE, &l)
	}
}
