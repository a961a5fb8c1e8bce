package wire

import (
	"errors"
	"io"
	"net"
	"sync/atomic"
	"time"

	"github.com/hashicorp/yamux"
)

// Windows: what one stream may hold of unread bytes. The channel moves some 110 MB/s with a round trip of half a
// millisecond; larger ones would give it a tenth more. The host's is the smallest that the multiplexer allows, because a
// supervisor that means harm can fill all of its streams'.
const (
	hostWindow       = 256 << 10
	supervisorWindow = 1 << 20
)

// closeTimeout is how long one half of a connection may go on after the other has ended.
var closeTimeout = 5 * time.Minute

func config(window uint32) *yamux.Config {
	c := yamux.DefaultConfig()
	c.LogOutput = io.Discard
	// A sandbox may be paused for long; the channel ends when the exec does. So nothing here gives up soon.
	c.EnableKeepAlive = false
	c.StreamOpenTimeout = 0
	c.ConnectionWriteTimeout = 10 * time.Minute
	c.StreamCloseTimeout = closeTimeout
	c.MaxStreamWindowSize = window
	return c
}

// Client makes the host's end of the channel over rw.
func Client(rw io.ReadWriteCloser) (*Mux, error) {
	s, err := yamux.Client(&frames{ReadWriteCloser: rw}, config(hostWindow))
	return &Mux{s}, err
}

// Server makes the supervisor's end of the channel over rw.
func Server(rw io.ReadWriteCloser) (*Mux, error) {
	s, err := yamux.Server(&frames{ReadWriteCloser: rw}, config(supervisorWindow))
	return &Mux{s}, err
}

// Mux carries many streams over one channel.
type Mux struct{ s *yamux.Session }

// Open opens a stream and writes its header.
func (m *Mux) Open(h Header) (*Stream, error) {
	s, err := m.s.OpenStream()
	if err != nil {
		return nil, err
	}
	stream := &Stream{Stream: s}
	if err := WriteLine(stream, h); err != nil {
		_ = stream.Close()
		return nil, err
	}
	return stream, nil
}

// Accept returns the next stream that the other side opened; its header is still to be read.
func (m *Mux) Accept() (*Stream, error) {
	s, err := m.s.AcceptStream()
	if err != nil {
		return nil, err
	}
	return &Stream{Stream: s}, nil
}

// Streams counts the streams that are open or half open.
func (m *Mux) Streams() int { return m.s.NumStreams() }

// Done is closed when the channel has ended.
func (m *Mux) Done() <-chan struct{} { return m.s.CloseChan() }

// Close ends the channel and all of its streams.
func (m *Mux) Close() error { return m.s.Close() }

// Stream is one connection within the channel. It is a net.Conn whose halves can be closed apart.
type Stream struct {
	*yamux.Stream
	closed atomic.Bool
}

// Read implements io.Reader. Where the whole channel ended, a stream does not look as if it had ended well.
func (s *Stream) Read(p []byte) (int, error) {
	n, err := s.Stream.Read(p)
	switch {
	case err == nil:
	case s.closed.Load():
		err = net.ErrClosed
	case errors.Is(err, io.EOF) && s.Session().IsClosed():
		err = io.ErrUnexpectedEOF
	}
	return n, err
}

// CloseWrite ends what this side writes; the other side may go on.
func (s *Stream) CloseWrite() error { return s.Stream.Close() }

// Close ends both halves and whatever waits on them.
func (s *Stream) Close() error {
	s.closed.Store(true)
	err := s.Stream.Close()
	_ = s.SetReadDeadline(time.Unix(1, 0))
	_ = s.SetWriteDeadline(time.Unix(1, 0))
	return err
}
