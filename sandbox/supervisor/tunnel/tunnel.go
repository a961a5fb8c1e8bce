// Package tunnel carries connections between the sandbox's own loopback and the host. The agent finds its model on
// one port and an HTTP proxy on another; what it says there goes through the channel, and the host decides.
//
// A connection that comes while no host is linked is held and carried when one links: a turn goes on through a
// restart of the application. One that was being carried when the link broke is reset, so that the agent sees an
// answer that was cut off and not one that ended.
package tunnel

import (
	"context"
	"fmt"
	"io"
	"net"
	"time"

	"background-agents/sandbox/supervisor/conns"
	"background-agents/sandbox/wire"
)

// Ports on the sandbox's loopback.
const (
	ModelPort  = 7300
	EgressPort = 3128
)

// Bounds. More connections than maxConns wait in the listener's own queue.
const (
	maxConns = 200 // on each port
	hold     = 5 * time.Minute
)

// Opener opens a stream to the host; it waits until one is linked.
type Opener interface {
	Open(ctx context.Context, h wire.Header) (*wire.Stream, error)
}

// Listen listens on a loopback port.
func Listen(port int) (*net.TCPListener, error) {
	l, err := net.ListenTCP("tcp4", &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: port})
	if err != nil {
		return nil, fmt.Errorf("listen on loopback port %d: %w", port, err)
	}
	return l, nil
}

// Serve carries the connections of l to the host, as streams of the given kind, until ctx ends.
func Serve(ctx context.Context, l *net.TCPListener, kind string, host Opener) error {
	places := make(chan struct{}, maxConns)
	return conns.Each(ctx, l, func(conn *net.TCPConn) {
		places <- struct{}{}
		go func() {
			defer func() { <-places }()
			carry(ctx, conn, kind, host)
		}()
	})
}

func carry(ctx context.Context, conn *net.TCPConn, kind string, host Opener) {
	held, cancel := context.WithTimeout(ctx, hold)
	header := wire.Header{Stream: kind}
	if client, ok := conn.RemoteAddr().(*net.TCPAddr); ok && kind == wire.StreamEgress {
		header.Port = client.Port
	}
	stream, err := host.Open(held, header)
	cancel()
	if err != nil {
		reset(conn)
		return
	}
	stop := context.AfterFunc(ctx, func() { _ = stream.Close(); reset(conn) })
	defer stop()
	Join(conn, stream)
}

// Join carries bytes both ways until both have ended, each half by itself, and closes both.
func Join(conn *net.TCPConn, stream *wire.Stream) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		if _, err := io.Copy(stream, conn); err != nil {
			_ = stream.Close()
			return
		}
		_ = stream.CloseWrite()
	}()
	if _, err := io.Copy(conn, stream); err != nil {
		reset(conn)
	} else {
		_ = conn.CloseWrite()
	}
	<-done
	_ = stream.Close()
	_ = conn.Close()
}

// reset closes a connection so that the other end sees that it was cut off.
func reset(conn *net.TCPConn) {
	_ = conn.SetLinger(0)
	_ = conn.Close()
}
