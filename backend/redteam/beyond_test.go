//go:build linux

package redteam

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"background-agents/backend/session"
	"background-agents/backend/sqlite"
)

// beyond is a server of another machine's, as a sandbox would see one: a container on Docker's network.
type beyond struct{ id, addr string }

// log is each request that it got: the server name of its greeting, "-" in plain HTTP, and the first line.
func (b beyond) log(t *testing.T) string {
	t.Helper()
	out, err := exec.Command("docker", "logs", b.id).Output() // without what the server says of broken connections
	must(t, err)
	return strings.TrimSpace(string(out))
}

const beyondServer = `
import http.server, ssl, threading, sys, time
class H(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def answer(self):
        n = int(self.headers.get("Content-Length") or 0); self.rfile.read(n)
        print(getattr(self.connection, "sni", "-"), self.requestline, self.headers.get("Host"), flush=True)
        self.send_response(302 if self.path == "/go" else 200)
        if self.path == "/go": self.send_header("Location", "http://private.attacker.example/secret")
        if self.path == "/slow":
            self.send_header("Connection", "close"); self.end_headers()
            for _ in range(600): self.wfile.write(b"tick\n"); self.wfile.flush(); time.sleep(0.1)
            return
        self.send_header("Content-Length", "6"); self.end_headers(); self.wfile.write(b"public")
    do_GET = do_PUT = do_POST = do_DELETE = do_HEAD = do_PATCH = answer
    def log_message(self, *a): pass
class S(http.server.ThreadingHTTPServer):
    daemon_threads = True
c = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER); c.load_cert_chain("/tmp/cert.pem")
def named(sock, name, ctx): sock.sni = name or "none"
c.sni_callback = named
tls = S(("", 443), H); tls.socket = c.wrap_socket(tls.socket, server_side=True)
threading.Thread(target=tls.serve_forever, daemon=True).start()
other = S(("", 8443), H); threading.Thread(target=other.serve_forever, daemon=True).start()
print("up", flush=True)
S(("", 80), H).serve_forever()
`

func newBeyond(t *testing.T, v *victim) beyond {
	t.Helper()
	script := "cat > /tmp/cert.pem <<'END'\n" + certificate(t) + "END\nexec python3 -c '" + strings.ReplaceAll(beyondServer, "'", `'\''`) + "'"
	b := beyond{id: docker(t, "run", "-d", "--rm", "--user", "0", "--entrypoint", "bash", v.image(t), "-c", script)}
	t.Cleanup(func() { docker(t, "rm", "-f", b.id) })
	b.addr = docker(t, "inspect", "-f", "{{.NetworkSettings.IPAddress}}", b.id)
	for range 100 {
		if strings.HasPrefix(b.log(t), "up") {
			return b
		}
		time.Sleep(100 * time.Millisecond)
	}
	t.Fatal("the server did not come up: " + b.log(t))
	return b
}

func certificate(t *testing.T) string {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	must(t, err)
	c := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "x"}, NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, c, c, &key.PublicKey, key)
	must(t, err)
	raw, err := x509.MarshalPKCS8PrivateKey(key)
	must(t, err)
	return string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: raw})) + string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))
}

// allow gives a project these rules, and no others. The user says so one by one, when asked; an address in a private network is
// never asked about, so the rules are written as they would be stored.
func (v *victim) allow(t *testing.T, p session.Project, hosts ...string) {
	t.Helper()
	write := func(hosts []string) {
		v.stop(t)
		store, err := sqlite.Open(ctx, filepath.Join(v.data, "background-agents.db"))
		must(t, err)
		p.Hosts = nil
		for _, h := range hosts {
			p.Hosts = append(p.Hosts, session.HostRule{Host: h, Allow: true})
		}
		must(t, store.Save(ctx, session.Change{Project: &p}))
		must(t, store.Close())
		v.start(t)
		v.until(t, v.cell, time.Minute, func(s session.Session) bool {
			_, err := v.Exec(ctx, v.cell, session.Exec{Command: []string{"true"}})
			return err == nil && s.Sandbox == session.SandboxRunning
		})
	}
	write(hosts)
	t.Cleanup(func() { write(nil) })
}
