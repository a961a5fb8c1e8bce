package seal

import (
	"errors"
	"net"
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/sys/unix"
)

const sealedStatus = "Name:\tx\nCapInh:\t0000000000000000\nCapPrm:\t0000000000000000\nCapEff:\t0000000000000000\n" +
	"CapBnd:\t0000000000000000\nCapAmb:\t0000000000000000\nNoNewPrivs:\t1\nSeccomp:\t2\n"

func said(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

func TestRights(t *testing.T) {
	for name, c := range map[string]struct{ from, to, want string }{
		"sealed":             {"", "", ""},
		"inheritable":        {"CapInh:\t00000000", "CapInh:\t00000400", "has capabilities (CapInh 0000040000000000)"},
		"permitted":          {"CapPrm:\t0000000000000000", "CapPrm:\t0000000000002000", "has capabilities (CapPrm 0000000000002000)"},
		"effective":          {"CapEff:\t0000000000000000", "CapEff:\t0000000000000001", "has capabilities (CapEff 0000000000000001)"},
		"bounding":           {"CapBnd:\t0000000000000000", "CapBnd:\t00000000a80425fb", "has capabilities (CapBnd 00000000a80425fb)"},
		"ambient":            {"CapAmb:\t0000000000000000", "CapAmb:\t0000000000000400", "has capabilities (CapAmb 0000000000000400)"},
		"no ambient":         {"CapAmb:\t0000000000000000\n", "", ""},
		"no bounding":        {"CapBnd:\t0000000000000000\n", "", "does not say which capabilities it has (CapBnd)"},
		"new privileges":     {"NoNewPrivs:\t1", "NoNewPrivs:\t0", "lets programs gain new privileges"},
		"nothing about them": {"NoNewPrivs:\t1\n", "", ""},
		"no filter":          {"Seccomp:\t2", "Seccomp:\t0", "has no filter of system calls"},
		"no line of filters": {"Seccomp:\t2\n", "", "has no filter of system calls"},
	} {
		if got := said(rights(replace(t, sealedStatus, c.from, c.to))); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

func replace(t *testing.T, text, from, to string) string {
	t.Helper()
	if from == "" {
		return text
	}
	for i := range text {
		if len(text[i:]) >= len(from) && text[i:i+len(from)] == from {
			return text[:i] + to + text[i+len(from):]
		}
	}
	t.Fatalf("no %q", from)
	return ""
}

func TestEveryThreadCounts(t *testing.T) {
	dir := t.TempDir()
	thread := func(id, status string) {
		if err := os.MkdirAll(filepath.Join(dir, id), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, id, "status"), []byte(status), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	thread("1", sealedStatus)
	thread("2", replace(t, sealedStatus, "Seccomp:\t2", "Seccomp:\t0"))
	if got := said(privileges(dir)); got != "has no filter of system calls" {
		t.Errorf("%q", got)
	}
	if got := said(privileges(filepath.Join(dir, "none"))); got == "" {
		t.Error("nothing can be read, and nothing is wrong")
	}
}

func TestRoutes(t *testing.T) {
	const header = "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT\n"
	const lo6 = "00000000000000000000000000000001 80 00000000000000000000000000000000 00 00000000000000000000000000000000 00000000 00000002 00000000 80200001       lo\n"
	const eth6 = "fe800000000000000000000000000000 40 00000000000000000000000000000000 00 00000000000000000000000000000000 00000100 00000001 00000000 00000001     eth0\n"
	for name, c := range map[string]struct{ v4, v6, want string }{
		"sealed":      {header, lo6 + lo6, ""},
		"no header":   {"", "", ""},
		"default":     {header + "eth0\t00000000\t010011AC\t0003\t0\t0\t0\t00000000\t0\t0\t0\n", "", `has a network route by "eth0"`},
		"IPv6":        {header, lo6 + eth6, `has a network route by "eth0"`},
		"unreadable":  {header, "what is this", `has a route that cannot be read ("what is this")`},
		"loopback v4": {header + "lo\t0000007F\t00000000\t0001\t0\t0\t0\t000000FF\t0\t0\t0\n", "", ""},
	} {
		dir := t.TempDir()
		if got := said(routes(dir)); got != "" {
			t.Errorf("without tables: %q", got)
		}
		for file, text := range map[string]string{"route": c.v4, "ipv6_route": c.v6} {
			if err := os.WriteFile(filepath.Join(dir, file), []byte(text), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		if got := said(routes(dir)); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

func TestInterfaces(t *testing.T) {
	up, down := net.Interface{Name: "eth0", Flags: net.FlagUp}, net.Interface{Name: "tunl0"}
	lo := net.Interface{Name: "lo", Flags: net.FlagUp | net.FlagLoopback}
	for want, list := range map[string][]net.Interface{
		"":                                 {lo, down},
		`has the network interface "eth0"`: {lo, down, up},
	} {
		if got := said(interfaces(func() ([]net.Interface, error) { return list, nil })); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
	if err := interfaces(func() ([]net.Interface, error) { return nil, errors.New("no") }); err == nil {
		t.Error("nothing can be read, and nothing is wrong")
	}
}

func TestSocketsThatOpenOrAreRefusedForAnotherReasonAreTold(t *testing.T) {
	for want, c := range map[string]struct {
		family, protocol int
		err              error
	}{
		"":                                       {family: -1},
		"opens sockets of the address family 40": {family: 40, err: unix.ESOCKTNOSUPPORT},
		"opens sockets of the address family 17": {family: 17, err: unix.EPERM},
		"opens sockets of the netlink protocol 15": {family: 16, protocol: 15},
	} {
		got := said(sockets(func(family, _, protocol int) (int, error) {
			if family == c.family && protocol == c.protocol {
				return -1, c.err
			}
			return -1, unix.EAFNOSUPPORT
		}))
		if got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
