package egress

import (
	"net/netip"

	"background-agents/backend/session"
)

type verdict int

const (
	refuse verdict = iota // the zero value: what nothing decides is refused
	allow
	ask
)

// judgement is what a policy says of one target.
type judgement struct {
	verdict verdict
	rule    string // what decided, for the ledger
	reading bool   // only for reading: where requests can be seen, GET and HEAD without a body
}

// maxRules bounds each of a user's two lists.
const maxRules = 1000

// policy is a session's policy, ready to judge.
type policy struct {
	network session.Network
	allow   []Rule
	deny    []Rule
	broken  bool
}

// newPolicy reads a policy. An allow rule that cannot be read allows nothing; with a deny rule that cannot be read it
// is unknown what the user wanted kept away, so everything is.
func newPolicy(network session.Network, allow, deny []string) policy {
	p := policy{network: network, broken: len(allow) > maxRules || len(deny) > maxRules}
	if p.broken {
		return p
	}
	for _, text := range allow {
		if r, err := ParseRule(text); err == nil {
			p.allow = append(p.allow, r)
		}
	}
	for _, text := range deny {
		r, err := ParseRule(text)
		if err != nil {
			p.broken = true
		}
		p.deny = append(p.deny, r)
	}
	return p
}

func (p policy) judge(t target) judgement {
	switch {
	case p.broken:
		return judgement{rule: "policy cannot be read"}
	case p.network == session.Offline:
		return judgement{rule: "offline"}
	case p.network != session.Guarded && p.network != session.OpenNetwork:
		return judgement{rule: "no policy"}
	}
	for _, r := range p.deny {
		if r.denies(t) {
			return judgement{rule: "deny " + r.String()}
		}
	}
	for _, r := range p.allow {
		if r.allows(t) {
			return judgement{verdict: allow, rule: "allow " + r.String()}
		}
	}
	switch {
	case t.port != 443 && t.port != 80:
		return judgement{rule: "port"}
	case p.network == session.OpenNetwork:
		return judgement{verdict: allow, rule: "open"}
	case t.name == "":
		return judgement{rule: "address"}
	}
	if group, ok := presets[t.name]; ok {
		return judgement{verdict: allow, rule: "preset " + group, reading: true}
	}
	return judgement{verdict: ask, rule: "asked"}
}

// admits judges an address that a target was found at, "" where it may be dialled. Whatever the name and its rule: the
// address decides for itself.
func (p policy) admits(t target, a netip.Addr, local []netip.Prefix) (refusal string) {
	at := target{addr: a.Unmap(), port: t.port}
	for _, r := range p.deny {
		if r.denies(at) {
			return "deny " + r.String()
		}
	}
	switch reachOf(a, local) {
	case public:
		return ""
	case private:
		for _, r := range p.allow {
			if r.allows(at) {
				return ""
			}
		}
		return "private address"
	default:
		return "host or link address"
	}
}
