package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"os"
	"sync"
	"time"

	"background-agents/backend/egress"
	"background-agents/backend/session"
)

// egressProxy is small requests and many bytes by https through the proxy, with the ledger in a real store, beside the same
// client and the same server without it.
func egressProxy(ctx context.Context, o options) ([]row, error) {
	requests, size := o.small(1000, 20), int64(o.small(1<<30, 1<<24))
	w, err := newOutside(ctx)
	if err != nil {
		return nil, err
	}
	defer w.close()
	each, err := measure(o, row{Name: "egress", Unit: "ms/req", Goal: "<= 1.3x", Note: "a connection of its own for each, as most programs make it"},
		func(int) (float64, float64, error) {
			return w.both(func(c *http.Client) (float64, error) {
				took, err := fetch(ctx, c, requests, 4<<10)
				return millis(took) / float64(requests), err
			})
		})
	if err != nil {
		return nil, err
	}
	kept, err := measure(o, row{Name: "egress-kept", Unit: "ms/req", Goal: "<= 1.3x", Note: "over one connection"},
		func(int) (float64, float64, error) {
			return w.both(func(c *http.Client) (float64, error) {
				c.Transport.(*http.Transport).DisableKeepAlives = false
				took, err := fetch(ctx, c, requests, 4<<10)
				return millis(took) / float64(requests), err
			})
		})
	if err != nil {
		return nil, err
	}
	bytes, err := measure(o, row{Name: "egress-bytes", Unit: "MB/s", Goal: ">= 200 MB/s", Note: "the proxy alone; what the channel to a sandbox takes is link"}, func(int) (float64, float64, error) {
		return w.both(func(c *http.Client) (float64, error) {
			took, err := fetch(ctx, c, 1, size)
			return float64(size) / 1e6 / took.Seconds(), err
		})
	})
	return []row{each, kept, bytes}, err
}

// fetch gets n times as many bytes as it says, one after the other, and returns how long that took.
func fetch(ctx context.Context, c *http.Client, n int, size int64) (time.Duration, error) {
	buf := make([]byte, 256<<10)
	began := time.Now()
	for range n {
		r, err := http.NewRequestWithContext(ctx, http.MethodGet, fmt.Sprintf("https://%s/%d", outsideName, size), nil)
		if err != nil {
			return 0, err
		}
		res, err := c.Do(r)
		if err != nil {
			return 0, err
		}
		got, err := io.CopyBuffer(struct{ io.Writer }{io.Discard}, res.Body, buf)
		_ = res.Body.Close()
		if err != nil || got != size {
			return 0, errors.Join(err, fmt.Errorf("%d bytes of %d", got, size))
		}
	}
	return time.Since(began), nil
}

// outsideName is what the certificate of httptest is for.
const outsideName = "example.com"

// outside is a server by https on loopback, under a public address, and the proxy before it.
type outside struct {
	server *httptest.Server
	proxy  *egress.Proxy
	listen net.Listener
	store  *streamed
	dir    string
	wg     sync.WaitGroup
}

func newOutside(ctx context.Context) (_ *outside, err error) {
	w := &outside{}
	defer func() {
		if err != nil {
			w.close()
		}
	}()
	if w.dir, err = os.MkdirTemp("", "bga-egress"); err != nil {
		return nil, err
	}
	if w.store, err = newStreamed(ctx, w.dir); err != nil {
		return nil, err
	}
	id := w.store.id
	w.server = httptest.NewTLSServer(http.HandlerFunc(serveBytes))
	w.proxy = egress.Open(egress.Config{
		Policy: func(session.ID) (session.Network, []string, []string) {
			return session.Guarded, []string{outsideName}, nil
		},
		Record:   func(c egress.Connection) { w.store.manager.RecordConnection(session.Connection(c)) },
		Resolver: w, Dialer: w,
	})
	if w.listen, err = net.Listen("tcp", "127.0.0.1:0"); err != nil {
		return nil, err
	}
	w.wg.Go(func() {
		for {
			conn, err := w.listen.Accept()
			if err != nil {
				return
			}
			go w.proxy.Serve(ctx, id, conn)
		}
	})
	return w, nil
}

func (w *outside) close() {
	if w.listen != nil {
		_ = w.listen.Close()
	}
	w.wg.Wait()
	if w.proxy != nil {
		_ = w.proxy.Close()
	}
	if w.server != nil {
		w.server.Close()
	}
	if w.store != nil {
		w.store.close()
	}
	_ = os.RemoveAll(w.dir)
}

// serveBytes answers /N with N bytes.
func serveBytes(w http.ResponseWriter, r *http.Request) {
	var left int64
	if _, err := fmt.Sscanf(r.URL.Path, "/%d", &left); err != nil {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Content-Length", fmt.Sprint(left))
	piece := make([]byte, 256<<10)
	for left > 0 {
		n, err := w.Write(piece[:min(left, int64(len(piece)))])
		if err != nil {
			return
		}
		left -= int64(n)
	}
}

// LookupNetIP implements egress.Resolver: the server's address is a public one, as far as the proxy is told.
func (w *outside) LookupNetIP(context.Context, string, string) ([]netip.Addr, error) {
	return []netip.Addr{netip.MustParseAddr("93.184.216.34")}, nil
}

// DialContext implements egress.Dialer.
func (w *outside) DialContext(ctx context.Context, network, _ string) (net.Conn, error) {
	return new(net.Dialer).DialContext(ctx, network, w.server.Listener.Addr().String())
}

// both measures with the proxy and without.
func (w *outside) both(f func(*http.Client) (float64, error)) (value, floor float64, err error) {
	for _, proxied := range []bool{false, true} {
		t := w.server.Client().Transport.(*http.Transport).Clone()
		t.TLSClientConfig = &tls.Config{RootCAs: t.TLSClientConfig.RootCAs, MinVersion: tls.VersionTLS13}
		t.DisableKeepAlives = true
		if t.DialContext = w.DialContext; proxied {
			t.DialContext, t.Proxy = nil, http.ProxyURL(&url.URL{Scheme: "http", Host: w.listen.Addr().String()})
		}
		got, err := f(&http.Client{Transport: t})
		t.CloseIdleConnections()
		if err != nil {
			return 0, 0, err
		}
		if proxied {
			value = got
		} else {
			floor = got
		}
	}
	return value, floor, nil
}
