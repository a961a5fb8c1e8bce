package egress

import (
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"background-agents/backend/session"
)

func TestTunnelToPort80IsHeldToTheSameRules(t *testing.T) {
	w := newWorld(t)
	w.web(site, "93.184.1.1", "deb.debian.org")
	for want, request := range map[int]string{
		200: "GET /a HTTP/1.1\r\nHost: deb.debian.org\r\n\r\n",
		403: "POST /a HTTP/1.1\r\nHost: deb.debian.org\r\nContent-Length: 0\r\n\r\n",
		400: "GET /a HTTP/1.1\r\nHost: evil.com\r\n\r\n",
	} {
		conn := w.tunnel("deb.debian.org:80")
		_, _ = io.WriteString(conn, request)
		head := make([]byte, 12)
		if _, err := io.ReadFull(conn, head); err != nil || string(head[9:]) != fmt.Sprint(want) {
			t.Errorf("%q: %s %v, want %d", request, head, err, want)
		}
	}
	for _, raw := range []string{"GET http://evil.com/ HTTP/1.1\r\nHost: evil.com\r\n\r\n", "CONNECT evil.com:443 HTTP/1.1\r\n\r\n", "\x16\x03\x01\x02\x00"} {
		conn := w.tunnel("deb.debian.org:80")
		_, _ = io.WriteString(conn, raw)
		closeWrite(conn)
		if b, _ := io.ReadAll(conn); len(b) > 0 && !strings.HasPrefix(string(b), "HTTP/1.1 400") {
			t.Errorf("%q: %s", raw, b)
		}
	}
}

func TestTunnelThatGreetsAnotherHostIsRefused(t *testing.T) {
	w := newWorld(t)
	reached := make(chan struct{}, 100)
	w.raw("93.184.1.1", 443, func(c net.Conn) {
		b := make([]byte, 1)
		if n, _ := c.Read(b); n > 0 {
			reached <- struct{}{}
		}
	}, "github.com")
	handshake := func(network session.Network, config *tls.Config) (reachedIt bool, err error) {
		w.set(network, nil, nil)
		conn := w.tunnel("github.com:443")
		defer conn.Close()
		err = tls.Client(conn, config).Handshake()
		select {
		case <-reached:
			return true, err
		case <-time.After(50 * time.Millisecond):
			return false, err
		}
	}
	hidden := &tls.Config{ServerName: "evil.com", MinVersion: tls.VersionTLS13, EncryptedClientHelloConfigList: echConfig(t, "github.com"), RootCAs: w.roots}
	for name, c := range map[string]struct {
		config        *tls.Config
		guarded, open bool
	}{
		"control: the host itself": {&tls.Config{ServerName: "github.com"}, true, true},
		"another":                  {&tls.Config{ServerName: "evil.com"}, false, false},
		"none":                     {&tls.Config{InsecureSkipVerify: true}, false, true},
		"encrypted":                {hidden, false, true},
	} {
		if got, err := handshake(session.Guarded, c.config); got != c.guarded {
			t.Errorf("%s, guarded: reached %v (%v)", name, got, err)
		} else if !got {
			var alert tls.AlertError
			if !strings.Contains(err.Error(), "access denied") && !errors.As(err, &alert) {
				t.Errorf("%s: the client is told %v", name, err)
			}
			if row := w.row("github.com"); row.Allowed || !strings.HasPrefix(row.Rule, "TLS ") || row.Up != 0 {
				t.Errorf("%s: %+v", name, row)
			}
		}
		if got, err := handshake(session.OpenNetwork, c.config); got != c.open {
			t.Errorf("%s, open: reached %v (%v)", name, got, err)
		}
	}
	w.set(session.Guarded, nil, nil)
	conn := w.tunnel("github.com:443")
	fmt.Fprint(conn, "GET / HTTP/1.1\r\nHost: github.com\r\n\r\n")
	_, _ = io.ReadAll(conn)
	select {
	case <-reached:
		t.Error("what is not TLS went through in guarded")
	case <-time.After(50 * time.Millisecond):
	}
}

func TestHostHeaderOfTunnelMustAgree(t *testing.T) {
	w := newWorld(t)
	w.web(site, "93.184.1.1", "github.com")
	for raw, want := range map[string]int{
		"CONNECT github.com:443 HTTP/1.0\r\n\r\n":                                                       200,
		"CONNECT github.com:443 HTTP/1.1\r\nHost: github.com\r\n\r\n":                                   200,
		"CONNECT github.com:443 HTTP/1.1\r\nHost: GitHub.com:443\r\n\r\n":                               200,
		"CONNECT github.com:443 HTTP/1.1\r\nHost: evil.com\r\n\r\n":                                     400,
		"CONNECT github.com:443 HTTP/1.1\r\nHost: github.com:80\r\n\r\n":                                400,
		"CONNECT github.com HTTP/1.1\r\n\r\n":                                                           400,
		"CONNECT github.com:443 HTTP/1.1\r\nContent-Length: 5\r\n\r\nhello":                             400,
		"CONNECT http://github.com:443/ HTTP/1.1\r\n\r\n":                                               400,
		"CONNECT github.com:443 HTTP/1.1\r\nHost: github.com:443\r\nTransfer-Encoding: chunked\r\n\r\n": 400,
	} {
		if code := w.send(raw); code != want {
			t.Errorf("%q: %d, want %d", raw, code, want)
		}
	}
}

func TestPortsNeedARule(t *testing.T) {
	w := newWorld(t)
	w.raw("93.184.1.1", 22, func(c net.Conn) {
		fmt.Fprint(c, "SSH-2.0-test\r\n") // the server speaks first
		_, _ = io.Copy(c, c)
	}, "git.example.com")
	for _, n := range []session.Network{session.OpenNetwork, session.Guarded} {
		w.set(n, []string{"git.example.com"}, nil)
		if code := w.send("CONNECT git.example.com:22 HTTP/1.1\r\n\r\n"); code != 403 {
			t.Errorf("%s: %d", n, code)
		}
		w.set(n, []string{"git.example.com:22"}, nil)
		conn := w.tunnel("git.example.com:22")
		banner := make([]byte, 14)
		if _, err := io.ReadFull(conn, banner); err != nil || string(banner) != "SSH-2.0-test\r\n" {
			t.Errorf("%s: %q %v", n, banner, err)
		}
		fmt.Fprint(conn, "SSH-2.0-me\r\n")
		closeWrite(conn)
		if echo, err := io.ReadAll(conn); err != nil || string(echo) != "SSH-2.0-me\r\n" {
			t.Errorf("%s: after the half close: %q %v", n, echo, err)
		}
	}
}
