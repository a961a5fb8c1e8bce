package backend_test

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"fmt"
	"net/http"
	"net/http/cgi"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// The stand-ins of registries hold one package each, named tiny.

func files(all map[string][]byte) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, ok := all[r.URL.Path]
		if !ok || r.Method != http.MethodGet && r.Method != http.MethodHead {
			http.NotFound(w, r)
			return
		}
		if filepath.Ext(r.URL.Path) == "" {
			w.Header().Set("Content-Type", "text/html")
		}
		_, _ = w.Write(body)
	})
}

// pypi serves a wheel, from the second of its hosts.
func (n *internet) pypi() {
	var wheel bytes.Buffer
	z := zip.NewWriter(&wheel)
	for name, text := range map[string]string{
		"tiny.py":                   "print('tiny is here')\n",
		"tiny-1.0.dist-info/RECORD": "", "tiny-1.0.dist-info/WHEEL": "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
		"tiny-1.0.dist-info/METADATA": "Metadata-Version: 2.1\nName: tiny\nVersion: 1.0\n",
	} {
		w, _ := z.Create(name)
		_, _ = w.Write([]byte(text))
	}
	_ = z.Close()
	const path = "/packages/tiny-1.0-py3-none-any.whl"
	n.site(files(map[string][]byte{"/simple/tiny/": []byte(`<a href="https://files.pythonhosted.org` + path + `">tiny</a>`)}), "pypi.org")
	n.site(files(map[string][]byte{path: wheel.Bytes()}), "files.pythonhosted.org")
}

// crates serves a crate by the sparse protocol.
func (n *internet) crates() {
	var crate bytes.Buffer
	z := gzip.NewWriter(&crate)
	t := tar.NewWriter(z)
	for name, text := range map[string]string{"Cargo.toml": "[package]\nname = \"tiny\"\nversion = \"1.0.0\"\n", "src/lib.rs": "// tiny\n"} {
		_ = t.WriteHeader(&tar.Header{Name: "tiny-1.0.0/" + name, Mode: 0o644, Size: int64(len(text))})
		_, _ = t.Write([]byte(text))
	}
	_ = t.Close()
	_ = z.Close()
	n.site(files(map[string][]byte{
		"/config.json": []byte(`{"dl":"https://static.crates.io/crates"}`),
		"/ti/ny/tiny":  fmt.Appendf(nil, `{"name":"tiny","vers":"1.0.0","deps":[],"features":{},"yanked":false,"cksum":"%x"}`, sha256.Sum256(crate.Bytes())),
	}), "index.crates.io")
	n.site(files(map[string][]byte{"/crates/tiny/1.0.0/download": crate.Bytes()}), "static.crates.io")
}

// maven serves a parent that a project's own file names.
func (n *internet) maven() {
	n.site(files(map[string][]byte{"/maven2/example/tiny/1.0/tiny-1.0.pom": []byte(
		`<project><modelVersion>4.0.0</modelVersion><groupId>example</groupId><artifactId>tiny</artifactId><version>1.0</version><packaging>pom</packaging></project>`)}),
		"repo.maven.apache.org")
}

// git serves an empty history of one commit at /some/tiny.git, and takes no push.
func (n *internet) git(t *testing.T, names ...string) {
	backend := filepath.Join(says("git", "--exec-path"), "git-http-backend")
	if _, err := os.Stat(backend); err != nil {
		t.Skip("needs git-http-backend")
	}
	root := t.TempDir()
	for _, args := range [][]string{
		{"init", "-q", "work"}, {"-C", "work", "-c", "user.name=a", "-c", "user.email=a@b", "commit", "-q", "--allow-empty", "-m", "tiny is here"},
		{"clone", "-q", "--bare", "work", "some/tiny.git"},
	} {
		cmd := exec.Command("git", args...)
		cmd.Dir = root
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("git %v: %v %s", args, err, out)
		}
	}
	n.site(&cgi.Handler{Path: backend, Env: []string{"GIT_PROJECT_ROOT=" + root, "GIT_HTTP_EXPORT_ALL=1"}}, names...)
}
