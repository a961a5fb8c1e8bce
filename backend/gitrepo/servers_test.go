package gitrepo

import (
	"fmt"
	"net"
	"net/http"
	"net/http/cgi"
	"net/http/httptest"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// newRemote makes a bare repository with the base's history, for the servers below or by its path.
func (w *world) newRemote(name string) string {
	w.Helper()
	dir := filepath.Join(w.TempDir(), name)
	git(w, w.repo, "clone", "-q", "--bare", w.repo, dir)
	git(w, dir, "remote", "remove", "origin")
	git(w, dir, "config", "http.receivepack", "true")
	return dir
}

// serveHTTP serves a folder of bare repositories with git's own smart HTTP, to ada with her password alone.
func serveHTTP(t testing.TB, root, password string) string {
	t.Helper()
	out, err := exec.Command("git", "--exec-path").Output()
	if err != nil {
		t.Fatal(err)
	}
	backend := &cgi.Handler{
		Path: filepath.Join(strings.TrimSpace(string(out)), "git-http-backend"),
		Env:  []string{"GIT_PROJECT_ROOT=" + root, "GIT_HTTP_EXPORT_ALL=1", "GIT_CONFIG_COUNT=1", "GIT_CONFIG_KEY_0=safe.directory", "GIT_CONFIG_VALUE_0=*"},
	}
	s := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, req *http.Request) {
		if name, given, ok := req.BasicAuth(); !ok || name != "ada" || given != password {
			rw.Header().Set("WWW-Authenticate", `Basic realm="git"`)
			rw.WriteHeader(http.StatusUnauthorized)
			return
		}
		req.Header.Del("Authorization")
		backend.Env = append(backend.Env[:5:5], "REMOTE_USER=ada")
		backend.ServeHTTP(rw, req)
	}))
	t.Cleanup(s.Close)
	return s.URL
}

// sshd is a server of OpenSSH's own, as this user, on a loopback port, with keys of its own.
type sshd struct {
	port   int
	client string // private key that it accepts
	config string // of a client that knows its host key
}

func serveSSH(t testing.TB) sshd {
	t.Helper()
	program, err := exec.LookPath("sshd")
	if err != nil {
		program = "/usr/sbin/sshd"
	}
	if _, err := os.Stat(program); err != nil {
		t.Fatalf("there is no sshd: `make test` installs it (%v)", err)
	}
	dir := t.TempDir()
	key := func(name string) string {
		file := filepath.Join(dir, name)
		if out, err := exec.Command("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", file).CombinedOutput(); err != nil {
			t.Fatalf("ssh-keygen: %v %s", err, out)
		}
		return file
	}
	host, client := key("host"), key("client")
	if os.Geteuid() == 0 {
		_ = os.MkdirAll("/run/sshd", 0o755) // privilege separation of a server that root starts
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := sshd{port: l.Addr().(*net.TCPAddr).Port, client: client, config: filepath.Join(dir, "config")}
	_ = l.Close()
	write(t, dir, map[string]string{"sshd_config": fmt.Sprintf(
		"Port %d\nListenAddress 127.0.0.1\nHostKey %s\nAuthorizedKeysFile %s.pub\nPidFile none\nUsePAM no\nStrictModes no\nPasswordAuthentication yes\nPermitRootLogin yes\n", s.port, host, client)})
	cmd := exec.Command(program, "-D", "-e", "-f", filepath.Join(dir, "sshd_config"))
	log := &strings.Builder{}
	cmd.Stderr = log
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	address := fmt.Sprintf("127.0.0.1:%d", s.port)
	for end := time.Now().Add(10 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		if c, err := net.Dial("tcp", address); err == nil {
			_ = c.Close()
			break
		}
		if time.Now().After(end) {
			t.Fatalf("sshd does not answer: %s", log)
		}
	}
	public, err := os.ReadFile(host + ".pub")
	if err != nil {
		t.Fatal(err)
	}
	write(t, dir, map[string]string{
		"known":  fmt.Sprintf("[127.0.0.1]:%d %s", s.port, public),
		"config": fmt.Sprintf("Host *\n  IdentityFile %s\n  IdentitiesOnly yes\n  UserKnownHostsFile %s\n  StrictHostKeyChecking yes\n", client, filepath.Join(dir, "known")),
	})
	return s
}

// url is the URL of a repository on the server.
func (s sshd) url(t testing.TB, path string) string {
	t.Helper()
	who, err := user.Current()
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf("ssh://%s@127.0.0.1:%d%s", who.Username, s.port, path)
}
