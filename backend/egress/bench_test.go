package egress

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"

	"background-agents/backend/session"
)

// BenchmarkRequest is one small HTTPS request: with a connection of its own, as most programs make it, and with one that
// is kept. Direct is the floor.
func BenchmarkRequest(b *testing.B) {
	w := newWorld(b)
	w.web(site, "93.184.1.1", "registry.npmjs.org")
	for _, kept := range []bool{false, true} {
		for _, way := range []string{"direct", "proxy"} {
			c := w.client()
			t := c.Transport.(*http.Transport)
			t.DisableKeepAlives = !kept
			if way == "direct" {
				t.Proxy = nil
				t.DialContext = w.direct
			}
			b.Run(fmt.Sprintf("kept=%v/%s", kept, way), func(b *testing.B) {
				for b.Loop() {
					res, err := c.Get("https://registry.npmjs.org/left-pad")
					if err != nil {
						b.Fatal(err)
					}
					_, _ = io.Copy(io.Discard, res.Body)
					_ = res.Body.Close()
				}
			})
			c.CloseIdleConnections()
		}
	}
}

// BenchmarkBytes is 64 MB down through a tunnel, in bytes a second; `-benchtime 16x` moves 1 GB.
func BenchmarkBytes(b *testing.B) {
	const size = 64 << 20
	w := newWorld(b)
	piece := []byte(strings.Repeat("x", 1<<16))
	w.raw("93.184.1.1", 8080, func(c net.Conn) {
		for range size / len(piece) {
			if _, err := c.Write(piece); err != nil {
				return
			}
		}
	}, "example.com")
	w.set(session.Guarded, []string{"example.com:8080"}, nil)
	for _, way := range []string{"direct", "proxy"} {
		b.Run(way, func(b *testing.B) {
			b.SetBytes(size)
			buf := make([]byte, 1<<16)
			for b.Loop() {
				conn, err := w.direct(b.Context(), "tcp", "example.com:8080")
				if way == "proxy" {
					_ = conn.Close()
					conn, err = w.tunnel("example.com:8080"), nil
				}
				if err != nil {
					b.Fatal(err)
				}
				n, err := io.CopyBuffer(struct{ io.Writer }{io.Discard}, struct{ io.Reader }{conn}, buf)
				if err != nil || n != size {
					b.Fatal(n, err)
				}
				_ = conn.Close()
			}
		})
	}
}
