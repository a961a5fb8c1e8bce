// Package channel is the supervisor's end of the channel to the host: it takes one host at a time, tells it the
// journal from its cursor on, and does what it calls for.
//
// A newer connection replaces the older: the host that comes back after a crash need not wait for the system to notice
// that the old one is gone. Entries go out no further than wire.MaxUnacked ahead of what the host has acknowledged, so a
// slow host costs no memory here and never holds up a reply.
package channel

import (
	"context"
	"io"
	"net"
	"sync"
	"time"

	"background-agents/sandbox/supervisor/conns"
	"background-agents/sandbox/supervisor/journal"
	"background-agents/sandbox/wire"
)

// Bounds.
const (
	helloTimeout = 10 * time.Second
	maxShaking   = 8   // connections that have not said hello
	maxCalls     = 64  // calls under way on one link, with and without a stream
	maxDials     = 256 // connections to the sandbox's ports
	maxFrame     = 512 << 10
	maxEntries   = 1000 // in one frame
)

// Handler does what the host asks for. Its errors are *wire.Error where the user should read them.
type Handler interface {
	// Attached is called with each host that links, before it is told anything. renewed says that the journal has begun
	// a new epoch, because it no longer had what the host lacked.
	Attached(renewed bool)
	// Call does a call without bytes.
	Call(ctx context.Context, c wire.Call) (result any, err error)
	// Send does a call whose bytes go to the host: what is written to w.
	Send(ctx context.Context, c wire.Call, w io.Writer) error
	// Receive does a call whose bytes come from the host; r ends with an error where they were cut off.
	Receive(ctx context.Context, c wire.Call, r io.Reader) (result any, err error)
}

// Server is the supervisor's end.
type Server struct {
	journal *journal.Journal
	handler Handler

	mu     sync.Mutex
	active *link
	linked chan struct{} // closed and replaced when active changes
}

// New returns a server that tells j to its hosts and gives their calls to h.
func New(j *journal.Journal, h Handler) *Server {
	return &Server{journal: j, handler: h, linked: make(chan struct{})}
}

// Plain is for hosts who say what they have to say over the connection itself.
func Plain(conn net.Conn) (io.ReadWriteCloser, error) { return conn, nil }

// Serve takes hosts from l until ctx ends, and waits for what it began. streams says over what a host that connects speaks.
func (s *Server) Serve(ctx context.Context, l net.Listener, streams func(net.Conn) (io.ReadWriteCloser, error)) error {
	ctx, cancel := context.WithCancel(ctx)
	var wg sync.WaitGroup
	defer wg.Wait()
	defer cancel()
	shaking := make(chan struct{}, maxShaking)
	return conns.Each(ctx, l, func(conn net.Conn) {
		shaking <- struct{}{}
		shaken := sync.OnceFunc(func() { <-shaking })
		wg.Go(func() {
			defer shaken()
			if rw, err := streams(conn); err == nil {
				s.serve(ctx, rw, shaken)
			}
		})
	})
}

// Open opens a stream to the host; it waits for one to link while there is none.
func (s *Server) Open(ctx context.Context, h wire.Header) (*wire.Stream, error) {
	for {
		s.mu.Lock()
		active, linked := s.active, s.linked
		s.mu.Unlock()
		if active != nil {
			if stream, err := active.mux.Open(h); err == nil {
				return stream, nil
			}
		}
		select {
		case <-linked:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// activate makes l the one link and ends the one before.
func (s *Server) activate(l *link) {
	s.mu.Lock()
	old := s.active
	s.set(l)
	s.mu.Unlock()
	if old != nil {
		old.close()
	}
}

// deactivate lets go of l where it still is the one link.
func (s *Server) deactivate(l *link) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.active == l {
		s.set(nil)
	}
}

func (s *Server) set(l *link) {
	s.active = l
	close(s.linked)
	s.linked = make(chan struct{})
}
