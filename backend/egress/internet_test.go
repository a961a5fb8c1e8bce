package egress

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

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
