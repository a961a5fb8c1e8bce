package toolchain

import (
	"context"
	"crypto/tls"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"testing"

	"background-agents/backend/session"
)

// standIn answers for all makers' hosts: the test's client reaches it whatever name it asks for. The certificate is
// for example.com, which is the one name that the client checks.
type standIn struct {
	*httptest.Server
	indexes   map[string][]byte // HOST/PATH, without the query, as on the wire
	archives  map[string][]byte
	redirects map[string]string // HOST/PATH to an address
	handlers  map[string]http.Handler

	mu    sync.Mutex
	asked []string
	// Set by tests of answers that are not as they should be. They report whether they answered.
	onIndex, onArchive func(w http.ResponseWriter, body []byte) bool
}

func newStandIn(t *testing.T) *standIn {
	s := &standIn{indexes: map[string][]byte{}, archives: map[string][]byte{}, redirects: map[string]string{},
		handlers: map[string]http.Handler{}}
	s.Server = httptest.NewTLSServer(s)
	t.Cleanup(s.Close)
	return s
}

func (s *standIn) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	address := r.Host + r.URL.EscapedPath()
	s.mu.Lock()
	s.asked = append(s.asked, address)
	s.mu.Unlock()
	if to, ok := s.redirects[address]; ok {
		http.Redirect(w, r, to, http.StatusFound)
		return
	}
	if body, ok := s.archives[address]; ok {
		if s.onArchive == nil || !s.onArchive(w, body) {
			_, _ = w.Write(body)
		}
		return
	}
	if s.onIndex != nil && s.onIndex(w, s.indexes[address]) {
		return
	}
	if body, ok := s.indexes[address]; ok {
		_, _ = w.Write(body)
		return
	}
	for prefix, h := range s.handlers {
		if strings.HasPrefix(address, prefix) {
			http.StripPrefix(strings.TrimPrefix(prefix, r.Host), h).ServeHTTP(w, r)
			return
		}
	}
	http.NotFound(w, r)
}

func (s *standIn) fetcher(t *testing.T) *Fetcher {
	roots := s.Client().Transport.(*http.Transport).TLSClientConfig.RootCAs
	transport := &http.Transport{
		TLSClientConfig: &tls.Config{RootCAs: roots, ServerName: "example.com"},
		DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, network, s.Listener.Addr().String())
		},
	}
	t.Cleanup(transport.CloseIdleConnections)
	return &Fetcher{Client: &http.Client{Transport: transport}, Bases: Public, Dir: t.TempDir()}
}

// leftovers are the names of what a fetcher left in its folder.
func leftovers(t *testing.T, f *Fetcher) []string {
	t.Helper()
	entries, err := os.ReadDir(f.Dir)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

// refusedAs fetches what must fail with code, a whole sentence with a hint, and without a file.
func refusedAs(t *testing.T, f *Fetcher, r Release, arch string, code session.Code) *session.Error {
	t.Helper()
	got, err := f.FetchRelease(t.Context(), "Tool "+r.Version, r, arch)
	if err == nil {
		t.Fatalf("fetched %v", got.Parts)
	}
	if session.CodeOf(err) != code {
		t.Fatalf("%q for %v: %v", session.CodeOf(err), err, session.AsError(err).Err)
	}
	told := session.AsError(err)
	if !strings.HasSuffix(told.Message, ".") || told.Hint == "" || !strings.Contains(told.Message, "Tool "+r.Version) {
		t.Errorf("%q, %q", told.Message, told.Hint)
	}
	if names := leftovers(t, f); len(names) > 0 {
		t.Errorf("left behind: %v", names)
	}
	return told
}
