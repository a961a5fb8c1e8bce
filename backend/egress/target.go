package egress

import (
	"errors"
	"net"
	"net/netip"
	"strconv"
	"strings"

	"golang.org/x/net/idna"
)

// target is where a connection wants to go: a name or an address, and a port. Exactly one of name and addr is set. A
// name is in the one form that is ever compared: ASCII, lower case, two labels or more, no trailing dot.
type target struct {
	name string
	addr netip.Addr
	port uint16
}

func (t target) host() string {
	if t.name != "" {
		return t.name
	}
	return t.addr.String()
}

func (t target) String() string { return net.JoinHostPort(t.host(), strconv.Itoa(int(t.port))) }

var (
	errNameForm    = errors.New("this is not a plain host name")
	errNameShort   = errors.New("a host name needs a domain")
	errItself      = errors.New("this is the sandbox itself, which is reached without the proxy")
	errAddressForm = errors.New("this form of an IP address is not accepted")
	errPortForm    = errors.New("this is not a port")
)

// maxName bounds a host name in text form (RFC 1035, 2.3.4).
const maxName = 253

// parseTarget reads host or host:port as a client wrote it; defaultPort is the port of the first form. It repairs nothing: a client that means a host writes
// it plainly, and every other form (percent signs, user names, unicode, trailing dots, addresses as one number, in
// octal, in hex, with a zone) is a way to be read differently by two programs.
func parseTarget(s string, defaultPort uint16) (target, error) {
	host, port, err := splitPort(s, defaultPort)
	if err != nil {
		return target{}, err
	}
	if inner, ok := strings.CutPrefix(host, "["); ok {
		addr, err := netip.ParseAddr(strings.TrimSuffix(inner, "]"))
		if err != nil || !addr.Is6() || addr.Zone() != "" {
			return target{}, errAddressForm
		}
		return target{addr: addr.Unmap(), port: port}, nil
	}
	name, err := plainName(host)
	if err != nil {
		return target{}, err
	}
	if endsInNumber(name) {
		addr, err := netip.ParseAddr(name)
		if err != nil {
			return target{}, errAddressForm
		}
		return target{addr: addr, port: port}, nil
	}
	if name == "localhost" || strings.HasSuffix(name, ".localhost") {
		return target{}, errItself
	}
	if !strings.Contains(name, ".") {
		return target{}, errNameShort // it would be looked up in the user's own network
	}
	return target{name: name, port: port}, nil
}

func splitPort(s string, defaultPort uint16) (host string, port uint16, err error) {
	host, port = s, defaultPort
	end := strings.LastIndexByte(s, ':')
	if bracket := strings.LastIndexByte(s, ']'); end > bracket {
		text := s[end+1:]
		n, err := strconv.ParseUint(text, 10, 16)
		if err != nil || n == 0 || strconv.FormatUint(n, 10) != text {
			return "", 0, errPortForm
		}
		host, port = s[:end], uint16(n)
	}
	if strings.HasPrefix(host, "[") != strings.HasSuffix(host, "]") {
		return "", 0, errAddressForm
	}
	return host, port, nil
}

// plainName returns a name in lower case, an error where it is not letters, digits, hyphens and underscores in labels
// of 1 to 63, or where it holds punycode that no unicode name encodes to.
func plainName(s string) (string, error) {
	if s == "" || len(s) > maxName {
		return "", errNameForm
	}
	name := strings.ToLower(s)
	for label := range strings.SplitSeq(name, ".") {
		if label == "" || len(label) > 63 || label[0] == '-' || label[len(label)-1] == '-' {
			return "", errNameForm
		}
		for _, c := range []byte(label) {
			if !(c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '-' || c == '_') {
				return "", errNameForm
			}
		}
		if strings.HasPrefix(label, "xn--") {
			if ascii, err := idna.Lookup.ToASCII(label); err != nil || ascii != label {
				return "", errNameForm
			}
		}
	}
	return name, nil
}

// endsInNumber reports whether a name would be read as an IPv4 address by some program: the last label is a number,
// decimal or hex (the rule of the URL standard).
func endsInNumber(name string) bool {
	last := name[strings.LastIndexByte(name, '.')+1:]
	if hex, ok := strings.CutPrefix(last, "0x"); ok {
		return strings.Trim(hex, "0123456789abcdef") == ""
	}
	return strings.Trim(last, "0123456789") == ""
}

// shown is text of a sandbox's as it may stand in the ledger, in questions and in answers: printable, short.
func shown(s string) string {
	if len(s) > 100 {
		s = s[:100]
	}
	return strings.Map(func(r rune) rune {
		if r < ' ' || r > '~' {
			return '?'
		}
		return r
	}, s)
}
