package egress

import (
	"context"
	"net/http/cgi"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"background-agents/backend/session"
)

// sandboxed is a command with the environment that programs in a sandbox have, and a home of its own.
func (w *world) sandboxed(dir, name string, args ...string) *exec.Cmd {
	w.t.Helper()
	if _, err := exec.LookPath(name); err != nil {
		w.t.Skip("the test shows that " + name + " works through the proxy, and it is not installed")
	}
	ctx, cancel := context.WithTimeout(w.t.Context(), 2*time.Minute)
	w.t.Cleanup(cancel)
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir = dir
	proxy := "http://" + w.Listen
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + dir, "HTTP_PROXY=" + proxy, "HTTPS_PROXY=" + proxy, "ALL_PROXY=" + proxy,
		"http_proxy=" + proxy, "https_proxy=" + proxy, "all_proxy=" + proxy, "NO_PROXY=localhost,127.0.0.1", "LC_ALL=C.UTF-8",
		"GIT_CONFIG_NOSYSTEM=1", "GIT_TERMINAL_PROMPT=0", "GIT_AUTHOR_NAME=a", "GIT_AUTHOR_EMAIL=a@b", "GIT_COMMITTER_NAME=a", "GIT_COMMITTER_EMAIL=a@b"}
	return cmd
}

func (w *world) run(cmd *exec.Cmd) (string, error) {
	out, err := cmd.CombinedOutput()
	return string(out), err
}

func TestGitWorksThroughTheProxy(t *testing.T) {
	w := newWorld(t)
	root := t.TempDir()
	git := func(ca string, args ...string) (string, error) {
		cmd := w.sandboxed(root, "git", args...)
		cmd.Env = append(cmd.Env, "GIT_SSL_CAINFO="+ca)
		return w.run(cmd)
	}
	for _, args := range [][]string{{"init", "-q", "work"}, {"-C", "work", "commit", "-q", "--allow-empty", "-m", "one"},
		{"clone", "-q", "--bare", "work", "served.git"}, {"-C", "served.git", "config", "http.receivepack", "true"}} {
		if out, err := git(w.CA, args...); err != nil {
			t.Fatal(args, out, err)
		}
	}
	path, err := exec.Command("git", "--exec-path").Output()
	if err != nil {
		t.Fatal(err)
	}
	backend := &cgi.Handler{Path: filepath.Join(strings.TrimSpace(string(path)), "git-http-backend"), Env: []string{"GIT_PROJECT_ROOT=" + root, "GIT_HTTP_EXPORT_ALL=1"}}
	if _, err := os.Stat(backend.Path); err != nil {
		t.Skip("this git has no git-http-backend, which serves the test's repository")
	}
	w.web(backend, "93.184.1.1", "github.com", "git.example.com")
	for _, c := range []struct {
		url     string
		allow   []string
		network session.Network
		works   bool
	}{
		{"https://github.com/served.git", nil, session.Guarded, true},
		{"https://git.example.com/served.git", nil, session.Guarded, false},
		{"https://git.example.com/served.git", []string{"git.example.com"}, session.Guarded, true},
		{"https://github.com/served.git", nil, session.Offline, false},
		{"https://git.example.com/served.git", nil, session.OpenNetwork, true},
		{"http://git.example.com/served.git", nil, session.OpenNetwork, true},
		{"http://github.com/served.git", nil, session.Guarded, false}, // fetching is a POST, which only TLS hides
	} {
		w.set(c.network, c.allow, nil)
		clone := t.TempDir()
		out, err := git(w.CA, "clone", "-q", c.url, clone)
		if (err == nil) != c.works {
			t.Errorf("%s in %s with %v: %v %s", c.url, c.network, c.allow, err, out)
		}
		if err != nil && !strings.Contains(out, "403") && !strings.Contains(out, "expected") {
			t.Errorf("%s: git says only: %s", c.url, out)
		}
	}
}

func TestCurlWorksThroughTheProxy(t *testing.T) {
	w := newWorld(t)
	w.web(site, "93.184.1.1", "pypi.org", "example.com")
	for _, c := range []struct{ args, want string }{
		{"https://pypi.org/simple", "GET pypi.org /simple"},
		{"http://pypi.org/simple", "GET pypi.org /simple"},
		{"-p http://pypi.org/simple", "GET pypi.org /simple"},
		{"-I http://pypi.org/", "200 OK"},
		{"--http1.0 http://pypi.org/", "GET pypi.org /"},
		{"https://example.com/", "403"},
		{"http://example.com/", "did not let this session reach example.com"},
		{"https://pypi.org./", "400"},
		{"-d x=y http://pypi.org/", "with GET and HEAD"},
		{"http://pypi.org:8080/", "8080 by name and port"},
		{"--connect-to pypi.org:443:example.com:443 https://pypi.org/", "403"},
		{"--noproxy pypi.org http://pypi.org.invalid/", "did not let"},
	} {
		cmd := w.sandboxed(t.TempDir(), "curl", append([]string{"-sS", "--cacert", w.CA, "-m", "20"}, strings.Fields(c.args)...)...)
		if out, _ := w.run(cmd); !strings.Contains(out, c.want) {
			t.Errorf("curl %s: %s", c.args, out)
		}
	}
	big := strings.Repeat("x", 3<<20)
	file := filepath.Join(t.TempDir(), "big")
	if err := os.WriteFile(file, []byte(big), 0o600); err != nil {
		t.Fatal(err)
	}
	w.set(session.Guarded, []string{"example.com"}, nil)
	out, err := w.run(w.sandboxed(t.TempDir(), "curl", "-sS", "-m", "20", "--data-binary", "@"+file, "http://example.com/")) // asks with Expect first
	if err != nil || !strings.HasSuffix(out, big) {
		t.Errorf("a large upload: %v, %d bytes", err, len(out))
	}
}
