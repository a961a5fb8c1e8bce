package sandboxlink

import (
	"context"
	"errors"
	"net"
	"time"

	"background-agents/sandbox/wire"
)

// Bounds of what a supervisor may open. headerTimeout is how long a stream may take to say what it is for; it then
// ends.
const (
	maxConns      = 256 // connections of each kind that are served at once; more are refused
	maxStreams    = 768 // open or half open, of either side; more end the link. Each may hold 256 KiB of unread bytes
	headerTimeout = 10 * time.Second
)

// accept takes the connections of the agent to its model and to the network.
func (l *Link) accept() error {
	model, egress := make(chan struct{}, maxConns), make(chan struct{}, maxConns)
	greeting := make(chan struct{}, maxConns)
	for {
		stream, err := l.mux.Accept()
		if err != nil {
			return err
		}
		if l.mux.Streams() > maxStreams {
			return errors.New("the sandbox opened too many streams")
		}
		select {
		case greeting <- struct{}{}:
		default:
			_ = stream.Close()
			continue
		}
		go func() {
			_ = stream.SetReadDeadline(time.Now().Add(headerTimeout))
			var h wire.Header
			err := wire.ReadLine(stream, &h)
			_ = stream.SetReadDeadline(time.Time{})
			<-greeting
			switch {
			case err != nil:
				_ = stream.Close()
			case h.Stream == wire.StreamModel && l.handler.Model != nil:
				l.serve(stream, model, l.handler.Model)
			case h.Stream == wire.StreamEgress && l.handler.Egress != nil:
				l.serve(stream, egress, func(ctx context.Context, conn net.Conn) { l.handler.Egress(ctx, &egressConn{stream, l, h.Port}) })
			default:
				_ = stream.Close()
				l.fail(errors.New("the sandbox opened a stream that is not its to open"))
			}
		}()
	}
}

// egressConn is a connection of a program in the sandbox to the network.
type egressConn struct {
	*wire.Stream
	link *Link
	port int // the program's own, 0 where the supervisor does not say
}

// Commands returns the command lines of the program and of those that started it, the innermost first, as the sandbox
// tells them: perhaps untrue, at most wire.MaxCallers of wire.MaxCommand bytes, none where they are not known.
func (c *egressConn) Commands(ctx context.Context) []string {
	var found wire.Caller
	if c.port < 1 || c.port > 65535 || c.link.call(ctx, wire.MethodCaller, wire.Caller{Port: c.port}, &found) != nil {
		return nil
	}
	found.Commands = found.Commands[:min(len(found.Commands), wire.MaxCallers)]
	for i, text := range found.Commands {
		found.Commands[i] = cut(text, wire.MaxCommand)
	}
	return found.Commands
}

func (l *Link) serve(stream *wire.Stream, places chan struct{}, f func(context.Context, net.Conn)) {
	defer stream.Close()
	select {
	case places <- struct{}{}:
		defer func() { <-places }()
		f(l.ctx, stream)
	default:
	}
}
