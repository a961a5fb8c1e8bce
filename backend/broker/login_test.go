package broker

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"background-agents/backend/session"
)

// given are keys with all that may come with one.
type given map[string]Key

func (g given) Key(_ context.Context, provider string) (Key, error) { return g[provider], nil }

// toward returns a broker whose known endpoints all lead to one local server, and what that saw.
func toward(t *testing.T, c Credentials, h http.HandlerFunc) (*Broker, *[]seen) {
	t.Helper()
	var requests []seen
	upstream := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		requests = append(requests, seen{r.Method, r.RequestURI, "", r.Header})
		if h != nil {
			h(w, r)
		}
	}))
	t.Cleanup(upstream.Close)
	endpoints, err := Endpoints(func(string) string { return "" })
	if err != nil {
		t.Fatal(err)
	}
	for i := range endpoints {
		endpoints[i].URL = upstream.URL + "/" + endpoints[i].ID
	}
	b, err := New(Config{Credentials: c, Endpoints: endpoints, Spent: count(t)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = b.Close() })
	return b, &requests
}

func TestSubscriptionTokenGoesWhereTokensGo(t *testing.T) {
	b, requests := toward(t, given{"claude": {Secret: session.NewSecret(realKey), Source: "a login", Bearer: true}}, nil)
	ask(t, b, "POST", "/claude/v1/messages?beta=true", "{}", "X-Api-Key", "stolen", "Authorization", "Bearer stolen", "Anthropic-Beta", "context-1m,tools")
	ask(t, b, "POST", "/claude/v1/messages/count_tokens?beta=true", "{}", "Anthropic-Beta", "oauth-2025-04-20,tools")
	ask(t, b, "POST", "/claude/v1/messages", "{}")
	for i, beta := range []string{"oauth-2025-04-20,context-1m,tools", "oauth-2025-04-20,tools", "oauth-2025-04-20"} {
		h := (*requests)[i].header
		if h.Get("Authorization") != "Bearer "+realKey || h.Get("X-Api-Key") != "" || strings.Join(h.Values("Anthropic-Beta"), "|") != beta {
			t.Errorf("request %d: %v", i, h)
		}
	}
	if uri := (*requests)[1].uri; uri != "/claude/v1/messages/count_tokens?beta=true" {
		t.Errorf("asked for %s", uri)
	}
}

func TestChatGPTsServiceGetsWhatCodexSaysAndTheAccount(t *testing.T) {
	b, requests := toward(t, given{"chatgpt": {Secret: session.NewSecret(realKey), Source: "a login", Bearer: true, Account: "account-1"}}, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Codex-Turn-State", "state")
		w.Header().Set("Set-Cookie", "a=b")
		if strings.HasSuffix(r.URL.Path, "/compact") {
			w.WriteHeader(http.StatusTooManyRequests)
			fmt.Fprintf(w, `{"error":"account-1 %s"}`, realKey)
		}
	})
	headers := []string{
		"Authorization", "Bearer stolen", "Chatgpt-Account-Id", "stolen", "Cookie", "stolen", "X-Openai-Actor-Authorization", "stolen", "Openai-Organization", "stolen",
		"Session_id", "s", "X-Codex-Turn-Metadata", "m", "Originator", "codex_cli_rs", "Version", "1", "Content-Encoding", "zstd",
	}
	for _, c := range []struct {
		method, path, to string
		status           int
	}{
		{"POST", "/v1/responses", "/chatgpt/responses", 200},
		{"POST", "/v1/responses/compact", "/chatgpt/responses/compact", 429},
		{"GET", "/v1/models?client_version=0.169.0", "/chatgpt/models?client_version=0.169.0", 200},
		{"GET", "/v1/models?client_version=1&x=y", "", 403},
		{"POST", "/v1/chat/completions", "", 403},
		{"GET", "/v1/responses", "", 403},
		{"POST", "/responses", "", 403},
		{"GET", "/v1/wham/usage", "", 403},
		{"POST", "/v1/responses/../../accounts", "", 403},
	} {
		*requests = nil
		status, body := ask(t, b, c.method, "/chatgpt"+c.path, "{}", headers...)
		if status != c.status || strings.Contains(body, realKey) || strings.Contains(body, "account-1") {
			t.Errorf("%s: %d %s", c.path, status, body)
		}
		if c.to == "" {
			if len(*requests) > 0 {
				t.Errorf("%s went on", c.path)
			}
			continue
		}
		r := (*requests)[0]
		if r.uri != c.to || r.header.Get("Authorization") != "Bearer "+realKey || r.header.Get("Chatgpt-Account-Id") != "account-1" {
			t.Errorf("%s: %s %v", c.path, r.uri, r.header)
		}
		if strings.Contains(fmt.Sprint(r.header), "stolen") || r.header.Get("Session_id") != "s" || r.header.Get("X-Codex-Turn-Metadata") != "m" || r.header.Get("Content-Encoding") != "zstd" {
			t.Errorf("%s: went on with %v", c.path, r.header)
		}
	}
}

