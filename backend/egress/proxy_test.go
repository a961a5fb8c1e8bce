package egress

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"testing"

	"background-agents/backend/session"
)

// hello is a site that answers with what it was asked.
var site = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	fmt.Fprintf(w, "%s %s %s %s", r.Method, r.Host, r.URL, body)
})

func TestGuardedReachesPresetsForReading(t *testing.T) {
	w := newWorld(t)
	w.web(site, "93.184.1.1", "registry.npmjs.org")
	for _, scheme := range []string{"http", "https"} {
		if code, body := w.get(scheme + "://registry.npmjs.org/left-pad?x=%2F"); code != 200 || body != "GET registry.npmjs.org /left-pad?x=%2F " {
			t.Errorf("%s: %d %s", scheme, code, body)
		}
	}
	row := w.row("registry.npmjs.org")
	if !row.Allowed || row.Rule != "preset npm" || row.Port != 443 || row.Up < 300 || row.Down < 300 || row.Session != sandboxID || row.At == 0 || row.End != "" {
		t.Errorf("%+v", row)
	}
	for _, method := range []string{"POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "MKCOL"} {
		if code, body := w.do(method, "http://registry.npmjs.org/left-pad", ""); code != 403 {
			t.Errorf("%s: %d %s", method, code, body)
		}
	}
	if code, _ := w.do("GET", "http://registry.npmjs.org/left-pad", "a body"); code != 403 {
		t.Errorf("GET with a body: %d", code)
	}
	w.set(session.Guarded, []string{"registry.npmjs.org"}, nil)
	if code, body := w.do("PUT", "http://registry.npmjs.org/left-pad", "a body"); code != 200 || !strings.HasSuffix(body, "a body") {
		t.Errorf("control: PUT where the user allows the host: %d %s", code, body)
	}
}

func TestOfflineAndEmptyPoliciesReachNothing(t *testing.T) {
	w := newWorld(t)
	w.web(site, "93.184.1.1", "registry.npmjs.org")
	if code, _ := w.get("https://registry.npmjs.org/"); code != 200 {
		t.Fatalf("control: %d", code)
	}
	_, before, _ := w.seen()
	for _, n := range []session.Network{session.Offline, "", "Open", "guarded "} {
		w.set(n, []string{"registry.npmjs.org", "*.npmjs.org", "93.184.1.1"}, nil)
		for _, url := range []string{"https://registry.npmjs.org/", "http://registry.npmjs.org/", "http://93.184.1.1/"} {
			if code, body := w.get(url); code != 403 {
				t.Errorf("%q %s: %d %s", n, url, code, body)
			}
		}
	}
	if _, after, _ := w.seen(); len(after) != len(before) {
		t.Errorf("dialled %v", after[len(before):])
	}
	// Another session has no policy here at all.
	here, there := net.Pipe()
	go w.proxy.Serve(t.Context(), "stranger", there)
	_, _ = io.WriteString(here, "CONNECT registry.npmjs.org:443 HTTP/1.1\r\n\r\n")
	if b, _ := io.ReadAll(here); !strings.HasPrefix(string(b), "HTTP/1.1 403") {
		t.Errorf("a session without policy: %s", b)
	}
}

func TestPrivateAddressesAreRefusedWhateverTheName(t *testing.T) {
	w := newWorld(t)
	canary := http.HandlerFunc(func(rw http.ResponseWriter, _ *http.Request) { fmt.Fprint(rw, "canary") })
	w.web(canary, "93.184.1.1", "good.example.com")
	names := []string{"a.example.com", "b.example.com"}
	w.web(canary, "10.0.0.7", names...)
	w.set(session.OpenNetwork, []string{"*.example.com"}, nil)
	if code, body := w.get("https://good.example.com/"); code != 200 || body != "canary" {
		t.Fatalf("control: %d %s", code, body)
	}
	_, before, _ := w.seen()
	for _, n := range []session.Network{session.OpenNetwork, session.Guarded} {
		w.set(n, []string{"*.example.com", "a.example.com"}, nil)
		for _, addrs := range [][]string{{"10.0.0.7"}, {"127.0.0.1"}, {"169.254.169.254"}, {"::1"}, {"::ffff:10.0.0.7"}, {"64:ff9b::a00:7"}, {"2002:a00:7::1"}, {"2001:0:a00:7::1"}, {"64:ff9b:1::a00:7"}, {"::10.0.0.7"}, {"::"}, {"fe80::1"},
			{"93.184.99.5"}, {"93.184.99.77"}, {"2a00:1:2:3::9"}, {"100.64.0.1"}, {"0.0.0.0"}, {"224.0.0.1"}, {"93.184.1.1", "10.0.0.7"}, {"fd00::1", "93.184.1.1"}} {
			w.name("a.example.com", addrs...)
			for _, url := range []string{"https://a.example.com/", "http://a.example.com/"} {
				if code, body := w.get(url); code != 403 {
					t.Errorf("%s at %v: %d %s", url, addrs, code, body)
				}
			}
		}
	}
	if _, after, _ := w.seen(); len(after) != len(before) {
		t.Errorf("dialled %v", after[len(before):])
	}
	if row := w.row("a.example.com"); row.Allowed || row.Rule != "private address" {
		t.Errorf("%+v", row)
	}
	// A user who names the very address means it; the host itself is not to be had even so.
	w.name("a.example.com", "10.0.0.7")
	w.set(session.Guarded, []string{"a.example.com", "10.0.0.7", "127.0.0.1", "169.254.169.254", "93.184.99.5"}, nil)
	if code, body := w.get("https://a.example.com/"); code != 200 {
		t.Errorf("control: the address itself is allowed: %d %s", code, body)
	}
	for _, url := range []string{"http://127.0.0.1/", "http://169.254.169.254/latest/meta-data", "http://93.184.99.5/", "http://[::ffff:7f00:1]/"} {
		if code, body := w.get(url); code != 403 {
			t.Errorf("%s: %d %s", url, code, body)
		}
	}
}

