package egress

import (
	"net/netip"
	"strings"

	"golang.org/x/net/idna"
	"golang.org/x/net/publicsuffix"

	"background-agents/backend/session"
)

// Rule is one entry of a user's list, in the form in which it is compared.
//
//	example.com          exactly this host
//	*.example.com        every subdomain of it, at any depth, and not itself
//	192.0.2.7            exactly this address; one in a private network too, when it stands in the allow list
//	example.com:8080     any of these, with one port
//
// Without a port, an allow rule covers 443 and 80, and a deny rule every port.
type Rule struct {
	name string
	wild bool // name and all above it, but not name itself
	addr netip.Addr
	port uint16 // 0: none given
}

// anyPort stands for the port that a rule does not name; parseTarget takes no such port from text.
const anyPort = 0

// ParseRule reads a rule as a user writes it: unicode names are taken, and turned to ASCII. The error is a
// *session.Error that says what to write.
func ParseRule(text string) (Rule, error) {
	rest, wild := strings.CutPrefix(strings.TrimSpace(text), "*.")
	if strings.ContainsFunc(rest, func(r rune) bool { return r > '~' }) {
		host, port, found := strings.Cut(rest, ":")
		ascii, err := idna.Lookup.ToASCII(host)
		if err != nil {
			return Rule{}, badRule(text, err)
		}
		if rest = ascii; found {
			rest += ":" + port
		}
	}
	if a, err := netip.ParseAddr(rest); err == nil && a.Is6() {
		rest = "[" + rest + "]"
	}
	t, err := parseTarget(rest, anyPort)
	if err != nil {
		return Rule{}, badRule(text, err)
	}
	if wild {
		if suffix, known := publicsuffix.PublicSuffix(t.name); t.name == "" || suffix == t.name && known {
			return Rule{}, badRule(text, errWide)
		}
	}
	return Rule{name: t.name, wild: wild, addr: t.addr, port: t.port}, nil
}

type ruleError string

func (e ruleError) Error() string { return string(e) }

const errWide = ruleError("it would cover names of many owners")

func badRule(text string, cause error) error {
	return &session.Error{Code: session.CodeInvalid, Message: "\"" + shown(text) + "\" is not a host: " + cause.Error() + ".",
		Hint: "Write example.com, *.example.com or example.com:8080.", Err: cause}
}

// Rule implements session.Egress.
func (*Proxy) Rule(text string) (string, error) {
	r, err := ParseRule(text)
	if err != nil {
		return "", err
	}
	return r.String(), nil
}

// String returns the rule in the form in which it is compared.
func (r Rule) String() string {
	s := r.name
	if r.wild {
		s = "*." + s
	}
	if s == "" {
		s = r.addr.String()
	}
	if r.port != 0 {
		t := target{name: s, port: r.port}
		return t.String()
	}
	return s
}

// covers reports whether the rule is about the target's host, whatever the port.
func (r Rule) covers(t target) bool {
	switch {
	case r.name == "":
		return t.addr.IsValid() && r.addr == t.addr
	case r.wild:
		return strings.HasSuffix(t.name, "."+r.name)
	default:
		return t.name == r.name
	}
}

func (r Rule) allows(t target) bool {
	return r.covers(t) && (r.port == t.port || r.port == 0 && (t.port == 443 || t.port == 80))
}

func (r Rule) denies(t target) bool { return r.covers(t) && (r.port == 0 || r.port == t.port) }
