package egress

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"slices"
	"sync/atomic"
	"time"

	"background-agents/backend/session"
)

// idleLimit is how long an open connection may carry nothing. It ends with the next byte, or the connection's end,
// which its row calls "idle".
const idleLimit = 15 * time.Minute

var (
	errChanged = errors.New("policy changed")
	errIdle    = errors.New("idle")
	errHungUp  = errors.New("program hung up")
)

// flow is one decision and what it let through: a tunnel, or one plain request.
type flow struct {
	p       *Proxy
	box     *sandbox
	row     Connection
	target  target
	writing bool   // a plain request that is not only reading
	program string // what the client says it is
	caller  caller // nil where nobody knows who it is

	ctx    context.Context
	cancel context.CancelCauseFunc
	begun  time.Time
	up     atomic.Int64
	down   atomic.Int64
	woken  chan struct{} // holds one

	// The Proxy's lock guards these.
	standing bool // it was let through
	stale    bool // the policy changed before it was
	answered bool // by the user
	addrs    []netip.Addr
	host     net.Conn // the way out, once it is open
}

// begin enters a decision, before its policy is read: from here on Changed knows of it.
func (p *Proxy) begin(ctx context.Context, id session.ID, box *sandbox, t target) *flow {
	f := &flow{p: p, box: box, target: t, begun: time.Now(), woken: make(chan struct{}, 1)}
	f.row = Connection{ID: p.rows.Add(1), Session: id, At: session.Millis(f.begun.UnixMilli()), Host: t.host(), Port: int(t.port)}
	f.ctx, f.cancel = context.WithCancelCause(ctx)
	p.mu.Lock()
	defer p.mu.Unlock()
	box.flows[f] = struct{}{}
	return f
}

// begin enters a decision about a request of this client's.
func (c *client) begin(ctx context.Context, r *request, t target) *flow {
	f := c.p.begin(ctx, c.id, c.box, t)
	f.program = programOf(r)
	f.caller, _ = c.conn.(caller)
	return f
}

// drop ends a flow without a row.
func (f *flow) drop() {
	f.p.mu.Lock()
	delete(f.box.flows, f)
	f.p.mu.Unlock()
	f.cancel(nil)
}

// refused writes the row of a decision against.
func (f *flow) refused(rule string) {
	f.row.Allowed, f.row.Open, f.row.Rule = false, false, rule
	f.record()
	f.drop()
}

// opened writes the row of a decision for, with which it is open.
func (f *flow) opened(rule string) {
	f.row.Allowed, f.row.Open, f.row.Rule = true, true, rule
	f.record()
}

// ended writes the row of what was let through when it is over.
func (f *flow) ended(err error) {
	if cause := context.Cause(f.ctx); cause != nil {
		err = cause
	}
	f.row.Open, f.row.End = false, endOf(err)
	f.record()
	f.drop()
}

func (f *flow) record() {
	f.row.Up, f.row.Down, f.row.Millis = f.up.Load(), f.down.Load(), time.Since(f.begun).Milliseconds()
	f.p.Record(f.row)
}

// endOf says why a connection ended, in words that tell nothing of what it carried.
func endOf(err error) string {
	switch {
	case err == nil:
		return ""
	case errors.Is(err, errChanged), errors.Is(err, errIdle), errors.Is(err, errHungUp):
		return err.Error()
	case errors.Is(err, errUnreachable):
		return "unreachable"
	case errors.Is(err, context.Canceled):
		return "sandbox gone"
	default:
		return "broken off"
	}
}

// cut ends a flow at once, whatever it is doing: when it returns, nothing more goes out. The sandbox's side, which may
// be slow to close, follows.
func (f *flow) cut(why error) {
	f.cancel(why)
	f.p.mu.Lock()
	host := f.host
	f.p.mu.Unlock()
	if host != nil {
		_ = host.Close()
	}
}

// hungUp reports whether the flow was cut because its client is gone.
func (f *flow) hungUp() bool { return errors.Is(context.Cause(f.ctx), errHungUp) }

// goneRule is the rule of a flow that ended before it was judged.
func (f *flow) goneRule() string {
	if f.hungUp() {
		return errHungUp.Error()
	}
	return "sandbox gone"
}

func (f *flow) wake() {
	select {
	case f.woken <- struct{}{}:
	default:
	}
}

// judged reads the policy and judges the flow. What changes from here on makes the flow stale.
func (p *Proxy) judged(f *flow) (policy, judgement) {
	p.mu.Lock()
	f.stale = false
	p.mu.Unlock()
	now := p.policy(f.row.Session)
	return now, now.judge(f.target)
}

// settle lets a flow through; false where the policy has changed since it was judged.
func (f *flow) settle(answered bool, addrs []netip.Addr) bool {
	f.p.mu.Lock()
	defer f.p.mu.Unlock()
	if f.stale {
		return false
	}
	f.standing, f.answered, f.addrs = true, answered, addrs
	return true
}

// stillAllowed judges an open flow again. A yes of the user's holds as long as the policy would ask.
func (p *Proxy) stillAllowed(f *flow, now policy, local []netip.Prefix) bool {
	p.mu.Lock()
	answered, addrs := f.answered, f.addrs
	p.mu.Unlock()
	j := now.judge(f.target)
	if j.verdict == refuse || j.verdict == ask && !answered || j.reading && f.writing {
		return false
	}
	return !slices.ContainsFunc(addrs, func(a netip.Addr) bool { return now.admits(f.target, a, local) != "" })
}

// guard closes both ends when the flow is cut or carries nothing for idleLimit. The returned function ends the watch.
func (f *flow) guard(sandbox, host net.Conn) (stop func()) {
	f.p.mu.Lock()
	f.host = host
	f.p.mu.Unlock()
	if f.ctx.Err() != nil {
		_ = host.Close() // cut before there was anything to close
	}
	release := context.AfterFunc(f.ctx, func() {
		_ = host.Close()
		_ = sandbox.Close()
	})
	var before int64
	var idle *time.Timer
	ready := make(chan struct{})
	idle = time.AfterFunc(idleLimit, func() {
		<-ready
		sum := f.up.Load() + f.down.Load()
		if sum == before {
			f.cut(errIdle)
			return
		}
		before = sum
		idle.Reset(idleLimit)
	})
	close(ready)
	return func() {
		idle.Stop()
		release()
	}
}
