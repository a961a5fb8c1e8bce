package backend_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"background-agents/backend/egress"
	"background-agents/backend/session"
)

// internet is what a proxy under test finds outside: sites that stand on loopback under the names of others, and for every
// other name the true network. Its policy, and the user's answers, are the test's.
type internet struct {
	t   *testing.T
	ca  *x509.Certificate
	key *ecdsa.PrivateKey
	CA  []byte // PEM

	mu      sync.Mutex
	sites   map[string]netip.Addr // by name
	servers map[string]string     // by address and port, on loopback
	network session.Network
	allow   []string
	deny    []string
	asked   []egress.Request
	answer  chan bool
	rows    map[uint64]egress.Connection
}

func newInternet(t *testing.T) *internet {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	ca := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "of a test"}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign}
	der, err := x509.CreateCertificate(rand.Reader, ca, ca, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	ca, _ = x509.ParseCertificate(der)
	return &internet{
		t: t, ca: ca, key: key, CA: pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}),
		sites: map[string]netip.Addr{}, servers: map[string]string{}, network: session.Guarded,
		answer: make(chan bool), rows: map[uint64]egress.Connection{},
	}
}

// open opens the application's proxy with this for its outside.
func (n *internet) open() *egress.Proxy {
	p := egress.Open(egress.Config{
		Policy: func(session.ID) (session.Network, []string, []string) {
			n.mu.Lock()
			defer n.mu.Unlock()
			return n.network, slices.Clone(n.allow), slices.Clone(n.deny)
		},
		Ask: func(ctx context.Context, _ session.ID, r egress.Request) bool {
			n.mu.Lock()
			n.asked = append(n.asked, r)
			n.mu.Unlock()
			select {
			case yes := <-n.answer:
				return yes
			case <-ctx.Done():
				return false
			}
		},
		Record: func(c egress.Connection) {
			n.mu.Lock()
			defer n.mu.Unlock()
			n.rows[c.ID] = c
		},
		Resolver: n, Dialer: n,
	})
	n.t.Cleanup(func() { _ = p.Close() })
	return p
}

// LookupNetIP implements egress.Resolver.
func (n *internet) LookupNetIP(ctx context.Context, network, host string) ([]netip.Addr, error) {
	n.mu.Lock()
	at, ok := n.sites[strings.TrimSuffix(host, ".")]
	n.mu.Unlock()
	if ok {
		return []netip.Addr{at}, nil
	}
	return net.DefaultResolver.LookupNetIP(ctx, network, host)
}

// DialContext implements egress.Dialer.
func (n *internet) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	n.mu.Lock()
	at, ok := n.servers[address]
	n.mu.Unlock()
	if !ok {
		at = address
	}
	return new(net.Dialer).DialContext(ctx, network, at)
}

// site serves https and http under names that are others' outside of the test.
func (n *internet) site(h http.Handler, names ...string) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		n.t.Fatal(err)
	}
	c := &x509.Certificate{SerialNumber: big.NewInt(2), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), DNSNames: names}
	der, err := x509.CreateCertificate(rand.Reader, c, n.ca, key.Public(), n.key)
	if err != nil {
		n.t.Fatal(err)
	}
	secure, plain := httptest.NewUnstartedServer(h), httptest.NewServer(h)
	secure.TLS = &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}}
	secure.StartTLS()
	n.t.Cleanup(plain.Close)
	n.t.Cleanup(secure.Close)
	n.mu.Lock()
	defer n.mu.Unlock()
	// Of a network that is public, and nobody's here.
	at := netip.AddrFrom4([4]byte{93, 184, 216, byte(len(n.servers)/2 + 1)})
	for _, name := range names {
		n.sites[name] = at
	}
	n.servers[netip.AddrPortFrom(at, 443).String()] = secure.Listener.Addr().String()
	n.servers[netip.AddrPortFrom(at, 80).String()] = plain.Listener.Addr().String()
}

// rule sets what the policy allows beside the presets.
func (n *internet) rule(allow ...string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.allow = allow
}

// row returns the last row of a host's.
func (n *internet) row(host string) (last egress.Connection) {
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, c := range n.rows {
		if c.Host == host && c.ID > last.ID {
			last = c
		}
	}
	return last
}
