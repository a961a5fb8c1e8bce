package broker

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"background-agents/backend/session"
)

func TestLocalServersAreOfferedWhileTheyRun(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := l.Addr().String()
	_ = l.Close()
	local := []Endpoint{{ID: "ollama", Name: "Ollama", Kind: session.ProviderLocal, Protocol: OpenAI, URL: "http://" + address, Keyless: true, Lists: true, Identity: isOllama}}
	b := opened(t, Config{Credentials: keys{"ollama": realKey}, Local: local})
	if _, found := provider(t, b, "ollama"); found {
		t.Error("offered while it does not run")
	}
	_, err = b.Env(t.Context(), session.Session{Model: "ollama/qwen"}, openCodeAgent)
	if told := session.AsError(err); told == nil || told.Message != "Ollama cannot be reached." {
		t.Errorf("told %+v", told)
	}
	if l, err = net.Listen("tcp", address); err != nil {
		t.Skip("a model server of this machine holds the port: ", err)
	}
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "" {
			t.Error("a key went to a local server")
		}
		if r.URL.Path == "/" {
			_, _ = w.Write([]byte("Ollama is running"))
			return
		}
		_, _ = w.Write([]byte(`{"object":"list","data":[{"id":"qwen"}]}`))
	}))
	s.Listener = l
	s.Start()
	defer s.Close()
	b.Refresh()
	p, _ := provider(t, b, "ollama")
	if !p.Ready || p.Source != "found on this computer" || modelsOf(p) != "ollama/qwen" {
		t.Errorf("%+v", p)
	}
	if c, _ := configOf(t, b, session.Session{Model: "ollama/qwen"}); c.Model != "ollama/qwen" {
		t.Errorf("%+v", c)
	}
}

// Other programs listen where servers of models do. None of them gets a request of a sandbox, nor is its answer read
// there.
func TestAnotherProgramAtTheSamePortIsNotAsked(t *testing.T) {
	const models = `{"object":"list","data":[{"id":"m","owned_by":"llamacpp"}]}`
	identities := map[string]Identity{"ollama": isOllama, "lmstudio": isLMStudio, "llamacpp": isLlamaCpp}
	for name, c := range map[string]struct {
		says map[string]string // by path
		is   string
	}{
		"Ollama":                 {map[string]string{"/": "Ollama is running"}, "ollama"},
		"LM Studio":              {map[string]string{"/lmstudio-greeting": `{"lmstudio":true}`}, "lmstudio"},
		"llama.cpp":              {map[string]string{"/props": `{"default_generation_settings":{"n_ctx":1},"total_slots":1,"build_info":"b1"}`}, "llamacpp"},
		"a wiki":                 {map[string]string{"/": "<html>internal wiki", "/lmstudio-greeting": "<html>", "/props": "<html>"}, ""},
		"one that says yes":      {map[string]string{"/": "{}", "/lmstudio-greeting": "{}", "/props": "{}"}, ""},
		"one that quotes Ollama": {map[string]string{"/": "<p>Ollama is running</p>", "/lmstudio-greeting": `{"lmstudio":false}`, "/props": `[{"total_slots":1}]`}, ""},
		"a server of models":     {nil, ""},
	} {
		var asked []string
		s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			said, found := c.says[r.URL.Path]
			switch {
			case found:
				_, _ = io.WriteString(w, said)
			case r.URL.Path == "/v1/models" || r.URL.Path == "/v1/responses":
				asked = append(asked, r.Method+" "+r.URL.Path)
				_, _ = io.WriteString(w, models)
			default:
				http.NotFound(w, r)
			}
		}))
		for id, identity := range identities {
			asked = nil
			b := opened(t, Config{Credentials: keys{}, Local: []Endpoint{
				{ID: id, Name: id, Kind: session.ProviderLocal, Protocol: OpenAI, URL: s.URL, Keyless: true, Lists: true, Identity: identity},
			}})
			if _, found := provider(t, b, id); found != (id == c.is) {
				t.Errorf("%s is offered as %s: %v", name, id, found)
			}
			status, body := ask(t, b, "POST", "/"+id+"/v1/responses", `{"model":"m"}`)
			if id == c.is != (status == 200) || id != c.is && (len(asked) > 0 || strings.Contains(body, "llamacpp\"}")) {
				t.Errorf("%s, asked as %s: %d %s; it heard %q", name, id, status, body, asked)
			}
			if id == c.is {
				for _, other := range []string{"GET /api/tags", "POST /api/pull", "GET /", "GET /props", "POST /v1/embeddings", "DELETE /v1/models"} {
					method, path, _ := strings.Cut(other, " ")
					if status, _ := ask(t, b, method, "/"+id+path, ""); status != 403 {
						t.Errorf("%s of %s: %d", other, id, status)
					}
				}
			}
		}
		s.Close()
	}
}