// A name that has another address at each lookup is dialled where it was judged.
func TestRebindingGetsTheAddressThatWasJudged(t *testing.T) {
	w := newWorld(t)
	w.web(site, "93.184.1.1", "r.example.com")
	w.set(session.Guarded, []string{"r.example.com"}, nil)
	r := &rebinding{w, 0}
	w.proxy.Resolver = r
	for range 6 {
		w.get("http://r.example.com/")
	}
	_, dialled, _ := w.seen()
	if r.times != 6 || len(dialled) != 3 || slices.ContainsFunc(dialled, func(a string) bool { return a != "93.184.1.1:80" }) {
		t.Errorf("%d lookups, dialled %v", r.times, dialled)
	}
}

func TestAddressFormsAreRefused(t *testing.T) {
	w := newWorld(t)
	w.web(site, "93.184.1.1", "good.example.com")
	w.web(site, "127.0.0.1", "localhost")
	w.set(session.OpenNetwork, nil, nil)
	if code := w.send("GET http://93.184.1.1/ HTTP/1.1\r\nHost: 93.184.1.1\r\n\r\n"); code != 200 {
		t.Fatalf("control: a public address in open: %d", code)
	}
	for _, host := range append(slices.Clone(strangeHosts), "127.0.0.1", "0.0.0.0", "[::]", "[::1]", "[::ffff:127.0.0.1]", "[::ffff:0:0]", "[2002:7f00:1::]", "[2001:0:7f00:1::]", "[fe80::1]", "[::ffff:7f00:1]", "[::127.0.0.1]", "10.0.0.1", "[64:ff9b::127.0.0.1]") {
		for _, raw := range []string{
			"CONNECT " + host + ":443 HTTP/1.1\r\nHost: " + host + ":443\r\n\r\n",
			"CONNECT " + host + ":80 HTTP/1.1\r\n\r\n",
			"GET http://" + host + "/ HTTP/1.1\r\nHost: " + host + "\r\n\r\n",
		} {
			if code := w.send(raw); code != 400 && code != 403 && code != 431 {
				t.Errorf("%q: %d", raw, code)
			}
		}
	}
	if _, dialled, lookups := w.seen(); len(dialled) != 1 || len(lookups) != 0 {
		t.Errorf("dialled %v, looked up %v", dialled, lookups)
	}
	w.set(session.Guarded, nil, nil)
	if code := w.send("GET http://93.184.1.1/ HTTP/1.1\r\nHost: 93.184.1.1\r\n\r\n"); code != 403 {
		t.Errorf("an address in guarded: %d", code)
	}
}

func TestUnreachableHostsAreSaidToBe(t *testing.T) {
	w := newWorld(t)
	w.name("nothing.example.com", "93.184.9.9", "2606:2800::9")
	w.set(session.Guarded, []string{"*.example.com"}, nil)
	for _, url := range []string{"https://nothing.example.com/", "http://nothing.example.com/", "https://unknown.example.com/", "http://unknown.example.com/"} {
		if code, body := w.get(url); code != 502 {
			t.Errorf("%s: %d %s", url, code, body)
		}
	}
	if row := w.row("nothing.example.com"); !row.Allowed || row.End != "unreachable" || row.Rule != "allow *.example.com" {
		t.Errorf("%+v", row)
	}
	_, dialled, lookups := w.seen()
	if !slices.Equal(dialled[:2], []string{"93.184.9.9:443", "[2606:2800::9]:443"}) || lookups[0] != "nothing.example.com." {
		t.Errorf("dialled %v, looked up %v", dialled, lookups)
	}
}
