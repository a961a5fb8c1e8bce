//go:build generate && linux

// Command generate writes the seccomp profile of sandboxes: the engine's own default, with fewer sockets.
package main

import (
	"encoding/json"
	"log"
	"os"
	"slices"

	"github.com/moby/profiles/seccomp"
	"github.com/opencontainers/runtime-spec/specs-go"
	"golang.org/x/sys/unix"
)

func main() {
	p := seccomp.DefaultProfile()
	var rules []*seccomp.Syscall
	for _, rule := range p.Syscalls {
		rule.Names = slices.DeleteFunc(rule.Names, func(name string) bool {
			// The arguments of socketcall lie in memory, where no filter reads them.
			return name == "socket" || name == "socketpair" || name == "socketcall"
		})
		if len(rule.Names) > 0 {
			rules = append(rules, rule)
		}
	}
	for _, family := range []uint64{unix.AF_UNIX, unix.AF_INET, unix.AF_INET6} {
		rules = append(rules, sockets(equal(0, family)))
	}
	rules = append(rules, sockets(equal(0, unix.AF_NETLINK), equal(2, unix.NETLINK_ROUTE)))
	p.Syscalls = rules
	raw, err := json.MarshalIndent(p, "", " ")
	if err != nil {
		log.Fatal(err)
	}
	if err := os.WriteFile("seccomp/profile.json", append(raw, '\n'), 0o644); err != nil {
		log.Fatal(err)
	}
}

// sockets allows socket and socketpair where all of the arguments match; everything else gets the profile's error.
func sockets(args ...specs.LinuxSeccompArg) *seccomp.Syscall {
	return &seccomp.Syscall{LinuxSyscall: specs.LinuxSyscall{
		Names: []string{"socket", "socketpair"}, Action: specs.ActAllow, Args: args,
	}}
}

func equal(index uint, value uint64) specs.LinuxSeccompArg {
	return specs.LinuxSeccompArg{Index: index, Value: value, Op: specs.OpEqualTo}
}
