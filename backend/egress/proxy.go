package egress

import (
	"context"
	"net"
	"net/netip"
	"net/url"
	"sync"
	"sync/atomic"

	"background-agents/backend/session"
)

// Bounds of one session.
const (
	maxConnections = 256 // open at once
	maxHeld        = 64  // of these, waiting for the user
	maxQuestions   = 3   // hosts asked about at once, and since the user last looked
	maxAnswers     = 256 // hosts whose answers are remembered
)

// Resolver finds a name's addresses; *net.Resolver is one.
type Resolver interface {
	LookupNetIP(ctx context.Context, network, host string) ([]netip.Addr, error)
}

// Dialer connects to an address; *net.Dialer is one.
type Dialer interface {
	DialContext(ctx context.Context, network, address string) (net.Conn, error)
}

// Config is what a Proxy is made of. All of its functions are called from many goroutines.
type Config struct {
	// Policy returns what a session may reach; an empty network denies everything. Called for every decision.
	Policy func(session.ID) (network session.Network, allow []string, deny []string)
	// Ask asks the user and waits for the answer, or until ctx ends, which counts as no. The same host of one session
	// is asked about once at a time. Nil answers no.
	Ask func(ctx context.Context, id session.ID, r Request) (allow bool)
	// Record keeps a row of the ledger. The connection waits for it. Nil drops them.
	Record func(Connection)
	// Upstream returns the proxy by which the host itself reaches an address, nil where it needs none; see
	// UpstreamFromEnvironment. Nil is: none.
	Upstream func(*url.URL) (*url.URL, error)

	Resolver Resolver // the system's where nil
	Dialer   Dialer   // the system's where nil
	// Local returns the host's own addresses with the prefixes of their networks; the system's where nil.
	Local func() ([]netip.Prefix, error)
}

// Proxy decides what sandboxes reach, and carries it.
type Proxy struct {
	Config
	ctx    context.Context
	cancel context.CancelFunc
	wg     sync.WaitGroup
	rows   atomic.Uint64

	mu    sync.Mutex
	boxes map[session.ID]*sandbox
}

// sandbox is what the Proxy knows of one session. The Proxy's lock guards it.
type sandbox struct {
	conns     int
	held      int
	unseen    int // questions since the user last answered one, or looked at the session
	pace      pace
	flows     map[*flow]struct{}
	questions map[string]*question
	answers   map[string]answer
}

// Open makes a Proxy.
func Open(c Config) *Proxy {
	if c.Record == nil {
		c.Record = func(Connection) {}
	}
	if c.Resolver == nil {
		c.Resolver = net.DefaultResolver
	}
	if c.Dialer == nil {
		c.Dialer = &net.Dialer{}
	}
	if c.Local == nil {
		c.Local = new(interfaces).prefixes
	}
	p := &Proxy{Config: c, boxes: map[session.ID]*sandbox{}}
	p.ctx, p.cancel = context.WithCancel(context.Background())
	return p
}

// Close cuts every connection and waits for their ends. Serve refuses from then on.
func (p *Proxy) Close() error {
	p.mu.Lock()
	p.cancel()
	p.mu.Unlock()
	p.wg.Wait()
	return nil
}

// Serve speaks the HTTP proxy protocol on one connection from a session's sandbox, until it ends. It closes conn.
func (p *Proxy) Serve(ctx context.Context, id session.ID, conn net.Conn) {
	defer func() { _ = conn.Close() }()
	c := newClient(p, id, conn)
	box := p.enter(id)
	if box == nil {
		c.reply(503, "This session has too many connections open.")
		return
	}
	defer p.leave(id, box)
	c.box = box
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(p.ctx, cancel)()
	defer context.AfterFunc(ctx, func() { _ = conn.Close() })()
	c.serve(ctx)
}

func (p *Proxy) enter(id session.ID) *sandbox {
	p.mu.Lock()
	defer p.mu.Unlock()
	box := p.boxes[id]
	if box == nil {
		box = &sandbox{flows: map[*flow]struct{}{}, questions: map[string]*question{}, answers: map[string]answer{}}
		p.boxes[id] = box
	}
	if p.ctx.Err() != nil || box.conns >= maxConnections {
		return nil
	}
	box.conns++
	p.wg.Add(1)
	return box
}

func (p *Proxy) leave(id session.ID, box *sandbox) {
	p.mu.Lock()
	defer p.mu.Unlock()
	box.conns--
	box.forget()
	p.tidy(id, box)
	p.wg.Done()
}

// tidy forgets a session of which nothing is left to know. The caller holds mu.
func (p *Proxy) tidy(id session.ID, box *sandbox) {
	if box.conns == 0 && len(box.answers) == 0 && len(box.questions) == 0 && box.unseen == 0 {
		delete(p.boxes, id)
	}
}

// Looked says that the user has looked at a session: its sandbox may ask about hosts again. Until then it may ask about
// a few, though the programs that did have hung up; each question may be a notification.
func (p *Proxy) Looked(id session.ID) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if box := p.boxes[id]; box != nil {
		box.unseen = 0
		p.tidy(id, box)
	}
}

// Changed holds a session's open connections to its policy as it is now, and cuts those that it no longer allows
// before it returns. What is being decided, or waits for the user, is decided again.
func (p *Proxy) Changed(id session.ID) {
	p.mu.Lock()
	box := p.boxes[id]
	var open []*flow
	if box != nil {
		for f := range box.flows {
			if f.standing {
				open = append(open, f)
			} else {
				f.stale = true
				f.wake()
			}
		}
		box.unseen = 0 // the user has just dealt with it
		for host, q := range box.questions {
			if q.waiters == 0 {
				box.withdraw(host, q) // asked again, if the policy still says so, when its program comes back
			}
		}
	}
	p.mu.Unlock()
	if box == nil {
		return
	}
	now := p.policy(id)
	local, err := p.Local()
	for _, f := range open {
		if err != nil || !p.stillAllowed(f, now, local) {
			f.cut(errChanged)
		}
	}
	if now.network != session.Guarded {
		p.mu.Lock()
		clear(box.answers)
		p.mu.Unlock()
	}
}

func (p *Proxy) policy(id session.ID) policy {
	if p.Policy == nil {
		return policy{}
	}
	return newPolicy(p.Policy(id))
}
