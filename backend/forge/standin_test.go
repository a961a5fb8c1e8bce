package forge

import (
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"background-agents/backend/session"
	"background-agents/backend/session/sessiontest"
)

// standIn is the part of GitHub's REST API that is asked, under /api/v3 as on GitHub Enterprise.
type standIn struct {
	sync.Mutex
	*httptest.Server
	host  string
	token string
	asked []string // method and path with query
	last  map[string]any
	pulls []map[string]any
	runs  []map[string]string
	// instead answers a request, where set, in place of all this.
	instead http.HandlerFunc
}

func newStandIn(t *testing.T) *standIn {
	t.Helper()
	s := &standIn{token: "ghp_right"}
	s.Server = httptest.NewServer(http.HandlerFunc(s.serve))
	t.Cleanup(s.Close)
	s.host = strings.TrimPrefix(s.URL, "http://")
	return s
}

// newSecureStandIn serves https as example.com, for which its certificate is made, to this process's children: through a proxy that
// leads everywhere there.
func newSecureStandIn(t *testing.T) *standIn {
	t.Helper()
	s := &standIn{token: "ghp_right"}
	s.Server = httptest.NewTLSServer(http.HandlerFunc(s.serve))
	t.Cleanup(s.Close)
	address := strings.TrimPrefix(s.URL, "https://")
	s.host, s.URL = "example.com", "https://example.com"
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		there, err := net.Dial("tcp", address)
		if err != nil || r.Method != http.MethodConnect {
			w.WriteHeader(http.StatusBadGateway)
			return
		}
		w.WriteHeader(http.StatusOK)
		here, _, err := w.(http.Hijacker).Hijack()
		if err != nil {
			return
		}
		go func() { _, _ = io.Copy(there, here); _ = there.Close() }()
		_, _ = io.Copy(here, there)
		_ = here.Close()
	}))
	t.Cleanup(proxy.Close)
	authority := filepath.Join(t.TempDir(), "authority.pem")
	b := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: s.Certificate().Raw})
	if err := os.WriteFile(authority, b, 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("SSL_CERT_FILE", authority)
	t.Setenv("HTTPS_PROXY", proxy.URL)
	return s
}

// with lets a test look at what is behind the stand-in, or change it, between two requests.
func (s *standIn) with(f func()) {
	s.Lock()
	defer s.Unlock()
	f()
}

func (s *standIn) serve(w http.ResponseWriter, r *http.Request) {
	s.Lock()
	defer s.Unlock()
	s.asked = append(s.asked, r.Method+" "+r.URL.String())
	if s.instead != nil {
		s.instead(w, r)
		return
	}
	say := func(status int, v any) {
		w.WriteHeader(status)
		_ = json.NewEncoder(w).Encode(v)
	}
	if _, token, _ := strings.Cut(r.Header.Get("Authorization"), " "); token != s.token { // gh says token where others say Bearer
		say(http.StatusUnauthorized, map[string]string{"message": "Bad credentials"})
		return
	}
	path, _ := strings.CutPrefix(r.URL.Path, "/api/v3/repos/ada/shop")
	switch {
	case r.URL.Path == "/api/v3/user":
		say(200, map[string]string{"login": "ada"})
	case path == r.URL.Path:
		say(404, map[string]string{"message": "Not Found"})
	case r.Method == http.MethodGet && path == "/pulls":
		found := []map[string]any{}
		for _, p := range s.pulls {
			if p["label"] == r.URL.Query().Get("head") && p["state"] == r.URL.Query().Get("state") {
				found = append(found, p)
			}
		}
		say(200, found)
	case r.Method == http.MethodPost && path == "/pulls":
		s.last = nil
		_ = json.NewDecoder(r.Body).Decode(&s.last)
		label := s.last["head"].(string)
		if !strings.Contains(label, ":") {
			label = "ada:" + label
		}
		p := map[string]any{
			"number": len(s.pulls) + 1, "html_url": fmt.Sprintf("%s/ada/shop/pull/%d", s.URL, len(s.pulls)+1), "state": "open", "draft": s.last["draft"], "label": label,
			"title": s.last["title"], "body": s.last["body"], "base": map[string]any{"ref": s.last["base"]}, "head": map[string]any{"sha": "abc"}, "merged_at": nil,
		}
		s.pulls = append(s.pulls, p)
		say(201, p)
	case r.Method == http.MethodPatch:
		s.last = nil
		_ = json.NewDecoder(r.Body).Decode(&s.last)
		for k, v := range s.last {
			if k != "base" {
				s.pulls[0][k] = v
			}
		}
		say(200, s.pulls[0])
	case path == "/pulls/1":
		say(200, s.pulls[0])
	case path == "/commits/abc/check-runs":
		say(200, map[string]any{"check_runs": s.runs})
	default:
		say(404, map[string]string{"message": "Not Found"})
	}
}

func (s *standIn) head() session.Head {
	return session.Head{Upstream: s.URL + "/ada/shop.git", Push: s.URL + "/ada/shop.git", Branch: "agents/fix", Base: "main"}
}

// forge asks the stand-in with a token of the environment, and with no gh of this machine.
func (s *standIn) forge(t *testing.T, vault session.Vault) *Forge {
	t.Helper()
	t.Setenv("PATH", t.TempDir())
	return Open(Config{Vault: vault, Env: func(name string) string {
		return map[string]string{"GH_HOST": s.host, "GH_ENTERPRISE_TOKEN": "ghp_right", "GITHUB_TOKEN": "ghp_of_github_com"}[name]
	}})
}

// gh puts a stand-in of the GitHub CLI into PATH, which has its own login for the stand-in's host and writes down how it is called.
func (s *standIn) gh(t *testing.T) (calls func() string) {
	t.Helper()
	dir, address := t.TempDir(), s.URL
	s.host, s.URL = "github.example.org", "https://github.example.org" // gh takes no port
	log := filepath.Join(dir, "log")
	script := `#!/bin/bash
echo "$@" >> '` + log + `'
[ "$GH_PROMPT_DISABLED" = 1 ] || exit 9
case "$1 $2" in
"auth token") [ "$4" = '` + s.host + `' ] && echo gho_secret || { echo "no oauth token" >&2; exit 1; } ;;
"auth status") printf '%s\n  ✓ Logged in\n' '` + s.host + `' ;;
"api --hostname")
  host=$3 method=$6 path=$7
  if [ "$8" = --input ]; then data=(--data-binary @-); fi
  curl -s -i -X "$method" -H "Authorization: Bearer ghp_right" "${data[@]}" "` + address + `/api/v3/$path"
  [ "$method" != GET ] || exit 1 # as gh does for a status that is an error: what it printed counts
  ;;
esac
`
	if err := os.WriteFile(filepath.Join(dir, "gh"), []byte(script), 0o755); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", dir+string(os.PathListSeparator)+"/usr/bin:/bin")
	return func() string {
		b, _ := os.ReadFile(log)
		return string(b)
	}
}

func (s *standIn) has(t *testing.T, want ...string) {
	t.Helper()
	s.Lock()
	defer s.Unlock()
	if !slices.Equal(s.asked, want) {
		t.Errorf("asked\n\t%s\nwant\n\t%s", strings.Join(s.asked, "\n\t"), strings.Join(want, "\n\t"))
	}
	s.asked = nil
}

func newVault() *sessiontest.Vault { return &sessiontest.Vault{} }
