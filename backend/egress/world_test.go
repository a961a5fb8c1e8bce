package egress

import (
	"bufio"
	"cmp"
	"context"
	"crypto/ecdsa"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"background-agents/backend/session"
)

// world is an internet on loopback: names have addresses, addresses have servers. Whatever the proxy dials is noted.
type world struct {
	t     testing.TB
	ca    *x509.Certificate
	key   *ecdsa.PrivateKey
	CA    string // file
	roots *x509.CertPool

	mu      sync.Mutex
	names   map[string][]netip.Addr
	servers map[string]string // "address:port" -> address on loopback
	dialled []string
	lookups []string
	network session.Network
	allow   []string
	deny    []string
	asked   []Request
	answer  func(ctx context.Context, r Request) bool
	rows    []Connection

	proxy  *Proxy
	Listen string // where the sandbox finds the proxy
}

const sandboxID session.ID = "sandbox1"

func newWorld(t testing.TB) *world {
	w := &world{t: t, names: map[string][]netip.Addr{}, servers: map[string]string{}, network: session.Guarded}
	w.makeCA()
	w.proxy = Open(Config{
		Policy: func(id session.ID) (session.Network, []string, []string) {
			w.mu.Lock()
			defer w.mu.Unlock()
			if id != sandboxID {
				return "", nil, nil
			}
			return w.network, slices.Clone(w.allow), slices.Clone(w.deny)
		},
		Ask: func(ctx context.Context, _ session.ID, r Request) bool {
			w.mu.Lock()
			w.asked = append(w.asked, r)
			answer := w.answer
			w.mu.Unlock()
			return answer != nil && answer(ctx, r)
		},
		Record: func(c Connection) {
			w.mu.Lock()
			defer w.mu.Unlock()
			w.rows = slices.DeleteFunc(w.rows, func(o Connection) bool { return o.ID == c.ID })
			w.rows = append(w.rows, c)
		},
		Resolver: w, Dialer: w,
		Local: func() ([]netip.Prefix, error) {
			return []netip.Prefix{netip.MustParsePrefix("93.184.99.5/24"), netip.MustParsePrefix("2a00:1:2:3::5/64")}, nil
		},
	})
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	w.Listen = l.Addr().String()
	ctx, cancel := context.WithCancel(context.Background())
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go w.proxy.Serve(ctx, sandboxID, conn)
		}
	}()
	t.Cleanup(func() {
		_ = l.Close()
		cancel()
		_ = w.proxy.Close()
	})
	return w
}

func (w *world) set(network session.Network, allow, deny []string) {
	w.mu.Lock()
	w.network, w.allow, w.deny = network, allow, deny
	w.mu.Unlock()
	w.proxy.Changed(sandboxID)
}

func (w *world) answers(f func(ctx context.Context, r Request) bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.answer = f
}

// seen returns what came over: the rows that are not open, the addresses dialled, the names looked up.
func (w *world) seen() (rows []Connection, dialled, lookups []string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, r := range w.rows {
		if !r.Open {
			rows = append(rows, r)
		}
	}
	return rows, slices.Clone(w.dialled), slices.Clone(w.lookups)
}

// row waits until nothing is open to a host, and returns its last row.
func (w *world) row(host string) Connection {
	w.t.Helper()
	for range 400 {
		w.mu.Lock()
		rows := slices.DeleteFunc(slices.Clone(w.rows), func(c Connection) bool { return c.Host != host })
		w.mu.Unlock()
		if len(rows) > 0 && !slices.ContainsFunc(rows, func(c Connection) bool { return c.Open }) {
			return slices.MaxFunc(rows, func(a, b Connection) int { return cmp.Compare(a.ID, b.ID) })
		}
		time.Sleep(5 * time.Millisecond)
	}
	w.t.Fatalf("no final row for %s: %+v", host, w.rows)
	return Connection{}
}

// client is an HTTP client as programs in the sandbox have it.
func (w *world) client() *http.Client {
	t := &http.Transport{
		Proxy:           http.ProxyURL(&url.URL{Scheme: "http", Host: w.Listen}),
		TLSClientConfig: &tls.Config{RootCAs: w.roots},
	}
	w.t.Cleanup(t.CloseIdleConnections)
	return &http.Client{Transport: t, Timeout: 20 * time.Second}
}

// get returns status and body; a refused tunnel is status 403 or such, with the error as body.
func (w *world) get(url string) (int, string) {
	w.t.Helper()
	return w.do(http.MethodGet, url, "")
}

func (w *world) do(method, url, body string) (int, string) {
	w.t.Helper()
	r, err := http.NewRequest(method, url, strings.NewReader(body))
	if err != nil {
		w.t.Fatal(err)
	}
	if body == "" {
		r.Body = nil
	}
	c := w.client()
	defer c.CloseIdleConnections()
	res, err := c.Do(r)
	if err != nil {
		for code := 400; code < 600; code++ {
			if s := http.StatusText(code); s != "" && strings.HasSuffix(err.Error(), s) {
				return code, err.Error()
			}
		}
		return 0, err.Error()
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		return res.StatusCode, "broken: " + err.Error()
	}
	return res.StatusCode, string(text)
}

// dial opens a connection as the sandbox does.
func (w *world) dial() net.Conn {
	w.t.Helper()
	conn, err := net.Dial("tcp", w.Listen)
	if err != nil {
		w.t.Fatal(err)
	}
	_ = conn.SetDeadline(time.Now().Add(20 * time.Second))
	w.t.Cleanup(func() { _ = conn.Close() })
	return conn
}

// send writes raw bytes and returns the status of the answer, 0 if there is none.
func (w *world) send(raw string) int {
	w.t.Helper()
	conn := w.dial()
	defer conn.Close()
	_, _ = io.WriteString(conn, raw)
	res, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		return 0
	}
	return res.StatusCode
}

// tunnel opens a tunnel, and fails where it is refused.
func (w *world) tunnel(hostport string) net.Conn {
	w.t.Helper()
	conn := w.dial()
	fmt.Fprintf(conn, "CONNECT %s HTTP/1.1\r\nHost: %s\r\n\r\n", hostport, hostport)
	head := make([]byte, len("HTTP/1.1 200 Connection established\r\n\r\n"))
	if _, err := io.ReadFull(conn, head); err != nil || !strings.HasPrefix(string(head), "HTTP/1.1 200 ") {
		w.t.Fatalf("tunnel to %s: %q %v", hostport, head, err)
	}
	return conn
}

// eventually waits for what the proxy's lock guards.
func (w *world) eventually(what string, f func() bool) {
	w.t.Helper()
	for range 1000 {
		w.proxy.mu.Lock()
		ok := f()
		w.proxy.mu.Unlock()
		if ok {
			return
		}
		time.Sleep(5 * time.Millisecond)
	}
	w.t.Fatal("never: " + what)
}

// proxyClient lends a client that does not follow redirects.
func (w *world) proxyClient(f func(*http.Client)) {
	c := w.client()
	defer c.CloseIdleConnections()
	c.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	f(c)
}
