package egress

import (
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/netip"
	"testing"
	"testing/synctest"
	"time"

	"background-agents/backend/session"
)

// silent is a world whose servers, or whose names or ways, do not answer.
type silent struct {
	lookups, dials bool // do not come to an end by themselves
	greeting       string
}

func (s silent) LookupNetIP(ctx context.Context, _, _ string) ([]netip.Addr, error) {
	if s.lookups {
		<-ctx.Done()
		return nil, ctx.Err()
	}
	return []netip.Addr{netip.MustParseAddr("93.184.1.1")}, nil
}

func (s silent) DialContext(ctx context.Context, _, _ string) (net.Conn, error) {
	if s.dials {
		<-ctx.Done()
		return nil, ctx.Err()
	}
	a, b := net.Pipe()
	go func() {
		go func() { _, _ = io.Copy(io.Discard, b) }()
		_, _ = io.WriteString(b, s.greeting)
	}()
	return a, nil
}

// A program hangs up while the proxy waits for something else. Its place is free at once.
func TestPlaceOfAProgramThatHangsUpIsFree(t *testing.T) {
	const get, connect = "GET http://example.com/x HTTP/1.1\r\nHost: example.com\r\n\r\n", "CONNECT example.com:443 HTTP/1.1\r\n\r\n"
	post := func(n int, body string) string {
		return fmt.Sprintf("POST http://example.com/x HTTP/1.1\r\nHost: example.com\r\nContent-Length: %d\r\n\r\n%s", n, body)
	}
	hello := string(greeting(t, &tls.Config{ServerName: "example.com"}))
	for name, c := range map[string]struct {
		world silent
		says  string
		limit time.Duration
	}{
		"after its request":                   {silent{}, get, 0},
		"after the next one, too":             {silent{}, get + get, 0},
		"in its body":                         {silent{}, post(50, "hello"), 0},
		"in its chunks":                       {silent{}, "POST http://example.com/x HTTP/1.1\r\nHost: example.com\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhel", 0},
		"after its body":                      {silent{}, post(5, "hello"), 0},
		"in the middle of the answer's head":  {silent{greeting: "HTTP/1.1 200 OK\r\n"}, get, 0},
		"in the answer":                       {silent{greeting: "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhello"}, get, 0},
		"while the name is looked up":         {silent{lookups: true}, get, 0},
		"while a tunnel's name is":            {silent{lookups: true}, connect, 0},
		"while the way is made":               {silent{dials: true}, get, 0},
		"while a tunnel is made":              {silent{dials: true}, connect, 0},
		"before a body is read":               {silent{dials: true}, post(5, "hello"), 0},
		"after a tunnel's greeting":           {silent{}, connect + hello, halfOpenWait},
		"while the server sends, in a tunnel": {silent{greeting: "hello"}, connect + hello, 2 * halfOpenWait},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var last Connection
				p := Open(Config{
					Policy: func(session.ID) (session.Network, []string, []string) {
						return session.Guarded, []string{"example.com"}, nil
					},
					Record:   func(c Connection) { last = c },
					Resolver: c.world, Dialer: c.world, Local: func() ([]netip.Prefix, error) { return nil, nil },
				})
				here, there := net.Pipe()
				ended := make(chan struct{})
				go func() { p.Serve(t.Context(), sandboxID, there); close(ended) }()
				go func() { _, _ = io.Copy(io.Discard, here) }()
				_, _ = io.WriteString(here, c.says)
				synctest.Wait()
				begun := time.Now()
				_ = here.Close()
				<-ended
				if took := time.Since(begun); took > c.limit {
					t.Errorf("its place was taken for %v more", took)
				}
				if last.Open || last.End != "program hung up" {
					t.Errorf("%+v", last)
				}
				_ = p.Close()
			})
		})
	}
}