func TestCodexsHeadersGoNowhereElse(t *testing.T) {
	b, requests := toward(t, keys{"openai": realKey}, nil)
	ask(t, b, "POST", "/openai/v1/responses", "{}", "Session_id", "s", "X-Codex-Turn-Metadata", "m", "Content-Encoding", "zstd", "Chatgpt-Account-Id", "x")
	if h := (*requests)[0].header; strings.Contains(fmt.Sprint(h), "Codex") || h.Get("Session_id") != "" || h.Get("Chatgpt-Account-Id") != "" || h.Get("Content-Encoding") != "" {
		t.Errorf("went on with %v", h)
	}
}

func TestGatewaysTokenGoesBeforeTheKey(t *testing.T) {
	env := map[string]string{"ANTHROPIC_AUTH_TOKEN": realKey, "ANTHROPIC_API_KEY": "key"}
	b, requests := toward(t, Environment{Env: func(name string) string { return env[name] }}, nil)
	ask(t, b, "POST", "/anthropic/v1/messages", "{}")
	if h := (*requests)[0].header; h.Get("Authorization") != "Bearer "+realKey || h.Get("X-Api-Key") != "" || h.Get("Anthropic-Beta") != "" {
		t.Errorf("went on with %v", h)
	}
}

func TestRefusedTokenIsReported(t *testing.T) {
	rejected := 0
	status := http.StatusUnauthorized
	b, _ := toward(t, given{"claude": {Secret: session.NewSecret(realKey), Source: "a login", Bearer: true, Rejected: func() { rejected++ }}},
		func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(status) })
	ask(t, b, "POST", "/claude/v1/messages", "{}")
	status = http.StatusForbidden // valid, but not for this
	ask(t, b, "POST", "/claude/v1/messages", "{}")
	if rejected != 1 {
		t.Errorf("reported %d times", rejected)
	}
}

func TestLoginsAreForTheirOwnAgentAlone(t *testing.T) {
	b, _ := toward(t, given{
		"claude":  {Secret: session.NewSecret(realKey), Source: "a login", Bearer: true},
		"chatgpt": {Secret: session.NewSecret(realKey), Source: "a login", Bearer: true, Account: "account-1"},
	}, nil)
	c, env := configOf(t, b, session.Session{Model: "demo/scripted"})
	if !slices.Equal(c.Enabled, []string{"demo"}) || strings.Contains(fmt.Sprint(env), realKey) || strings.Contains(fmt.Sprint(env), "account-1") {
		t.Errorf("OpenCode may use %q", c.Enabled)
	}
	_, err := b.Env(t.Context(), session.Session{Model: "claude/claude-opus-5"}, openCodeAgent)
	if told := session.AsError(err); told == nil || told.Message != "OpenCode cannot use Claude subscription." {
		t.Errorf("told %+v", told)
	}
	all, err := b.Providers(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range all {
		if p.ID == "claude" && (!p.Ready || p.Source != "a login" || !slices.Equal(p.Agents, []string{"claude"}) || !strings.Contains(p.Hint, "Claude Code alone")) {
			t.Errorf("%+v", p)
		}
	}
}

// failing is a login that cannot be used, in the words that it has for it.
type failing struct{}

func (failing) Key(_ context.Context, provider string) (Key, error) {
	if provider == "claude" {
		return Key{}, &session.Error{Code: session.CodeModel, Message: "The login has run out.", Hint: "Sign in again."}
	}
	return Key{}, nil
}

func TestLoginThatCannotBeUsedSaysWhy(t *testing.T) {
	b, requests := toward(t, failing{}, nil)
	status, body := ask(t, b, "POST", "/claude/v1/messages", "{}")
	if status != 401 || !strings.Contains(body, "The login has run out. Sign in again.") || len(*requests) > 0 {
		t.Errorf("%d %s", status, body)
	}
	all, err := b.Providers(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range all {
		if p.ID == "claude" && (p.Ready || p.Hint != "The login has run out. Sign in again.") ||
			p.ID == "chatgpt" && (p.Ready || !strings.Contains(p.Hint, "codex login")) {
			t.Errorf("%+v", p)
		}
	}
}
