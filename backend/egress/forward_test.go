package egress

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"background-agents/backend/session"
)

// canned serves a host with fixed bytes for each request, and counts its connections.
func (w *world) canned(conns *atomic.Int32, answers ...string) {
	w.raw("93.184.1.1", 80, func(c net.Conn) {
		conns.Add(1)
		br := bufio.NewReader(c)
		for _, a := range answers {
			r, err := http.ReadRequest(br)
			if err != nil {
				return
			}
			_, _ = io.Copy(io.Discard, r.Body)
			_, _ = io.WriteString(c, a)
		}
	}, "example.com")
	w.set(session.Guarded, []string{"example.com"}, nil)
}

func TestAnswersArriveAsTheServerMeantThem(t *testing.T) {
	const ok = "HTTP/1.1 200 OK\r\n"
	for name, c := range map[string]struct {
		method, answer string
		status         int
		body           string
	}{
		"length":           {"GET", ok + "Content-Length: 5\r\n\r\nhello", 200, "hello"},
		"chunked":          {"GET", ok + "Transfer-Encoding: chunked\r\n\r\n2\r\nhe\r\n3\r\nllo\r\n0\r\nX: y\r\n\r\n", 200, "hello"},
		"until the end":    {"GET", "HTTP/1.0 200 OK\r\n\r\nhello", 200, "hello"},
		"no body":          {"GET", "HTTP/1.1 204 No Content\r\n\r\n", 204, ""},
		"not modified":     {"GET", "HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n", 304, ""},
		"HEAD":             {"HEAD", ok + "Content-Length: 5\r\n\r\n", 200, ""},
		"HEAD, no length":  {"HEAD", ok + "\r\n", 200, ""},
		"first a wait":     {"GET", "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n" + ok + "Content-Length: 5\r\n\r\nhello", 200, "hello"},
		"redirect":         {"GET", "HTTP/1.1 302 Found\r\nLocation: http://10.0.0.1/\r\nContent-Length: 0\r\n\r\n", 302, ""},
		"gzip stays":       {"GET", ok + "Content-Encoding: gzip\r\nContent-Length: 4\r\n\r\n\x1f\x8b..", 200, "\x1f\x8b.."},
		"empty":            {"GET", ok + "Content-Length: 0\r\n\r\n", 200, ""},
		"cut off":          {"GET", ok + "Content-Length: 50\r\n\r\nhello", 200, "broken: unexpected EOF"},
		"not HTTP":         {"GET", "SSH-2.0-OpenSSH\r\n\r\n", 502, ""},
		"nothing":          {"GET", "", 502, ""},
		"another protocol": {"GET", "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n", 502, ""},
		"endless headers":  {"GET", ok + strings.Repeat("X: "+strings.Repeat("y", 1000)+"\r\n", 1100), 502, ""},
		"endless waits":    {"GET", strings.Repeat("HTTP/1.1 100 Continue\r\n\r\n", 9), 502, ""},
		"two lengths":      {"GET", ok + "Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello", 502, ""},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			var conns atomic.Int32
			w.canned(&conns, c.answer)
			w.proxyClient(func(client *http.Client) {
				r, _ := http.NewRequest(c.method, "http://example.com/", nil)
				r.Header.Set("Accept-Encoding", "identity")
				res, err := client.Do(r)
				if err != nil {
					t.Fatal(err)
				}
				defer res.Body.Close()
				body, err := io.ReadAll(res.Body)
				if err != nil {
					body = []byte("broken: " + err.Error())
				}
				if res.StatusCode != c.status || c.status != 502 && string(body) != c.body {
					t.Errorf("%d %q, want %d %q", res.StatusCode, body, c.status, c.body)
				}
				if c.method == "HEAD" && strings.Contains(c.answer, "Length") && res.ContentLength != 5 {
					t.Errorf("length %d", res.ContentLength)
				}
			})
		})
	}
}

