package egress

import (
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/netip"
	"net/url"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"background-agents/backend/session"
)

// hangs is a network that does not answer.
type hangs struct{}

func (hangs) LookupNetIP(ctx context.Context, _, _ string) ([]netip.Addr, error) {
	<-ctx.Done()
	return nil, ctx.Err()
}

func (hangs) DialContext(ctx context.Context, _, _ string) (net.Conn, error) {
	<-ctx.Done()
	return nil, ctx.Err()
}

// The clock of these is the test's own: ten minutes pass at once.
func TestTimeRunsOut(t *testing.T) {
	serve := func(t *testing.T, c Config, f func(p *Proxy, sandbox net.Conn)) {
		synctest.Test(t, func(t *testing.T) {
			p := Open(c)
			here, there := net.Pipe()
			ended := make(chan struct{})
			go func() { p.Serve(t.Context(), sandboxID, there); close(ended) }()
			f(p, here)
			_ = here.Close()
			<-ended
			_ = p.Close()
		})
	}
	guarded := func(session.ID) (session.Network, []string, []string) { return session.Guarded, nil, nil }
	status := func(t *testing.T, conn net.Conn, want, sentence string) {
		t.Helper()
		if b, _ := io.ReadAll(conn); len(b) < 12 || string(b[9:12]) != want || !strings.Contains(string(b), sentence) {
			t.Errorf("%q, want %s, %q", b, want, sentence)
		}
	}
	took := func(t *testing.T, begun time.Time, want time.Duration) {
		t.Helper()
		if d := time.Since(begun); d < want || d > want+2*time.Second {
			t.Errorf("took %v, want %v", d, want)
		}
	}
	t.Run("a question nobody answers", func(t *testing.T) {
		asks := 0
		c := Config{Policy: guarded, Ask: func(ctx context.Context, _ session.ID,
			_ Request) bool {
			asks++
			<-ctx.Done()
			return true
		}}
		serve(t, c, func(p *Proxy, conn net.Conn) {
			begun := time.Now()
			fmt.Fprint(conn, "CONNECT example.com:443 HTTP/1.1\r\n\r\n")
			status(t, conn, "503",
				"The user did not answer within 10 minutes whether this session may reach example.com.")
			took(t, begun, AskLimit)
			if p.boxes[sandboxID] != nil && len(p.boxes[sandboxID].answers) > 0 {
				t.Error("no answer is remembered as one")
			}
		})
	})
	t.Run("a question whose program does not come back", func(t *testing.T) {
		var withdrawn time.Time
		c := Config{Policy: guarded, Ask: func(ctx context.Context, _ session.ID, _ Request) bool {
			<-ctx.Done()
			withdrawn = time.Now()
			return true
		}}
		serve(t, c, func(p *Proxy, conn net.Conn) {
			fmt.Fprint(conn, "CONNECT example.com:443 HTTP/1.1\r\n\r\n")
			synctest.Wait()
			begun := time.Now()
			_ = conn.Close()
			time.Sleep(askLingers)
			synctest.Wait()
			if d := withdrawn.Sub(begun); d != askLingers {
				t.Errorf("withdrawn after %v", d)
			}
			synctest.Wait()
			if b := p.boxes[sandboxID]; b != nil && len(b.questions)+len(b.answers) > 0 {
				t.Error("it is still there")
			}
		})
	})
	t.Run("headers that trickle", func(t *testing.T) {
		serve(t, Config{Policy: guarded}, func(_ *Proxy, conn net.Conn) {
			begun := time.Now()
			var wg sync.WaitGroup
			defer wg.Wait()
			wg.Go(func() {
				for i := 0; ; i++ {
					if _, err := fmt.Fprint(conn, "CONNECT example.com:443 HTTP/1.1\r\nX: "[i%20:i%20+1]); err != nil {
						return
					}
					time.Sleep(time.Second)
				}
			})
			status(t, conn, "408", "The request did not arrive within 10 seconds.")
			took(t, begun, headWait)
			_ = conn.Close()
		})
	})
	away := Config{
		Policy:   func(session.ID) (session.Network, []string, []string) { return session.OpenNetwork, nil, nil },
		Resolver: hangs{}, Dialer: hangs{},
	}
	t.Run("a name that nobody looks up", func(t *testing.T) {
		serve(t, away, func(_ *Proxy, conn net.Conn) {
			begun := time.Now()
			fmt.Fprint(conn, "CONNECT example.com:443 HTTP/1.1\r\n\r\n")
			status(t, conn, "502", "example.com:443 cannot be reached: its name was not found within 10 seconds.")
			took(t, begun, lookupLimit)
		})
	})
	t.Run("a host that does not answer", func(t *testing.T) {
		c := away
		c.Resolver = fixed{}
		serve(t, c, func(_ *Proxy, conn net.Conn) {
			begun := time.Now()
			fmt.Fprint(conn, "CONNECT example.com:443 HTTP/1.1\r\n\r\n")
			status(t, conn, "502", "example.com:443 cannot be reached: nothing answered there within 8 seconds.")
			took(t, begun, dialLimit)
		})
	})
	for name, dialer := range map[string]Dialer{"refuses connections": hangs{}, "says nothing": new(piped)} {
		t.Run("the host's own proxy, which "+name, func(t *testing.T) {
			c := away
			c.Resolver, c.Dialer = fixed{}, dialer
			c.Upstream = func(*url.URL) (*url.URL, error) { return url.Parse("http://proxy.example:3128") }
			serve(t, c, func(_ *Proxy, conn net.Conn) {
				fmt.Fprint(conn, "CONNECT example.com:443 HTTP/1.1\r\n\r\n")
				status(t, conn, "502", "the host's own proxy did not answer within 8 seconds.")
			})
		})
	}
	t.Run("a server that takes the request and does not answer", func(t *testing.T) {
		c, wire := away, new(piped)
		c.Resolver, c.Dialer = fixed{}, wire
		serve(t, c, func(_ *Proxy, conn net.Conn) {
			begun := time.Now()
			fmt.Fprint(conn, "GET http://example.com/ HTTP/1.1\r\nHost: example.com\r\n\r\n")
			synctest.Wait()
			go func() { _, _ = io.Copy(io.Discard, wire.server) }()
			status(t, conn, "502", "example.com:80 cannot be reached: it did not answer within 5 minutes.")
			took(t, begun, answerWait)
		})
	})
	t.Run("nothing at all", func(t *testing.T) {
		serve(t, Config{Policy: guarded}, func(_ *Proxy, conn net.Conn) {
			begun := time.Now()
			_, _ = io.ReadAll(conn)
			took(t, begun, idleWait)
		})
	})
	tunnel := func(t *testing.T, network session.Network, f func(sandbox, server net.Conn)) []Connection {
		var mu sync.Mutex
		var rows []Connection
		wire := new(piped)
		c := Config{
			Policy:   func(session.ID) (session.Network, []string, []string) { return network, nil, nil },
			Record:   func(c Connection) { mu.Lock(); defer mu.Unlock(); rows = append(rows, c) },
			Resolver: fixed{}, Dialer: wire,
		}
		serve(t, c, func(_ *Proxy, conn net.Conn) {
			fmt.Fprint(conn, "CONNECT github.com:443 HTTP/1.1\r\n\r\n")
			_, _ = io.ReadFull(conn, make([]byte, len("HTTP/1.1 200 Connection established\r\n\r\n")))
			f(conn, wire.server)
		})
		return rows
	}
	t.Run("a tunnel without greeting", func(t *testing.T) {
		rows := tunnel(t, session.Guarded, func(conn, _ net.Conn) {
			begun := time.Now()
			_, _ = io.ReadAll(conn)
			took(t, begun, helloWait)
		})
		if len(rows) != 2 || rows[1].Up != 0 {
			t.Errorf("%+v", rows)
		}
	})
	t.Run("a greeting that trickles", func(t *testing.T) {
		raw := greeting(t, &tls.Config{ServerName: "github.com"})
		tunnel(t, session.Guarded, func(conn, _ net.Conn) {
			begun := time.Now()
			var wg sync.WaitGroup
			defer wg.Wait()
			wg.Go(func() {
				for _, b := range raw {
					if _, err := conn.Write([]byte{b}); err != nil {
						return
					}
					time.Sleep(time.Second)
				}
			})
			_, _ = io.ReadAll(conn)
			took(t, begun, helloWait)
		})
	})
	t.Run("a tunnel that is silent, after it was not", func(t *testing.T) {
		rows := tunnel(t, session.OpenNetwork, func(conn, server net.Conn) {
			begun := time.Now()
			go func() { _, _ = io.Copy(io.Discard, server) }()
			time.Sleep(14 * time.Minute)
			fmt.Fprint(conn, "still there")
			_, _ = io.ReadAll(conn)
			took(t, begun, 2*idleLimit)
		})
		if len(rows) != 2 || rows[1].End != "idle" || rows[1].Up != 11 {
			t.Errorf("%+v", rows)
		}
	})
}
