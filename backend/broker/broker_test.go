package broker

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"background-agents/backend/session"
)

const realKey = "sk-real-0123456789"

type keys map[string]string

func (k keys) Key(_ context.Context, provider string) (Key, error) {
	return Key{Secret: session.NewSecret(k[provider]), Source: "a test"}, nil
}

// served is what an upstream saw.
type seen struct {
	method, uri, body string
	header            http.Header
}

// setUp returns a broker whose two providers are one local server, what that saw, and the log.
func setUp(t *testing.T, k keys, h http.HandlerFunc) (*Broker, *[]seen, *logged) {
	t.Helper()
	var requests []seen
	upstream := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		requests = append(requests, seen{r.Method, r.RequestURI, string(body), r.Header})
		if h != nil {
			h(w, r)
		}
	}))
	t.Cleanup(upstream.Close)
	var log logged
	b, err := New(Config{
		Credentials: k, Log: slog.New(slog.NewTextHandler(&log, nil)),
		Spent: count(t),
		Endpoints: []Endpoint{
			{ID: "anthropic", Name: "Anthropic", Protocol: Anthropic, URL: upstream.URL, Models: []Model{{ID: "claude", Name: "Claude"}}},
			{ID: "openai", Name: "OpenAI", Protocol: OpenAI, URL: upstream.URL + "/v1/"},
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	return b, &requests, &log
}

// dial opens a connection as a sandbox would have it.
func dial(t *testing.T, b *Broker) net.Conn {
	t.Helper()
	ours, theirs := net.Pipe()
	done := make(chan struct{})
	go func() {
		defer close(done)
		b.Serve(t.Context(), "one", theirs)
	}()
	t.Cleanup(func() {
		_ = ours.Close()
		select {
		case <-done:
		case <-time.After(5 * time.Second):
			t.Error("Serve did not return after the connection was closed")
		}
	})
	return ours
}

func client(t *testing.T, b *Broker) *http.Client {
	return &http.Client{
		Transport:     &http.Transport{DialContext: func(context.Context, string, string) (net.Conn, error) { return dial(t, b), nil }},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// ask sends one request with the headers given as pairs and returns status and body.
func ask(t *testing.T, b *Broker, method, path, body string, headers ...string) (int, string) {
	t.Helper()
	r, err := http.NewRequest(method, "http://127.0.0.1:7300"+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for pair := range slices.Chunk(headers, 2) {
		r.Header.Add(pair[0], pair[1])
	}
	c := client(t, b)
	defer c.CloseIdleConnections()
	answer, err := c.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	text, _ := io.ReadAll(answer.Body)
	return answer.StatusCode, string(text)
}

func TestKeyIsAddedAndNothingElseGoesOn(t *testing.T) {
	b, requests, log := setUp(t, keys{"anthropic": realKey, "openai": realKey}, nil)
	hostile := []string{
		"Authorization", "Bearer stolen", "X-Api-Key", "stolen", "Api-Key", "stolen", "Cookie", "a=stolen", "Proxy-Authorization", "Basic stolen",
		"X-Goog-Api-Key", "stolen", "X-Forwarded-For", "stolen", "Forwarded", "stolen", "X-Http-Method-Override", "DELETE", "Host", "stolen",
		"Openai-Organization", "stolen", "Connection", "X-Other", "X-Other", "stolen", "Te", "trailers", "X-Auth-Token", "stolen",
		"Anthropic-Version", "2023-06-01", "Content-Type", "application/json", "X-Stainless-Retry-Count", "1",
	}
	if status, _ := ask(t, b, "POST", "/anthropic/v1/messages?beta=true", `{"a":1}`, hostile...); status != 200 {
		t.Fatal(status)
	}
	if status, _ := ask(t, b, "POST", "/openai/v1/responses", `{"b":1}`, hostile...); status != 200 {
		t.Fatal(status)
	}
	first, second := (*requests)[0], (*requests)[1]
	if first.uri != "/v1/messages?beta=true" || first.body != `{"a":1}` || second.uri != "/v1/responses" || second.body != `{"b":1}` {
		t.Errorf("sent on: %+v %+v", first, second)
	}
	if got := first.header.Values("X-Api-Key"); !slices.Equal(got, []string{realKey}) || first.header.Get("Authorization") != "" {
		t.Errorf("Anthropic's key: %q", got)
	}
	if got := second.header.Values("Authorization"); !slices.Equal(got, []string{"Bearer " + realKey}) || second.header.Get("X-Api-Key") != "" {
		t.Errorf("OpenAI's key: %q", got)
	}
	for _, r := range *requests {
		if text := fmt.Sprint(r.header); strings.Contains(text, "stolen") || strings.Contains(text, "DELETE") {
			t.Errorf("went on: %s", text)
		}
		if r.header.Get("Anthropic-Version") != "2023-06-01" || r.header.Get("X-Stainless-Retry-Count") != "1" {
			t.Errorf("did not go on: %v", r.header)
		}
	}
	if strings.Contains(log.String(), realKey) || !strings.Contains(log.String(), "model request") {
		t.Errorf("log: %s", log.String())
	}
}

func TestOtherPathsAreRefused(t *testing.T) {
	b, requests, _ := setUp(t, keys{"anthropic": realKey, "openai": realKey}, nil)
	for _, c := range []struct {
		method, path string
		status       int
	}{
		{"POST", "/anthropic/v1/files", 403},
		{"GET", "/anthropic/v1/messages", 403},
		{"DELETE", "/anthropic/v1/models", 403},
		{"POST", "/anthropic/v1/messages/", 403},
		{"POST", "/anthropic//v1/messages", 403},
		{"POST", "/anthropic/v1/../v1/messages", 403},
		{"POST", "/anthropic/v1/messages%2F..%2Ffiles", 403},
		{"POST", "/anthropic/v1/%6Dessages", 403},
		{"POST", "/anthropic/v1/messages?key=x", 403},
		{"POST", "/anthropic/v1/chat/completions", 403},
		{"POST", "/openai/v1/messages", 403},
		{"GET", "/openai/v1/organization/api_keys", 403},
		{"GET", "/openai/v1/files", 403},
		{"POST", "/other/v1/messages", 404},
		{"POST", "/", 404},
		{"POST", "/v1/messages", 404},
		{"POST", "/ANTHROPIC/v1/messages", 404},
	} {
		status, body := ask(t, b, c.method, c.path, "{}")
		var told struct{ Error struct{ Message string } }
		if err := json.Unmarshal([]byte(body), &told); err != nil || told.Error.Message == "" || status != c.status {
			t.Errorf("%s %s: %d %s", c.method, c.path, status, body)
		}
	}
	if len(*requests) > 0 {
		t.Errorf("went on: %+v", *requests)
	}
}

func TestBrokenHTTPIsRefused(t *testing.T) {
	b, requests, _ := setUp(t, keys{"anthropic": realKey}, nil)
	for outcome, raw := range map[string]string{
		"an absolute URL":      "POST http://evil.example/anthropic/v1/files HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n",
		"a tunnel":             "CONNECT evil.example:443 HTTP/1.1\r\nHost: evil.example:443\r\n\r\n",
		"two lengths":          "POST /anthropic/v1/messages HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nContent-Length: 40\r\n\r\n{}",
		"length and chunks":    "POST /anthropic/v1/files HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
		"a header of 100 KB":   "POST /anthropic/v1/messages HTTP/1.1\r\nHost: x\r\nA: " + strings.Repeat("a", 100<<10) + "\r\n\r\n",
		"a body of 100 GB":     "POST /anthropic/v1/messages HTTP/1.1\r\nHost: x\r\nContent-Length: 100000000000\r\n\r\n{",
		"something else":       "\x16\x03\x01\x02\x00hello\r\n\r\n",
		"a name with newlines": "POST /anthropic/v1/messages HTTP/1.1\r\nHost: x\r\nA\n: b\r\n\r\n",
	} {
		t.Run(outcome, func(t *testing.T) {
			conn := dial(t, b)
			_ = conn.SetDeadline(time.Now().Add(5 * time.Second))
			go func() { _, _ = io.WriteString(conn, raw) }()
			answer, err := http.ReadResponse(bufio.NewReader(conn), nil)
			if err == nil && answer.StatusCode < 400 {
				t.Errorf("answered with %d", answer.StatusCode)
			}
		})
	}
	if len(*requests) > 0 {
		t.Errorf("went on: %+v", *requests)
	}
}

func TestBodyWithoutLengthIsBounded(t *testing.T) {
	b, _, _ := setUp(t, keys{"anthropic": realKey}, nil)
	r, _ := http.NewRequest(http.MethodPost, "http://x/anthropic/v1/messages", io.LimitReader(zeros{}, maxBody+2))
	r.ContentLength = -1
	answer, err := client(t, b).Do(r)
	if err != nil {
		return // cut while it was sent: as good
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusRequestEntityTooLarge {
		t.Errorf("answered with %d", answer.StatusCode)
	}
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { return len(p), nil }

func TestProvidersErrorsAreToldWithoutTheKey(t *testing.T) {
	status := 0
	b, requests, log := setUp(t, keys{"openai": realKey}, func(w http.ResponseWriter, r *http.Request) {
		if status == 302 {
			w.Header().Set("Location", "http://"+r.Host+"/v1/stolen")
		}
		w.Header().Set("Set-Cookie", "a=b")
		w.Header().Set("Retry-After", "7")
		w.WriteHeader(status)
		fmt.Fprintf(w, `{"error":{"message":"no: %s"}}`, r.Header.Get("Authorization"))
	})
	for sent, want := range map[int]struct {
		status int
		text   string
	}{
		401: {401, "refused the key from a test"}, 403: {403, "does not let your key from a test use the model"}, 302: {502, "redirect"},
		429: {429, "no: Bearer [secret]"}, 500: {500, "[secret]"},
	} {
		status = sent
		got, body := ask(t, b, "POST", "/openai/v1/chat/completions", "{}")
		if got != want.status || !strings.Contains(body, want.text) || strings.Contains(body, realKey) {
			t.Errorf("%d: answered with %d %s", sent, got, body)
		}
	}
	if len(*requests) != 5 {
		t.Errorf("%d requests, a redirect was followed", len(*requests))
	}
	if strings.Contains(log.String(), realKey) {
		t.Errorf("log: %s", log.String())
	}
}

func TestWithoutKeyOrNetOneSentenceSaysSo(t *testing.T) {
	b, requests, _ := setUp(t, keys{}, nil)
	status, body := ask(t, b, "POST", "/anthropic/v1/messages", "{}")
	if status != 401 || !strings.Contains(body, "There is no key for Anthropic. Enter it in Settings under Models") || !strings.Contains(body, `"type":"error"`) {
		t.Errorf("no key: %d %s", status, body)
	}
	if len(*requests) > 0 {
		t.Error("went on without a key")
	}
	gone, err := New(Config{
		Credentials: keys{"local": realKey}, Endpoints: []Endpoint{{ID: "local", Name: "Local", Protocol: OpenAI, URL: "http://127.0.0.1:1/v1"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	status, body = ask(t, gone, "POST", "/local/v1/chat/completions", "{}")
	if status != 502 || !strings.Contains(body, "Local cannot be reached.") || strings.Contains(body, realKey) {
		t.Errorf("no server: %d %s", status, body)
	}
}
