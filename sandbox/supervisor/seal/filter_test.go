package seal

import (
	"encoding/binary"
	"testing"

	"golang.org/x/net/bpf"
)

// answer runs the filter of an architecture on a call.
func answer(t *testing.T, goarch string, arch, number, family, protocol uint32) uint32 {
	t.Helper()
	p, err := program(goarch)
	if err != nil {
		t.Fatal(err)
	}
	vm, err := bpf.NewVM(p)
	if err != nil {
		t.Fatal(err)
	}
	data := make([]byte, 64) // struct seccomp_data; the machine reads big endian
	binary.BigEndian.PutUint32(data[offNumber:], number)
	binary.BigEndian.PutUint32(data[offArch:], arch)
	binary.BigEndian.PutUint32(data[offFamily:], family)
	binary.BigEndian.PutUint32(data[offProtocol:], protocol)
	got, err := vm.Run(data)
	if err != nil {
		t.Fatal(err)
	}
	return uint32(got)
}

func TestFilterAllowsFourFamiliesAndNoOther(t *testing.T) {
	for goarch, known := range abis {
		for _, a := range known {
			for _, number := range a.sockets {
				for family := range uint32(64) {
					for protocol := range uint32(32) {
						want := uint32(noFamily)
						if family == 1 || family == 2 || family == 10 || family == 16 && protocol == 0 {
							want = retAllow
						}
						if got := answer(t, goarch, a.arch, number, family, protocol); got != want {
							t.Errorf("%s: call %d of %#x, family %d, protocol %d: %#x, want %#x", goarch, number, a.arch, family, protocol, got, want)
						}
					}
				}
			}
		}
	}
}

func TestFilterRefusesWaysAroundIt(t *testing.T) {
	const amd64, i386, arm64, arm = 0xC000003E, 0x40000003, 0xC00000B7, 0x40000028
	for _, c := range []struct {
		name         string
		goarch       string
		arch, number uint32
		want         uint32
	}{
		{"io_uring_setup", "amd64", amd64, 425, noCall},
		{"io_uring_enter", "amd64", amd64, 426, noCall},
		{"io_uring_register", "amd64", amd64, 427, noCall},
		{"io_uring_setup of i386", "amd64", i386, 425, noCall},
		{"io_uring_setup of arm64", "arm64", arm64, 425, noCall},
		{"io_uring_setup of arm", "arm64", arm, 425, noCall},
		{"socketcall of i386", "amd64", i386, 102, noCall},
		{"socketcall of arm", "arm64", arm, 102, noCall},
		{"socket of x32", "amd64", amd64, x32 | 41, noCall},
		{"socketpair of x32", "amd64", amd64, x32 | 53, noCall},
		{"read of x32", "amd64", amd64, x32, noCall},
		{"no call", "amd64", amd64, 0xFFFFFFFF, noCall},
		{"arm64's socket on amd64", "amd64", arm64, 198, noCall},
		{"read of an unknown architecture", "arm64", amd64, 0, noCall},
		{"read", "amd64", amd64, 0, retAllow},
		{"getuid, which has the number of socketcall", "amd64", amd64, 102, retAllow},
		{"connect", "amd64", amd64, 42, retAllow},
		{"execve", "amd64", amd64, 59, retAllow},
		{"exit of i386", "amd64", i386, 1, retAllow},
		{"openat", "arm64", arm64, 56, retAllow},
		{"exit of arm", "arm64", arm, 1, retAllow},
	} {
		if got := answer(t, c.goarch, c.arch, c.number, 40, 0); got != c.want {
			t.Errorf("%s: %#x, want %#x", c.name, got, c.want)
		}
	}
	if _, err := program("riscv64"); err == nil {
		t.Error("a filter for an architecture that nobody wrote one for")
	}
}
