package seal

import (
	"fmt"

	"golang.org/x/net/bpf"
)

// Address families and the one protocol of netlink that may be used.
const (
	afUnix       = 1
	afInet       = 2
	afInet6      = 10
	afNetlink    = 16
	netlinkRoute = 0
)

// What a filter answers, of linux/seccomp.h. The low half of an errno is the error; these numbers are the same on all
// architectures that there are supervisors for.
const (
	retAllow = 0x7fff0000
	retErrno = 0x00050000
	noFamily = retErrno | 97 // EAFNOSUPPORT: what a kernel without the family answers
	noCall   = retErrno | 38 // ENOSYS: what a kernel without the call answers
)

// Places in struct seccomp_data. Of an argument only the low half is read: family and protocol are ints to the kernel.
const (
	offNumber   = 0
	offArch     = 4
	offFamily   = 16
	offProtocol = 32
)

// x32 is the bit that marks the calls of x86's third ABI.
const x32 = 0x40000000

// abi is how programs of one kind call the kernel.
type abi struct {
	arch    uint32   // AUDIT_ARCH of linux/audit.h
	sockets []uint32 // socket and socketpair
	refused []uint32 // calls that make sockets by arguments that no filter can read
	x32     bool
}

// Calls of io_uring make sockets past every filter of socket(2). Their numbers are the same everywhere.
var ioUring = []uint32{425, 426, 427}

// abis are those that a kernel of an architecture can serve.
var abis = map[string][]abi{
	"amd64": {
		{arch: 0xC000003E, sockets: []uint32{41, 53}, x32: true},
		{arch: 0x40000003, sockets: []uint32{359, 360}, refused: []uint32{102}}, // i386; 102 is socketcall
	},
	"arm64": {
		{arch: 0xC00000B7, sockets: []uint32{198, 199}},
		{arch: 0x40000028, sockets: []uint32{281, 288}, refused: []uint32{102}}, // arm
	},
}

// program returns the filter for a kernel of this architecture: a section for each ABI, and no other ABI.
func program(goarch string) ([]bpf.Instruction, error) {
	known := abis[goarch]
	if known == nil {
		return nil, fmt.Errorf("no filter is known for %s", goarch)
	}
	var p []bpf.Instruction
	for _, a := range known {
		s := section(a)
		p = append(p, bpf.LoadAbsolute{Off: offArch, Size: 4}, skipUnless(a.arch, len(s)))
		p = append(p, s...)
	}
	return append(p, bpf.RetConstant{Val: noCall}), nil
}

// section judges a call of one ABI and always returns.
func section(a abi) []bpf.Instruction {
	p := []bpf.Instruction{bpf.LoadAbsolute{Off: offNumber, Size: 4}}
	if a.x32 {
		p = append(p, bpf.JumpIf{Cond: bpf.JumpGreaterOrEqual, Val: x32, SkipFalse: 1}, bpf.RetConstant{Val: noCall})
	}
	for _, n := range append(append([]uint32{}, ioUring...), a.refused...) {
		p = append(p, skipUnless(n, 1), bpf.RetConstant{Val: noCall})
	}
	for _, n := range a.sockets {
		s := socket()
		p = append(p, skipUnless(n, len(s)))
		p = append(p, s...)
	}
	return append(p, bpf.RetConstant{Val: retAllow})
}

// socket judges the arguments of socket and socketpair, which begin alike, and always returns.
func socket() []bpf.Instruction {
	allow := bpf.RetConstant{Val: retAllow}
	p := []bpf.Instruction{bpf.LoadAbsolute{Off: offFamily, Size: 4}}
	for _, family := range []uint32{afUnix, afInet, afInet6} {
		p = append(p, skipUnless(family, 1), allow)
	}
	return append(p,
		skipUnless(afNetlink, 3),
		bpf.LoadAbsolute{Off: offProtocol, Size: 4},
		skipUnless(netlinkRoute, 1),
		allow,
		bpf.RetConstant{Val: noFamily})
}

// skipUnless skips n instructions unless what was loaded is value.
func skipUnless(value uint32, n int) bpf.Instruction {
	return bpf.JumpIf{Cond: bpf.JumpNotEqual, Val: value, SkipTrue: uint8(n)}
}
