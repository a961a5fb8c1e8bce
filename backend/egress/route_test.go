package egress

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"background-agents/backend/session"
	"background-agents/sandbox/wire"
)

func TestHostsOwnProxyIsUsed(t *testing.T) {
	w := newWorld(t)
	w.web(site, "93.184.1.1", "registry.npmjs.org", "example.com")
	var through []string
	upstream := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		through = append(through, r.Method+" "+r.RequestURI+" "+r.Header.Get("Proxy-Authorization"))
		if r.Method != http.MethodConnect {
			fmt.Fprint(rw, "upstream "+r.URL.String())
			return
		}
		conn, _, _ := rw.(http.Hijacker).Hijack()
		defer conn.Close()
		host, _, _ := strings.Cut(r.RequestURI, ":")
		up, err := net.Dial("tcp", w.servers["93.184.1.1:443"])
		if err != nil || host == "refused.example.com" {
			fmt.Fprint(conn, "HTTP/1.1 403 Forbidden\r\n\r\n")
			return
		}
		fmt.Fprint(conn, "HTTP/1.1 200 OK\r\n\r\n")
		go func() { _, _ = io.Copy(up, conn) }()
		_, _ = io.Copy(conn, up)
	}))
	t.Cleanup(upstream.Close)
	w.host("93.184.8.8", 3128, upstream.Listener.Addr().String())
	w.servers["proxy.corp:3128"] = upstream.Listener.Addr().String()
	w.proxy.Upstream = func(u *url.URL) (*url.URL, error) {
		if u.Hostname() == "direct.example.com" {
			return nil, nil
		}
		return url.Parse("http://me:pw@proxy.corp:3128")
	}
	w.name("inner.example.com", "10.0.0.7")
	w.name("refused.example.com", "93.184.1.1")
	w.name("direct.example.com", "93.184.1.1")
	w.set(session.Guarded, []string{"*.example.com"}, nil)
	for url, want := range map[string]string{
		"https://registry.npmjs.org/a":  "200 GET registry.npmjs.org /a ",
		"http://registry.npmjs.org/a":   "200 upstream http://registry.npmjs.org/a",
		"http://unknown.example.com/":   "200 upstream http://unknown.example.com/", // only the proxy knows the name
		"http://inner.example.com/":     "403",
		"https://inner.example.com/":    "403",
		"https://refused.example.com/":  "502",
		"http://direct.example.com/d":   "200 GET direct.example.com /d ",
		"http://registry.npmjs.org:81/": "403",
	} {
		code, body := w.get(url)
		if got := strings.TrimSpace(fmt.Sprint(code, " ", body)); !strings.HasPrefix(got, strings.TrimSpace(want)) {
			t.Errorf("%s: %s, want %s", url, got, want)
		}
	}
	w.set(session.OpenNetwork, nil, nil)
	if code, _ := w.get("http://unknown.example.com/"); code != 502 {
		t.Errorf("a name that nobody vouches for: %d", code)
	}
	for _, line := range through {
		if !strings.HasSuffix(line, " Basic bWU6cHc=") || strings.Contains(line, "inner") {
			t.Errorf("through the host's proxy: %s", line)
		}
	}
}

// The sandbox's connections are streams of the channel, which have deadlines and half closes of their own.
func TestStreamsOfTheChannelAreServed(t *testing.T) {
	w := newWorld(t)
	w.web(site, "93.184.1.1", "registry.npmjs.org")
	w.raw("93.184.2.2", 22, func(c net.Conn) { _, _ = io.Copy(c, c) }, "git.example.com")
	w.set(session.Guarded, []string{"git.example.com:22"}, nil)
	here, there := net.Pipe()
	host, err := wire.Client(here)
	if err != nil {
		t.Fatal(err)
	}
	sandbox, err := wire.Server(there)
	if err != nil {
		t.Fatal(err)
	}
	defer sandbox.Close()
	defer host.Close()
	go func() {
		for {
			s, err := host.Accept()
			if err != nil {
				return
			}
			go func() {
				var h wire.Header
				if wire.ReadLine(s, &h) == nil {
					w.proxy.Serve(t.Context(), sandboxID, s)
				}
			}()
		}
	}()
	dial := func() net.Conn {
		s, err := sandbox.Open(wire.Header{})
		if err != nil {
			t.Fatal(err)
		}
		_ = s.SetDeadline(time.Now().Add(10 * time.Second))
		return s
	}
	conn := dial()
	fmt.Fprint(conn, "GET http://registry.npmjs.org/a HTTP/1.1\r\nHost: registry.npmjs.org\r\nConnection: close\r\n\r\n")
	if b, err := io.ReadAll(conn); err != nil || !strings.HasSuffix(string(b), "GET registry.npmjs.org /a ") {
		t.Errorf("%q %v", b, err)
	}
	conn = dial()
	fmt.Fprint(conn, "CONNECT git.example.com:22 HTTP/1.1\r\n\r\n")
	_, _ = io.ReadFull(conn, make([]byte, 39))
	big := strings.Repeat("0123456789", 300_000)
	go func() { _, _ = io.WriteString(conn, big); closeWrite(conn) }()
	if b, err := io.ReadAll(conn); err != nil || string(b) != big {
		t.Errorf("%d bytes %v", len(b), err)
	}
	w.answers(func(ctx context.Context, _ Request) bool { <-ctx.Done(); return false })
	conn = dial()
	fmt.Fprint(conn, "CONNECT ask.example.com:443 HTTP/1.1\r\n\r\n")
	w.eventually("it is held", func() bool { return w.proxy.boxes[sandboxID] != nil && w.proxy.boxes[sandboxID].held == 1 })
	_ = conn.Close()
	w.eventually("it hung up", func() bool { return w.proxy.boxes[sandboxID].held == 0 })
}