func TestServerSeesNothingOfTheProxy(t *testing.T) {
	w := newWorld(t)
	got := make(chan string, 1)
	w.raw("93.184.1.1", 80, func(c net.Conn) {
		var b bytes.Buffer
		br := bufio.NewReader(io.TeeReader(c, &b))
		r, _ := http.ReadRequest(br)
		_, _ = io.Copy(io.Discard, r.Body)
		_, _ = io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
		got <- b.String()
	}, "example.com")
	w.set(session.Guarded, []string{"example.com"}, nil)
	for request, want := range map[string]string{
		"GET http://EXAMPLE.com/a%2Fb//c?q=1 HTTP/1.1\r\nHost: Example.com\r\nProxy-Authorization: Basic x\r\nProxy-Connection: keep-alive\r\nX-A: 1\r\n\r\n": "GET /a%2Fb//c?q=1 HTTP/1.1\r\nHost: example.com\r\nX-A: 1\r\n\r\n",
		"GET http://example.com HTTP/1.0\r\nUser-Agent: me\r\n\r\n":                                                         "GET / HTTP/1.1\r\nHost: example.com\r\nUser-Agent: me\r\n\r\n",
		"POST http://example.com/ HTTP/1.1\r\nHost: example.com\r\nContent-Length: 3\r\n\r\nabc":                            "POST / HTTP/1.1\r\nHost: example.com\r\nContent-Length: 3\r\n\r\nabc",
		"POST http://example.com/ HTTP/1.1\r\nHost: example.com\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n": "POST / HTTP/1.1\r\nHost: example.com\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
	} {
		if code := w.send(request); code != 200 {
			t.Errorf("%q: %d", request, code)
			continue
		}
		if g := <-got; g != want {
			t.Errorf("%q arrives as\n%q, want\n%q", request, g, want)
		}
	}
}

func TestConnectionsAreKept(t *testing.T) {
	w := newWorld(t)
	var conns atomic.Int32
	const answer = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
	w.canned(&conns, answer, answer, answer)
	conn := w.dial()
	br := bufio.NewReader(conn)
	for range 7 { // the server ends the connection after three; nobody notices
		fmt.Fprint(conn, "GET http://example.com/ HTTP/1.1\r\nHost: example.com\r\n\r\n")
		res, err := http.ReadResponse(br, nil)
		if err != nil {
			t.Fatal(err)
		}
		if b, err := io.ReadAll(res.Body); string(b) != "ok" || err != nil {
			t.Errorf("%q %v", b, err)
		}
	}
	if n := conns.Load(); n != 3 {
		t.Errorf("%d connections to the server, want 3", n)
	}
	// Written at once, answered in order; another host in between has its own connection and its own judgement.
	w.web(site, "93.184.2.2", "other.example.com")
	fmt.Fprint(conn, "GET http://example.com/ HTTP/1.1\r\nHost: example.com\r\n\r\nGET http://other.example.com/ HTTP/1.1\r\nHost: other.example.com\r\n\r\n")
	res, err := http.ReadResponse(br, nil)
	if err != nil || res.StatusCode != http.StatusOK {
		t.Fatal(res, err)
	}
	_, _ = io.Copy(io.Discard, res.Body)
	if res, err = http.ReadResponse(br, nil); err != nil || res.StatusCode != http.StatusForbidden {
		t.Errorf("%v %v", res, err)
	}
	rows, _, _ := w.seen()
	if len(rows) != 9 || rows[3].Up != 2*rows[4].Up /* sent again */ || rows[4].Up != 37 || rows[3].Down != int64(len(answer)) {
		t.Errorf("%d rows: %+v", len(rows), rows)
	}
}

func TestAnswersStream(t *testing.T) {
	w := newWorld(t)
	next := make(chan struct{})
	w.web(http.HandlerFunc(func(rw http.ResponseWriter, _ *http.Request) {
		for i := range 3 {
			fmt.Fprint(rw, i)
			rw.(http.Flusher).Flush()
			<-next
		}
	}), "93.184.1.1", "example.com")
	w.set(session.OpenNetwork, nil, nil)
	w.proxyClient(func(client *http.Client) {
		res, err := client.Get("http://example.com/")
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		for i := range 3 {
			b := make([]byte, 1)
			if _, err := io.ReadFull(res.Body, b); err != nil || string(b) != fmt.Sprint(i) {
				t.Fatalf("%q %v", b, err)
			}
			next <- struct{}{}
		}
	})
}

func TestServerMayAnswerBeforeItHasTheBody(t *testing.T) {
	w := newWorld(t)
	w.raw("93.184.1.1", 80, func(c net.Conn) {
		_, _ = http.ReadRequest(bufio.NewReader(c))
		_, _ = io.WriteString(c, "HTTP/1.1 413 Content Too Large\r\nContent-Length: 3\r\nConnection: close\r\n\r\nbig")
		time.Sleep(100 * time.Millisecond)
	}, "example.com")
	w.set(session.OpenNetwork, nil, nil)
	conn := w.dial()
	fmt.Fprint(conn, "POST http://example.com/ HTTP/1.1\r\nHost: example.com\r\nContent-Length: 99999999\r\n\r\n")
	go func() { _, _ = conn.Write(make([]byte, 99999999)) }()
	res, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil || res.StatusCode != http.StatusRequestEntityTooLarge {
		t.Fatal(res, err)
	}
	if b, err := io.ReadAll(res.Body); string(b) != "big" || err != nil {
		t.Errorf("%q %v", b, err)
	}
	w.row("example.com")
}
