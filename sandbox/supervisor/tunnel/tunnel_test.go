package tunnel

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"sync"
	"syscall"
	"testing"
	"time"

	"background-agents/sandbox/wire"
)

// link is an Opener whose host comes when the test wants it.
type link struct {
	mux *wire.Mux
	set chan struct{}
}

func (l *link) Open(ctx context.Context, h wire.Header) (*wire.Stream, error) {
	select {
	case <-l.set:
		return l.mux.Open(h)
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// host makes the link and returns the host's end of it.
func (l *link) host(t *testing.T) *wire.Mux {
	t.Helper()
	a, b := net.Pipe()
	host, err := wire.Client(a)
	if err != nil {
		t.Fatal(err)
	}
	if l.mux, err = wire.Server(b); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = host.Close(); _ = l.mux.Close() })
	close(l.set)
	return host
}

func serve(t *testing.T) (*link, func() *net.TCPConn) {
	t.Helper()
	l := &link{set: make(chan struct{})}
	listener, err := Listen(0)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	var wg sync.WaitGroup
	wg.Go(func() {
		if err := Serve(ctx, listener, wire.StreamModel, l); err != nil {
			t.Error(err)
		}
	})
	t.Cleanup(func() { cancel(); wg.Wait() })
	return l, func() *net.TCPConn {
		c, err := net.DialTCP("tcp", nil, listener.Addr().(*net.TCPAddr))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = c.Close() })
		_ = c.SetDeadline(time.Now().Add(20 * time.Second))
		return c
	}
}

func accept(t *testing.T, host *wire.Mux) *wire.Stream {
	t.Helper()
	s, err := host.Accept()
	if err != nil {
		t.Fatal(err)
	}
	var h wire.Header
	if err := wire.ReadLine(s, &h); err != nil || h.Stream != wire.StreamModel {
		t.Fatal(h, err)
	}
	return s
}

func TestConnectionIsHeldUntilAHostLinks(t *testing.T) {
	l, dial := serve(t)
	conns := []*net.TCPConn{dial(), dial(), dial()}
	for i, c := range conns {
		if _, err := c.Write([]byte{'a' + byte(i)}); err != nil {
			t.Fatal(err)
		}
		_ = c.CloseWrite()
	}
	host := l.host(t)
	for range conns {
		s := accept(t, host)
		b, err := io.ReadAll(s)
		if err != nil {
			t.Fatal(err)
		}
		_, _ = s.Write(bytes.ToUpper(b))
		_ = s.Close()
	}
	for i, c := range conns {
		if b, err := io.ReadAll(c); err != nil || string(b) != string(rune('A'+i)) {
			t.Errorf("connection %d got %q, %v", i, b, err)
		}
	}
}

func TestBrokenLinkResetsWhatItCarried(t *testing.T) {
	l, dial := serve(t)
	host := l.host(t)
	c := dial()
	s := accept(t, host)
	if _, err := s.Write([]byte("half of an ans")); err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadFull(c, make([]byte, 14)); err != nil {
		t.Fatal(err)
	}
	_ = host.Close()
	if _, err := c.Read(make([]byte, 1)); !errors.Is(err, syscall.ECONNRESET) {
		t.Errorf("an answer that was cut off ends with %v", err)
	}
}

func TestHostThatRefusesClosesTheConnection(t *testing.T) {
	l, dial := serve(t)
	host := l.host(t)
	c := dial()
	_ = accept(t, host).Close()
	if n, err := c.Read(make([]byte, 1)); n != 0 || !errors.Is(err, io.EOF) {
		t.Errorf("%d, %v", n, err)
	}
}
