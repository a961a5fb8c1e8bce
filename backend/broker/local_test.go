package broker

import (
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"
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
	local := []Endpoint{{ID: "ollama", Name: "Ollama", Kind: session.ProviderLocal, Protocol: OpenAI, URL: "http://" + address, Keyless: true, Lists: true}}
	b := opened(t, Config{Credentials: keys{"ollama": realKey}, Local: local})
	if _, found := provider(t, b, "ollama"); found {
		t.Error("offered while it does not run")
	}
	_, err = b.Env(t.Context(), session.Session{Model: "ollama/qwen"}, openCodeAgent)
	if told := session.AsError(err); told == nil || told.Message != "Ollama cannot be reached." {
		t.Errorf("told %+v", told)
	}
	if l, err = net.Listen("tcp", address); err != nil {
		t.Skip("the port is taken")
	}
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "" {
			t.Error("a key went to a local server")
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

func TestAnotherProgramAtTheSamePortIsNotLlamaCpp(t *testing.T) {
	for owner, want := range map[string]bool{"llamacpp": true, "somebody": false} {
		s, _ := server(t, "m")
		b := opened(t, Config{Credentials: keys{}, Local: []Endpoint{
			{ID: "llamacpp", Name: "llama.cpp", Kind: session.ProviderLocal, Protocol: OpenAI, URL: s.URL, Keyless: true, Lists: true, Owner: owner},
		}})
		if _, found := provider(t, b, "llamacpp"); found != want {
			t.Errorf("%s: offered is %v", owner, found)
		}
	}
	page := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("<html>")) }))
	defer page.Close()
	b := opened(t, Config{Credentials: keys{}, Local: []Endpoint{{ID: "lmstudio", Kind: session.ProviderLocal, Protocol: OpenAI, URL: page.URL, Lists: true}}})
	if _, found := provider(t, b, "lmstudio"); found {
		t.Error("a web page is offered as a server of models")
	}
}

func TestServerThatHangsHoldsUpNothingForLong(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0") // accepts and never answers
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	b := opened(t, Config{Credentials: keys{}, Local: []Endpoint{
		{ID: "ollama", Kind: session.ProviderLocal, Protocol: OpenAI, URL: "http://" + l.Addr().String(), Lists: true},
		{ID: "lmstudio", Kind: session.ProviderLocal, Protocol: OpenAI, URL: "http://" + l.Addr().String(), Lists: true},
	}})
	for _, limit := range []time.Duration{2 * localTakes, 50 * time.Millisecond} { // the second time it is known
		begun := time.Now()
		if _, err := b.Env(context.Background(), session.Session{}, openCodeAgent); session.CodeOf(err) != session.CodeModel {
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
