package egress

import (
	"context"
	"net"
	"net/http"
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
		w.t.Skip("needs " + name)
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
		t.Skip("needs git-http-backend")
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

// realInternet lets the proxy out to the true network; it skips where the registry is not reached without the proxy either.
func realInternet(t *testing.T, host string) *world {
	t.Helper()
	if testing.Short() {
		t.Skip("reaches out to " + host)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	r, _ := http.NewRequestWithContext(ctx, http.MethodHead, "https://"+host+"/", nil)
	res, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		t.Skip("this machine does not reach " + host + " without the proxy either")
	}
	_ = res.Body.Close()
	w := newWorld(t)
	w.proxy.Resolver, w.proxy.Dialer = net.DefaultResolver, &net.Dialer{}
	w.proxy.Local = new(interfaces).prefixes
	return w
}

// caBundle names the machine's own roots, which some machines set for each program.
func caBundle(cmd *exec.Cmd) {
	for _, name := range []string{"SSL_CERT_FILE", "SSL_CERT_DIR", "NODE_EXTRA_CA_CERTS"} {
		if v := os.Getenv(name); v != "" {
			cmd.Env = append(cmd.Env, name+"="+v)
		}
	}
}

func TestNpmInstallsThroughTheProxy(t *testing.T) {
	w := realInternet(t, "registry.npmjs.org")
	dir := t.TempDir()
	npm := func(args ...string) (string, error) {
		cmd := w.sandboxed(dir, "npm", args...)
		caBundle(cmd)
		return w.run(cmd)
	}
	if out, err := npm("view", "left-pad", "version"); err != nil || !strings.Contains(out, "1.3.0") {
		t.Fatal(out, err)
	}
	if out, err := npm("install", "--no-audit", "--no-fund", "left-pad@1.3.0"); err != nil {
		t.Fatal(out, err)
	}
	if _, err := os.Stat(filepath.Join(dir, "node_modules/left-pad/index.js")); err != nil {
		t.Error(err)
	}
	if row := w.row("registry.npmjs.org"); !row.Allowed || row.Rule != "preset npm" || row.Down < 1000 {
		t.Errorf("%+v", row)
	}
	w.set(session.Offline, nil, nil)
	if out, err := npm("view", "left-pad", "version", "--prefer-online", "--fetch-retries=0"); err == nil {
		t.Errorf("control: offline, and yet: %s", out)
	}
}

func TestGoModulesComeThroughTheProxy(t *testing.T) {
	w := realInternet(t, "proxy.golang.org")
	dir := t.TempDir()
	cmd := w.sandboxed(dir, "go", "mod", "download", "-json", "rsc.io/quote@v1.5.2")
	caBundle(cmd)
	cmd.Env = append(cmd.Env, "GOPROXY=https://proxy.golang.org", "GOFLAGS=-modcacherw", "GOPATH="+dir, "GOTOOLCHAIN=local")
	if out, err := w.run(cmd); err != nil || !strings.Contains(out, `"Zip"`) {
		t.Error(out, err)
	}
}

func TestAptUpdatesThroughTheProxy(t *testing.T) {
	w := realInternet(t, "deb.debian.org")
	dir := t.TempDir()
	for _, d := range []string{"lists/partial", "cache/archives/partial"} {
		if err := os.MkdirAll(filepath.Join(dir, d), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	list := filepath.Join(dir, "sources.list")
	if err := os.WriteFile(list, []byte("deb [trusted=yes] http://deb.debian.org/debian bookworm-updates main\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	cmd := w.sandboxed(dir, "apt-get", "update", "-o", "Dir::State::Lists="+dir+"/lists", "-o", "Dir::Cache="+dir+"/cache", "-o", "Dir::Etc::sourcelist="+list,
		"-o", "Dir::Etc::sourceparts=-", "-o", "Debug::NoLocking=1", "-o", "APT::Sandbox::User=root", "-o", "APT::Update::Error-Mode=any")
	if out, err := w.run(cmd); err != nil {
		t.Error(out, err)
	}
	if row := w.row("deb.debian.org"); !row.Allowed || row.Rule != "preset debian" || row.Port != 80 {
		t.Errorf("%+v", row)
	}
}