// A program that takes the port later has to identify itself, too; a busy server has done so before.
func TestServerSaysAgainWhatItIs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		says, hangs := "Ollama is running", false
		who := &identities{known: map[string]*identified{}, client: &http.Client{Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
			if hangs {
				<-r.Context().Done()
				return nil, r.Context().Err()
			}
			return &http.Response{StatusCode: http.StatusOK, Body: io.NopCloser(strings.NewReader(says)), Request: r}, nil
		})}}
		e, err := Endpoint{ID: "ollama", Kind: session.ProviderLocal, URL: "http://127.0.0.1:11434", Identity: isOllama}.parse()
		if err != nil {
			t.Fatal(err)
		}
		is := func(want bool, when string) {
			t.Helper()
			if got := who.is(t.Context(), e); got != want {
				t.Errorf("%s: %v", when, got)
			}
		}
		is(true, "Ollama")
		hangs = true
		time.Sleep(identityLasts)
		is(true, "busy")
		time.Sleep(identityHolds)
		is(false, "busy for long")
		hangs = false
		time.Sleep(identityLasts)
		is(true, "back")
		says = "another"
		is(true, "a moment ago it was Ollama")
		time.Sleep(identityLasts)
		is(false, "another program")
		says = "Ollama is running"
		who.forget()
		is(true, "after the user looked again")
	})
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func TestServerThatHangsHoldsUpNothingForLong(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0") // accepts and never answers
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	b := opened(t, Config{Credentials: keys{}, Local: []Endpoint{
		{ID: "ollama", Kind: session.ProviderLocal, Protocol: OpenAI, URL: "http://" + l.Addr().String(), Lists: true, Identity: isOllama},
		{ID: "lmstudio", Kind: session.ProviderLocal, Protocol: OpenAI, URL: "http://" + l.Addr().String(), Lists: true, Identity: isOllama},
	}})
	for _, limit := range []time.Duration{2 * localTakes, 50 * time.Millisecond} { // the second time it is known
		begun := time.Now()
		if _, err := b.Env(context.Background(), session.Session{}, openCodeAgent); session.CodeOf(err) != session.CodeModelKey {
			t.Fatalf("no model can be had: %v", err)
		}
		if took := time.Since(begun); took > limit {
			t.Errorf("took %v", took)
		}
	}
}

func TestOllamasHostIsReadAsOllamaDoes(t *testing.T) {
	for host, want := range map[string]string{
		"": "http://127.0.0.1:11434", "0.0.0.0": "http://127.0.0.1:11434", "0.0.0.0:9999": "http://127.0.0.1:9999", ":8000": "http://127.0.0.1:8000",
		"box": "http://box:11434", "box:1": "http://box:1", "http://box": "http://box:80", "https://box": "https://box:443", "https://box:8443/": "https://box:8443",
		"[::1]:1234": "http://[::1]:1234", "::1": "http://[::1]:11434", "gopher://x": "http://127.0.0.1:11434",
	} {
		if got := ollama(host); got != want {
			t.Errorf("%q: %s, want %s", host, got, want)
		}
	}
}

func TestSlowListHoldsUpASessionOnlyWhereThereIsNoOtherModel(t *testing.T) {
	release := make(chan struct{})
	slow := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		<-release
		_, _ = w.Write([]byte(`{"data":[{"id":"m"}]}`))
	}))
	defer slow.Close()
	own := func() []session.ProviderConfig {
		return []session.ProviderConfig{{ID: "slow", Protocol: "openai", URL: slow.URL}}
	}
	endpoints, err := Endpoints(func(string) string { return "" })
	if err != nil {
		t.Fatal(err)
	}
	k := keys{"slow": realKey, "openai": realKey}
	b := opened(t, Config{Credentials: k, Own: own, Endpoints: endpoints})
	begun := time.Now()
	if c, _ := configOf(t, b, session.Session{}); c.Model != "openai/gpt-6-sol" || time.Since(begun) > 2*localTakes {
		t.Errorf("%s after %v", c.Model, time.Since(begun))
	}
	delete(k, "openai")
	time.AfterFunc(localTakes+200*time.Millisecond, func() { close(release) })
	if c, _ := configOf(t, b, session.Session{}); c.Model != "slow/m" {
		t.Errorf("the model is %s", c.Model)
	}
}
