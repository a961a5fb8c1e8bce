package login

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"background-agents/backend/broker"
)

const (
	oldAccess, oldRefresh = "canary-old-access", "canary-old-refresh"
	newAccess, newRefresh = "canary-new-access", "canary-new-refresh"
)

// world is a home folder with logins, and the provider that renews them.
type world struct {
	*Logins
	t     *testing.T
	home  string
	log   bytes.Buffer
	mu    sync.Mutex
	asked []map[string]string
	// answer replaces what the provider says.
	answer http.HandlerFunc
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{t: t, home: t.TempDir()}
	provider := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		raw, _ := io.ReadAll(r.Body)
		var body map[string]string
		_ = json.Unmarshal(raw, &body)
		body["path"] = r.Method + " " + r.URL.Path
		w.mu.Lock()
		w.asked = append(w.asked, body)
		answer := w.answer
		w.mu.Unlock()
		if answer != nil {
			answer(rw, r)
			return
		}
		fmt.Fprintf(rw, `{"access_token":%q,"refresh_token":%q,"expires_in":28800,"id_token":%q}`, newAccess, newRefresh, jwt(`{"chatgpt_account_id":"account-9"}`))
	}))
	t.Cleanup(provider.Close)
	w.Logins = w.open(provider.URL)
	t.Cleanup(func() {
		if text := w.log.String(); strings.Contains(text, "canary") {
			t.Errorf("a token is in the log: %s", text)
		}
	})
	return w
}

func (w *world) open(provider string) *Logins {
	return New(Config{
		Home: w.home, Env: func(string) string { return "" }, Locks: filepath.Join(w.home, "locks"), Providers: broker.Keyed(),
		Log: slog.New(slog.NewTextHandler(&w.log, nil)), AnthropicURL: provider + "/claude", OpenAIURL: provider + "/openai",
	})
}

func (w *world) requests() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return len(w.asked)
}

// will replaces what the provider does; nil brings back that it renews.
func (w *world) will(answer http.HandlerFunc) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.answer = answer
}

func (w *world) say(status int, body string) {
	w.will(func(rw http.ResponseWriter, _ *http.Request) {
		rw.WriteHeader(status)
		_, _ = io.WriteString(rw, body)
	})
}

func (w *world) write(name, text string) string {
	w.t.Helper()
	path := filepath.Join(w.home, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		w.t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		w.t.Fatal(err)
	}
	return path
}

const claudePath = ".claude/.credentials.json"

// claude writes Claude Code's file as it is some time before (or with less than 0 after) its token ends.
func (w *world) claudeLogin(left time.Duration) string {
	return w.write(claudePath, claudeText(oldAccess, oldRefresh, left))
}

func claudeText(access, refresh string, left time.Duration) string {
	return fmt.Sprintf(`{"claudeAiOauth":{"accessToken":%q,"refreshToken":%q,"expiresAt":%d,"scopes":["user:inference"],"subscriptionType":"max","big":12345678901234567890},"mcpOAuth":{"x":{"token":"kept"}}}`,
		access, refresh, time.Now().Add(left).UnixMilli())
}

func (w *world) must(provider string) broker.Key {
	w.t.Helper()
	key, err := w.Key(w.t.Context(), provider)
	if err != nil {
		w.t.Fatal(err)
	}
	return key
}

func (w *world) wants(provider, want string) broker.Key {
	w.t.Helper()
	key := w.must(provider)
	if got := key.Secret.Reveal(); got != want {
		w.t.Errorf("%s: got %q, want %q", provider, got, want)
	}
	return key
}

func contents(t *testing.T, path string) string {
	t.Helper()
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

func jwt(claims string) string {
	return "e30." + base64.RawURLEncoding.EncodeToString([]byte(claims)) + ".sig"
}
