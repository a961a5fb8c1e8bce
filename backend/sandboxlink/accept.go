package sandboxlink

import (
	"context"
	"errors"
	"net"
	"time"

	"background-agents/sandbox/wire"
)

// Bounds of what a supervisor may open.
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
				l.serve(stream, egress, l.handler.Egress)
			default:
				_ = stream.Close()
				l.fail(errors.New("the sandbox opened a stream that is not its to open"))
			}
		}()
	}
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
