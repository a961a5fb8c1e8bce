package egress

import (
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"background-agents/backend/session"
)

func TestChangedPolicyCutsOpenConnections(t *testing.T) {
	type policy struct {
		network     session.Network
		allow, deny []string
	}
	for name, c := range map[string]struct {
		host          string
		before, after policy
		cut           bool
	}{
		"control: nothing changes":   {"example.com", policy{session.OpenNetwork, nil, nil}, policy{session.OpenNetwork, nil, nil}, false},
		"to offline":                 {"example.com", policy{session.OpenNetwork, nil, nil}, policy{session.Offline, nil, nil}, true},
		"to no policy":               {"example.com", policy{session.OpenNetwork, nil, nil}, policy{"", nil, nil}, true},
		"open to guarded":            {"example.com", policy{session.OpenNetwork, nil, nil}, policy{session.Guarded, nil, nil}, true},
		"open to guarded, a preset":  {"github.com", policy{session.OpenNetwork, nil, nil}, policy{session.Guarded, nil, nil}, false},
		"a rule taken back":          {"example.com", policy{session.Guarded, []string{"example.com"}, nil}, policy{session.Guarded, nil, nil}, true},
		"a rule given another form":  {"example.com", policy{session.Guarded, []string{"example.com"}, nil}, policy{session.Guarded, []string{"example.com:443"}, nil}, false},
		"another host denied":        {"example.com", policy{session.OpenNetwork, nil, nil}, policy{session.OpenNetwork, nil, []string{"github.com"}}, false},
		"the host denied":            {"example.com", policy{session.OpenNetwork, nil, nil}, policy{session.OpenNetwork, nil, []string{"example.com"}}, true},
		"the address denied":         {"example.com", policy{session.OpenNetwork, nil, nil}, policy{session.OpenNetwork, nil, []string{"93.184.1.1"}}, true},
		"a deny rule that is broken": {"example.com", policy{session.OpenNetwork, nil, nil}, policy{session.OpenNetwork, nil, []string{"*"}}, true},
		"its private address":        {"inner.example.com", policy{session.Guarded, []string{"inner.example.com", "10.0.0.7"}, nil}, policy{session.Guarded, []string{"inner.example.com"}, nil}, true},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			echo := func(c net.Conn) { _, _ = io.Copy(c, c) }
			w.raw("93.184.1.1", 443, echo, "example.com", "github.com")
			w.raw("10.0.0.7", 443, echo, "inner.example.com")
			w.set(c.before.network, c.before.allow, c.before.deny)
			conn := w.tunnel(c.host + ":443")
			raw := greeting(t, &tls.Config{ServerName: c.host})
			_, _ = conn.Write(raw)
			if _, err := io.ReadFull(conn, make([]byte, len(raw))); err != nil {
				t.Fatal(err)
			}
			w.set(c.after.network, c.after.allow, c.after.deny)
			_ = conn.SetReadDeadline(time.Now().Add(time.Second))
			_, err := fmt.Fprint(conn, "x")
			if err == nil {
				_, err = io.ReadFull(conn, make([]byte, 1))
			}
			if (err != nil) != c.cut || err != nil && isTimeout(err) {
				t.Errorf("after the change: %v", err)
			}
			if c.cut {
				if row := w.row(c.host); !row.Allowed || row.End != "policy changed" || row.Up != int64(len(raw)) {
					t.Errorf("%+v", row)
				}
			}
		})
	}
}

func TestChangedPolicyCutsPlainRequests(t *testing.T) {
	w := newWorld(t)
	started := make(chan struct{}, 9)
	w.web(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		fmt.Fprint(rw, "begun")
		rw.(http.Flusher).Flush()
		started <- struct{}{}
		select {
		case <-r.Context().Done():
		case <-time.After(500 * time.Millisecond):
			fmt.Fprint(rw, " done")
		}
	}), "93.184.1.1", "github.com")
	for _, c := range []struct {
		method, allow, after, want string
	}{
		{"GET", "github.com", "github.com", "begun done"},
		{"GET", "github.com", "example.com", "begun done"}, // still a preset
		{"POST", "github.com", "example.com", ""},
	} {
		w.set(session.Guarded, []string{c.allow}, nil)
		go func() {
			<-started
			w.set(session.Guarded, []string{c.after}, nil)
		}()
		if code, body := w.do(c.method, "http://github.com/", ""); c.want != "" && (code != 200 || body != c.want) || strings.HasSuffix(body, "done") != (c.want != "") {
			t.Errorf("%s: %d %q, want %q", c.method, code, body, c.want)
		}
	}
}

// Policy and answer change while connections come: whatever is open at the end, the last policy allows.
func TestNothingSlipsThroughWhileThePolicyChanges(t *testing.T) {
	w := newWorld(t)
	w.raw("93.184.1.1", 443, func(c net.Conn) { _, _ = io.Copy(c, c) }, "example.com")
	for range 60 {
		w.set(session.OpenNetwork, nil, nil)
		conns := make(chan net.Conn, 8)
		for range cap(conns) {
			go func() {
				conn, err := net.Dial("tcp", w.Listen)
				if err == nil {
					fmt.Fprint(conn, "CONNECT example.com:443 HTTP/1.1\r\n\r\n")
				}
				conns <- conn
			}()
		}
		w.set(session.Offline, nil, nil)
		for range cap(conns) {
			conn := <-conns
			_ = conn.SetReadDeadline(time.Now().Add(3 * time.Second))
			if _, err := io.Copy(io.Discard, conn); err != nil && isTimeout(err) {
				t.Error("a connection is open that the policy does not allow")
			}
			_ = conn.Close()
		}
	}
}

func TestConnectionsAreBounded(t *testing.T) {
	w := newWorld(t)
	w.set(session.OpenNetwork, nil, nil)
	for range maxConnections {
		w.dial()
	}
	w.eventually("all are served", func() bool { b := w.proxy.boxes[sandboxID]; return b != nil && b.conns == maxConnections })
	if code := w.send("CONNECT example.com:443 HTTP/1.1\r\n\r\n"); code != 503 {
		t.Errorf("one more: %d", code)
	}
}

func TestCloseEndsEverything(t *testing.T) {
	w := newWorld(t)
	w.raw("93.184.1.1", 443, func(c net.Conn) { _, _ = io.Copy(c, c) }, "example.com")
	w.set(session.OpenNetwork, nil, nil)
	conn := w.tunnel("example.com:443")
	_ = w.proxy.Close()
	if _, err := io.ReadAll(conn); err != nil && isTimeout(err) {
		t.Error(err)
	}
	if code := w.send("CONNECT example.com:443 HTTP/1.1\r\n\r\n"); code != 503 {
		t.Errorf("after Close: %d", code)
	}
	if len(w.proxy.boxes[sandboxID].flows) != 0 {
		t.Error("flows are left")
	}
}
