package channel

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"strconv"
	"sync"
	"time"

	"background-agents/sandbox/supervisor/tunnel"
	"background-agents/sandbox/wire"
)

// maxBody bounds what the host may send in one call, in bytes.
const maxBody = 8 << 30

// accept serves the streams that the host opens.
func (l *link) accept(ctx context.Context, wg *sync.WaitGroup) {
	calls, dials := make(chan struct{}, maxCalls), make(chan struct{}, maxDials)
	for {
		stream, err := l.mux.Accept()
		if err != nil {
			return
		}
		wg.Go(func() {
			defer stream.Close()
			_ = stream.SetReadDeadline(time.Now().Add(helloTimeout))
			var h wire.Header
			if wire.ReadLine(stream, &h) != nil {
				return
			}
			_ = stream.SetReadDeadline(time.Time{})
			switch {
			case h.Stream == wire.StreamCall && h.Call != nil:
				take(calls, func() { l.call(ctx, stream, *h.Call) })
			case h.Stream == wire.StreamDial:
				take(dials, func() { dial(ctx, stream, h.Port) })
			}
		})
	}
}

// take calls f with one of the places, or not at all if there is none.
func take(places chan struct{}, f func()) {
	select {
	case places <- struct{}{}:
		defer func() { <-places }()
		f()
	default:
	}
}

// call does a call that carries bytes.
func (l *link) call(ctx context.Context, stream *wire.Stream, c wire.Call) {
	switch c.Method {
	case wire.MethodBundle, wire.MethodOutput:
		w := &sender{stream: stream, id: c.ID}
		w.end(l.s.handler.Send(ctx, c, w))
	default:
		result, err := l.s.handler.Receive(ctx, c, wire.NewBodyReader(stream, maxBody))
		if r, err := newReply(c.ID, result, err); err == nil {
			_ = wire.WriteLine(stream, r)
		}
	}
	_ = stream.CloseWrite()
	// The host hangs up when it has read all; only then is the stream let go.
	_ = stream.SetReadDeadline(time.Now().Add(time.Minute))
	_, _ = io.Copy(io.Discard, stream)
}

// sender sends the reply before the first byte, so that an error that comes earlier can be said in it.
type sender struct {
	stream *wire.Stream
	id     uint64
	body   *wire.BodyWriter
}

func (s *sender) begin() error {
	if s.body != nil {
		return nil
	}
	s.body = wire.NewBodyWriter(s.stream)
	return wire.WriteLine(s.stream, wire.Reply{ID: s.id})
}

func (s *sender) Write(p []byte) (int, error) {
	if err := s.begin(); err != nil {
		return 0, err
	}
	return s.body.Write(p)
}

func (s *sender) end(err error) {
	switch {
	case err != nil && s.body == nil:
		_ = wire.WriteLine(s.stream, wire.Reply{ID: s.id, Error: Error(err)})
	case err != nil:
		_ = s.body.Abort(Error(err))
	default:
		if s.begin() == nil {
			_ = s.body.Close()
		}
	}
}

// dial connects a stream to a port on the sandbox's loopback, and to nothing else.
func dial(ctx context.Context, stream *wire.Stream, port int) {
	refuse := func(message string) {
		_ = wire.WriteLine(stream, wire.Reply{Error: &wire.Error{Code: "not_found", Message: message, Hint: "Start the server in the sandbox and try again."}})
	}
	if port < 1 || port > 65535 {
		refuse("There is no port " + strconv.Itoa(port) + ".")
		return
	}
	d := net.Dialer{Timeout: 10 * time.Second}
	conn, err := d.DialContext(ctx, "tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
	if err != nil { // development servers that listen on "localhost" may have only this
		conn, err = d.DialContext(ctx, "tcp", net.JoinHostPort("::1", strconv.Itoa(port)))
	}
	if err != nil {
		refuse("Nothing in the sandbox listens on port " + strconv.Itoa(port) + ".")
		return
	}
	stop := context.AfterFunc(ctx, func() { _ = conn.Close() })
	defer stop()
	if wire.WriteLine(stream, wire.Reply{}) != nil {
		_ = conn.Close()
		return
	}
	tunnel.Join(conn.(*net.TCPConn), stream)
}

func newReply(id uint64, result any, err error) (wire.Reply, error) {
	r := wire.Reply{ID: id}
	if err != nil {
		r.Error = Error(err)
		return r, nil
	}
	if result != nil {
		b, err := wire.Marshal(result)
		if err != nil {
			return r, err
		}
		r.Result = json.RawMessage(b)
	}
	return r, nil
}

// Error returns err as the host is told of it.
func Error(err error) *wire.Error {
	var e *wire.Error
	switch {
	case errors.As(err, &e):
		return e
	case errors.Is(err, context.Canceled):
		return &wire.Error{Code: "cancelled", Message: "It was stopped."}
	case errors.Is(err, context.DeadlineExceeded):
		return &wire.Error{Code: "timeout", Message: "It took too long.", Hint: "Try again."}
	}
	return &wire.Error{Code: "sandbox_failed", Message: "Something went wrong in the sandbox: " + err.Error(), Hint: "Try again."}
}
