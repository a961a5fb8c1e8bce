package egress

import (
	"context"
	"errors"
	"net/netip"
	"net/url"
	"time"

	"background-agents/backend/session"
)

// decision is a flow let through.
type decision struct {
	rule     string
	strict   bool // a tunnel must be TLS for the host that it was asked for
	addrs    []netip.Addr
	upstream *url.URL // the host's own proxy, nil if there is none
}

// refusal is a flow not let through.
type refusal struct {
	status int
	rule   string // for the ledger
	text   string // for the client
}

func (r *refusal) Error() string { return r.rule }

func forbidden(rule, text string) *refusal { return &refusal{status: 403, rule: rule, text: text} }

// decide judges a flow, asks the user where the policy says so, and finds the addresses. The flow is standing when the
// error is nil, which else is a *refusal, or errUnreachable wrapped.
func (c *client) decide(f *flow) (decision, error) {
	if err := sleep(f.ctx, c.p.paceOf(c.box)); err != nil {
		return decision{}, &refusal{status: 503, rule: f.goneRule()}
	}
	for {
		now, j := c.p.judged(f)
		if j.verdict == refuse {
			return decision{}, refused(j.rule, f.target)
		}
		f.row.Rule = j.rule
		if j.reading && f.writing {
			return decision{}, forbidden(j.rule+", for reading only", f.target.host()+" can be read from, with GET and HEAD. Ask the user to allow it by name for more.")
		}
		if j.verdict == ask {
			stale, err := c.hold(f)
			if err != nil {
				return decision{}, err
			}
			if stale {
				continue
			}
		}
		d := decision{rule: j.rule, strict: now.network == session.Guarded && (f.target.port == 443 || f.target.port == 80)}
		if err := c.p.route(f, now, &d); err != nil {
			return decision{}, err
		}
		if f.settle(j.verdict == ask, d.addrs) {
			return d, nil
		}
	}
}

// hold keeps the connection until the user has answered. It returns true where the policy is to be read again.
func (c *client) hold(f *flow) (stale bool, err error) {
	host := f.target.host()
	switch c.p.asked(f) {
	case saidYes:
		return false, nil
	case again:
		return true, nil
	case tooMany:
		return false, &refusal{status: 503, rule: "denied, too many questions", text: "The user has not answered about other hosts yet. Try " + host + " again later."}
	case noReply:
		return false, &refusal{status: 503, rule: "asked, no answer",
			text: "The user did not answer within " + session.Spell(AskLimit) + " whether this session may reach " + host + ". Try again later."}
	case left:
		return false, &refusal{status: 503, rule: "asked, sandbox hung up"}
	default:
		return false, forbidden("asked", "The user did not let this session reach "+host+".")
	}
}

func refused(rule string, t target) *refusal {
	if t.addr.IsLoopback() || t.addr.IsUnspecified() {
		return forbidden(rule, t.host()+" is the sandbox itself: connect to it without the proxy.")
	}
	switch rule {
	case "offline":
		return forbidden(rule, "This session is offline: it reaches its model and nothing else.")
	case "port":
		return forbidden(rule, "Ports 443 and 80 can be reached. The user can allow "+t.String()+" by name and port.")
	case "address":
		return forbidden(rule, "Hosts are reached by name. The user can allow "+t.host()+".")
	}
	return forbidden(rule, "This session's network policy does not allow "+t.String()+".")
}

// paceOf takes one decision from what a session may have, and returns how long to wait for it.
func (p *Proxy) paceOf(box *sandbox) time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	return box.pace.delay(time.Now())
}

// close ends a flow that decide did not let through, with its row, and says so to the client.
func (c *client) close(f *flow, err error) {
	var no *refusal
	if errors.As(err, &no) {
		gone := f.hungUp()
		f.refused(no.rule)
		if !gone {
			c.reply(no.status, no.text)
		}
		return
	}
	c.unreachable(f, err)
}

// unreachable ends a flow that was allowed and led nowhere.
func (c *client) unreachable(f *flow, err error) {
	f.row.Allowed = true
	changed, gone := errors.Is(context.Cause(f.ctx), errChanged), f.hungUp()
	f.ended(err)
	switch {
	case changed:
		c.reply(403, "This session's network policy changed.")
	case !gone:
		c.reply(502, f.target.String()+" cannot be reached: "+reason(err)+".")
	}
}
