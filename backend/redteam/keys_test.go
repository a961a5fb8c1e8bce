//go:build linux

package redteam

import (
	"encoding/base64"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"background-agents/backend/session"
)

// localServer listens where the user's Ollama would, and is another program until it says otherwise.
type localServer struct {
	addr  string
	mu    sync.Mutex
	is    bool
	heard []string
}

func newLocalServer(t testing.TB) *localServer {
	t.Helper()
	l := &localServer{}
	l.addr = strings.TrimPrefix(httptest.NewServer(l).URL, "http://") // as long as the tests run
	return l
}

func (l *localServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if r.URL.Path == "/" && l.is {
		_, _ = io.WriteString(w, "Ollama is running")
		return
	}
	if r.URL.Path != "/" { // that question tells nothing, and its answer goes nowhere
		l.heard = append(l.heard, r.Method+" "+r.URL.Path)
	}
	_, _ = io.WriteString(w, "internal wiki: CONFIDENTIAL")
}

func (l *localServer) set(is bool) (heard []string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	heard, l.heard, l.is = l.heard, nil, is
	return heard
}

// model sends a request to the address of a session's models, and returns the answer with its headers.
func (v *victim) model(t *testing.T, id session.ID, limit, path, head, body string) string {
	t.Helper()
	return v.sh(t, id, "curl -s -i -m "+limit+" -H 'Content-Type: application/json' "+head+" -d '"+body+"' http://127.0.0.1:7300"+path)
}

// A provider, or a gateway before it, repeats the user's key in a good answer.
func TestAProviderThatRepeatsTheKeyTellsTheSandboxNothing(t *testing.T) {
	v := theVictim(t)
	r, err := http.NewRequest(http.MethodPost, v.provider.url+"/v1/messages", nil)
	must(t, err)
	r.Header.Set("Anthropic-Version", "echo")
	r.Header.Set("X-Api-Key", v.canaries.anthropic)
	plain, err := http.DefaultClient.Do(r)
	must(t, err)
	text, err := io.ReadAll(plain.Body)
	_ = plain.Body.Close()
	must(t, err)
	if len(v.canaries.in(string(text))) == 0 || len(v.canaries.in(plain.Header.Get("Request-Id"))) == 0 {
		t.Fatalf("control: it does not repeat the key: %q", text)
	}
	for path, key := range map[string]string{"/anthropic/v1/messages": v.canaries.anthropic, "/openai/v1/responses": v.canaries.openAI} {
		answer := v.model(t, v.cell, "10", path, "-H 'Anthropic-Version: echo' -H 'Accept-Encoding: gzip'", "{}")
		if !strings.Contains(answer, "HTTP/1.1 200") || strings.Count(answer, "[secret]") < 8 {
			t.Errorf("control: the answer does not come: %s", answer)
		}
		if found := v.canaries.in(answer); len(found) > 0 || strings.Contains(answer, coreOf(key)[:12]) ||
			strings.Contains(answer, base64.StdEncoding.EncodeToString([]byte(key))[:20]) {
			t.Errorf("%s tells %v: %s", path, found, answer)
		}
	}
	v.provider.requests()
}

// An agent that hangs up before its provider says what the answer cost has used it all the same.
func TestAnAgentThatHangsUpDoesNotEvadeItsBudget(t *testing.T) {
	v := theVictim(t)
	before := v.get(v.cell).Usage
	body := `{"model":"m","input":"` + strings.Repeat("word ", 400) + `"}`
	if answer := v.model(t, v.cell, "2", "/openai/v1/responses", "-H 'Anthropic-Version: hang' -N", body); !strings.Contains(answer, "200") {
		// OpenAI's protocol passes this header on as Anthropic's does.
		t.Fatalf("control: the answer does not begin: %.300s", answer)
	}
	v.until(t, v.cell, 10*time.Second, func(s session.Session) bool {
		return s.Usage.Input-before.Input >= 500 && s.Usage.Output-before.Output >= 2500 && s.Usage.Estimated > before.Estimated
	})
	v.provider.requests()
}

// Whatever the user runs at the port of a local server of models gets no request of a sandbox, before it says that it is one.
func TestAProgramAtALocalServersPortIsNotAsked(t *testing.T) {
	v := theVictim(t)
	if _, _, err := net.SplitHostPort(v.local.addr); err != nil {
		t.Fatal(err)
	}
	ask := func() string {
		return v.model(t, v.cell, "5", "/ollama/v1/responses", "", `{"run":"rm"}`) + v.model(t, v.cell, "5", "/ollama/v1/chat/completions", "", "{}") +
			v.sh(t, v.cell, "curl -s -m 5 http://127.0.0.1:7300/ollama/v1/models; curl -s -m 5 http://127.0.0.1:7300/ollama/")
	}
	v.local.set(false)
	answer := ask()
	if heard := v.local.set(true); len(heard) > 0 || strings.Contains(answer, "CONFIDENTIAL") {
		t.Errorf("it heard %q, and the sandbox %s", heard, answer)
	}
	for end := time.Now().Add(20 * time.Second); !strings.Contains(ask(), "CONFIDENTIAL"); time.Sleep(time.Second) {
		if time.Now().After(end) {
			t.Fatal("control: a server that says what it is is not reached")
		}
	}
	for _, asked := range v.local.set(false) {
		if asked != "POST /v1/responses" && asked != "POST /v1/chat/completions" && asked != "GET /v1/models" {
			t.Errorf("it was asked %s", asked)
		}
	}
}
