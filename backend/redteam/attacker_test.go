//go:build linux

package redteam

import (
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync"
	"testing"

	"golang.org/x/net/dns/dnsmessage"
)

// What the attacker has on the network: a name server, and a server that looks like a model's provider.

// nameServer answers for the names that it was told, and for nothing else. A name with several answers gives one after
// the other, and the last from then on; a name whose answer is a list gives it at once.
type nameServer struct {
	addr  string
	mu    sync.Mutex
	names map[string][][]netip.Addr
	asked map[string]int
}

func newNameServer(t testing.TB) *nameServer {
	t.Helper()
	c, err := net.ListenPacket("udp", "127.0.0.1:0")
	must(t, err)
	n := &nameServer{addr: c.LocalAddr().String(), names: map[string][][]netip.Addr{}, asked: map[string]int{}}
	go n.serve(c) // as long as the tests run
	return n
}

// set tells what a name means: each answer is a list of addresses with commas.
func (n *nameServer) set(name string, answers ...string) {
	var all [][]netip.Addr
	for _, a := range answers {
		var list []netip.Addr
		for _, text := range strings.Split(a, ",") {
			list = append(list, netip.MustParseAddr(text))
		}
		all = append(all, list)
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	n.names[name] = all
}

func (n *nameServer) answer(name string, v6 bool) (list []netip.Addr, known bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	answers, known := n.names[name]
	if !known {
		return nil, false
	}
	if !v6 {
		n.asked[name]++ // a look-up asks for both kinds
	}
	for _, a := range answers[min(max(n.asked[name]-1, 0), len(answers)-1)] {
		if a.Is6() == v6 {
			list = append(list, a)
		}
	}
	return list, true
}

// count is how often a name was looked up.
func (n *nameServer) count(name string) int {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.asked[name]
}

func (n *nameServer) serve(c net.PacketConn) {
	buf := make([]byte, 1500)
	for {
		size, from, err := c.ReadFrom(buf)
		if err != nil {
			return
		}
		var m dnsmessage.Message
		if m.Unpack(buf[:size]) != nil || len(m.Questions) != 1 {
			continue
		}
		q := m.Questions[0]
		if strings.HasPrefix(strings.ToLower(q.Name.String()), "silent.") {
			continue
		}
		list, known := n.answer(strings.TrimSuffix(strings.ToLower(q.Name.String()), "."), q.Type == dnsmessage.TypeAAAA)
		out := dnsmessage.Message{Header: dnsmessage.Header{ID: m.ID, Response: true, RecursionAvailable: true, RecursionDesired: true}, Questions: m.Questions}
		if !known {
			out.RCode = dnsmessage.RCodeNameError
		}
		for _, a := range list {
			r := dnsmessage.Resource{Header: dnsmessage.ResourceHeader{Name: q.Name, Type: q.Type, Class: q.Class}}
			if a.Is4() {
				r.Body = &dnsmessage.AResource{A: a.As4()}
			} else {
				r.Body = &dnsmessage.AAAAResource{AAAA: a.As16()}
			}
			out.Answers = append(out.Answers, r)
		}
		if b, err := out.Pack(); err == nil {
			_, _ = c.WriteTo(b, from)
		}
	}
}

// provider stands where the model's provider is. It says back what it is sent, as a careless or curious one might.
type provider struct {
	url   string
	mu    sync.Mutex
	heard []string // method, URI and headers of each request
}

func newProvider(t testing.TB) *provider {
	t.Helper()
	p := &provider{}
	p.url = httptest.NewServer(p).URL // as long as the tests run
	return p
}

func (p *provider) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	request := fmt.Sprintf("%s %s host=%s %v", r.Method, r.RequestURI, r.Host, r.Header)
	p.mu.Lock()
	p.heard = append(p.heard, request)
	p.mu.Unlock()
	key := r.Header.Get("X-Api-Key") + strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")
	w.Header().Set("X-Echo", key)
	w.Header().Set("Set-Cookie", "key="+key)
	switch r.Header.Get("Anthropic-Version") {
	case "redirect":
		w.Header().Set("Location", p.url+"/elsewhere?key="+key)
		w.WriteHeader(http.StatusTemporaryRedirect)
	case "echo":
		echo(w, key)
		return
	case "hang":
		_, _ = fmt.Fprintf(w, "data: {\"delta\":%q}\n\n", strings.Repeat("word ", 2000))
		_ = http.NewResponseController(w).Flush()
		<-r.Context().Done()
		return
	default:
		w.WriteHeader(http.StatusUnauthorized)
	}
	_, _ = fmt.Fprintf(w, `{"error":{"message":"the key %s is not valid"}}`, key)
}

// echo repeats a key in a good answer, in all ways that a gateway might: in headers and encodings, across borders of
// what it sends.
func echo(w http.ResponseWriter, key string) {
	w.Header().Set("Request-Id", key)
	w.Header().Set("Openai-Debug", base64.StdEncoding.EncodeToString([]byte("key "+key)))
	for _, text := range []string{key, base64.StdEncoding.EncodeToString([]byte(key)), base64.RawURLEncoding.EncodeToString([]byte("x" + key)),
		base64.StdEncoding.EncodeToString([]byte("xy" + key)), hex.EncodeToString([]byte(key)), strings.ToUpper(hex.EncodeToString([]byte(key))),
		everyByte(key, "%"), everyByte(key, `\u00`), key[:len(key)-4]} {
		for _, piece := range []string{"data: ", text[:len(text)/3], text[len(text)/3 : len(text)-5], text[len(text)-5:], "\n\n"} {
			_, _ = io.WriteString(w, piece)
			_ = http.NewResponseController(w).Flush()
		}
	}
}

// requests returns what was heard since the last call.
func (p *provider) requests() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	heard := p.heard
	p.heard = nil
	return heard
}
