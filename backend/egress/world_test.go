package egress

import (
	"bufio"
	"cmp"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"io"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
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

func (w *world) LookupNetIP(_ context.Context, _, host string) ([]netip.Addr, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.lookups = append(w.lookups, host)
	if a := w.names[strings.TrimSuffix(host, ".")]; a != nil {
		return slices.Clone(a), nil
	}
	return nil, &net.DNSError{Err: "no such host", Name: host, IsNotFound: true}
}

func (w *world) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	w.mu.Lock()
	w.dialled = append(w.dialled, address)
	at := w.servers[address]
	w.mu.Unlock()
	if at == "" {
		return nil, fmt.Errorf("nothing at %s", address)
	}
	return new(net.Dialer).DialContext(ctx, network, at)
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

func (w *world) name(name string, addrs ...string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.names[name] = nil
	for _, a := range addrs {
		w.names[name] = append(w.names[name], netip.MustParseAddr(a))
	}
}

// host gives names an address of their own, with what listens at port there.
func (w *world) host(addr string, port int, listener string, names ...string) {
	for _, n := range names {
		w.name(n, addr)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.servers[netip.AddrPortFrom(netip.MustParseAddr(addr), uint16(port)).String()] = listener
}

// web is a site with port 80 and 443.
func (w *world) web(h http.Handler, addr string, names ...string) {
	plain := httptest.NewServer(h)
	w.t.Cleanup(plain.Close)
	w.host(addr, 80, plain.Listener.Addr().String(), names...)
	secure := httptest.NewUnstartedServer(h)
	secure.TLS = &tls.Config{Certificates: []tls.Certificate{w.certificate(names...)}}
	secure.StartTLS()
	w.t.Cleanup(secure.Close)
	w.host(addr, 443, secure.Listener.Addr().String(), names...)
}

// raw is a server for one port that does with each connection what f does.
func (w *world) raw(addr string, port int, f func(net.Conn), names ...string) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go func() { defer conn.Close(); f(conn) }()
		}
	}()
	w.host(addr, port, l.Addr().String(), names...)
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

// send writes raw bytes and returns the status of the answer, 0 where there is none.
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

func (w *world) makeCA() {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		w.t.Fatal(err)
	}
	c := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "test"}, NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign}
	der, err := x509.CreateCertificate(rand.Reader, c, c, key.Public(), key)
	if err != nil {
		w.t.Fatal(err)
	}
	w.key = key
	w.ca, _ = x509.ParseCertificate(der)
	w.roots = x509.NewCertPool()
	w.roots.AddCert(w.ca)
	w.CA = filepath.Join(w.t.TempDir(), "ca.pem")
	if err := os.WriteFile(w.CA, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o600); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) certificate(names ...string) tls.Certificate {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		w.t.Fatal(err)
	}
	c := &x509.Certificate{SerialNumber: big.NewInt(2), NotAfter: time.Now().Add(time.Hour), DNSNames: names}
	der, err := x509.CreateCertificate(rand.Reader, c, w.ca, key.Public(), w.key)
	if err != nil {
		w.t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
}

// rebinding gives a public address at every second lookup, and a private one else.
type rebinding struct {
	*world
	times int
}

func (r *rebinding) LookupNetIP(context.Context, string, string) ([]netip.Addr, error) {
	if r.times++; r.times%2 == 1 {
		return []netip.Addr{netip.MustParseAddr("93.184.1.1")}, nil
	}
	return []netip.Addr{netip.MustParseAddr("10.0.0.7")}, nil
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

// fixed and piped are an internet of one host, for tests with a clock of their own.
type fixed struct{}

func (fixed) LookupNetIP(context.Context, string, string) ([]netip.Addr, error) {
	return []netip.Addr{netip.MustParseAddr("93.184.1.1")}, nil
}

type piped struct{ server net.Conn }

func (p *piped) DialContext(context.Context, string, string) (net.Conn, error) {
	here, there := net.Pipe()
	p.server = there
	return here, nil
}

// proxyClient lends a client that does not follow redirects.
func (w *world) proxyClient(f func(*http.Client)) {
	c := w.client()
	defer c.CloseIdleConnections()
	c.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	f(c)
}

// direct dials a name without the proxy.
func (w *world) direct(ctx context.Context, network, address string) (net.Conn, error) {
	name, port, err := net.SplitHostPort(address)
	if err != nil {
		return nil, err
	}
	addrs, err := w.LookupNetIP(ctx, "ip", name)
	if err != nil {
		return nil, err
	}
	return w.DialContext(ctx, network, net.JoinHostPort(addrs[0].String(), port))
}
