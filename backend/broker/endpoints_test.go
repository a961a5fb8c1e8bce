package broker

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	"background-agents/backend/session"
)

// server is a server of models with a list.
func server(t *testing.T, ids ...string) (*httptest.Server, *[]*http.Request) {
	t.Helper()
	var mu sync.Mutex
	var asked []*http.Request // to be read when nobody asks
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		asked = append(asked, r)
		mu.Unlock()
		if strings.HasSuffix(r.URL.Path, "/models") {
			var data []string
			for _, id := range ids {
				data = append(data, fmt.Sprintf(`{"id":%q,"owned_by":"llamacpp"}`, id))
			}
			fmt.Fprintf(w, `{"object":"list","data":[%s]}`, strings.Join(data, ","))
		}
	}))
	t.Cleanup(s.Close)
	return s, &asked
}

func opened(t *testing.T, c Config) *Broker {
	t.Helper()
	b, err := New(c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = b.Close() })
	return b
}

func provider(t *testing.T, b *Broker, id string) (session.Provider, bool) {
	t.Helper()
	all, err := b.Providers(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(all, func(p session.Provider) bool { return p.ID == id })
	if i < 0 {
		return session.Provider{}, false
	}
	return all[i], true
}

func modelsOf(p session.Provider) string {
	var ids []string
	for _, m := range p.Models {
		ids = append(ids, m.Value)
	}
	return strings.Join(ids, " ")
}

func TestOwnEndpointIsUsedAsSoonAsItIsAdded(t *testing.T) {
	s, asked := server(t, "big/model", "text-embed", "bad\nname", "small")
	var own []session.ProviderConfig
	k := keys{}
	b := opened(t, Config{Credentials: k, Own: func() []session.ProviderConfig { return own }})
	if status, _ := ask(t, b, "POST", "/gateway/v1/chat/completions", "{}"); status != 404 {
		t.Errorf("before it is added: %d", status)
	}
	own = []session.ProviderConfig{{ID: "gateway", Name: "Gateway", Protocol: "openai", URL: s.URL + "/base/v1"}}
	k["gateway"] = realKey
	p, _ := provider(t, b, "gateway")
	if !p.Ready || p.Kind != session.ProviderOwn || modelsOf(p) != "gateway/big/model gateway/small" {
		t.Errorf("%+v", p)
	}
	c, env := configOf(t, b, session.Session{Model: "gateway/small"})
	if c.Model != "gateway/small" || c.Provider["gateway"].Options.BaseURL != "http://127.0.0.1:7300/gateway/v1" || c.Provider["gateway"].NPM != "@ai-sdk/openai-compatible" {
		t.Errorf("%+v", c)
	}
	if text := fmt.Sprint(env); strings.Contains(text, realKey) || strings.Contains(text, s.URL) {
		t.Error("the environment holds the key or the address")
	}
	if status, _ := ask(t, b, "POST", "/gateway/v1/chat/completions", "{}", "Authorization", "Bearer stolen"); status != 200 {
		t.Errorf("%d", status)
	}
	for _, r := range *asked {
		if r.Header.Get("Authorization") != "Bearer "+realKey || !strings.HasPrefix(r.URL.Path, "/base/v1/") {
			t.Errorf("asked %s with %v", r.URL, r.Header)
		}
	}
	if n := len(*asked); n != 2 {
		t.Errorf("%d requests: the list was asked for again", n)
	}
	own = nil
	if status, _ := ask(t, b, "POST", "/gateway/v1/chat/completions", "{}"); status != 404 {
		t.Errorf("after it was removed: %d", status)
	}
}

func TestOwnEndpointOfAnthropicsKind(t *testing.T) {
	s, asked := server(t, "claude-x")
	b := opened(t, Config{Credentials: keys{"company": realKey}, Own: func() []session.ProviderConfig {
		return []session.ProviderConfig{{ID: "company", Name: "Company", Protocol: "anthropic", URL: s.URL}}
	}})
	c, _ := configOf(t, b, session.Session{})
	if c.Model != "company/claude-x" || c.Provider["company"].NPM != "@ai-sdk/anthropic" {
		t.Errorf("%+v", c)
	}
	for path, want := range map[string]int{"/v1/messages": 200, "/v1/messages/count_tokens": 200, "/v1/chat/completions": 403} {
		if status, _ := ask(t, b, "POST", "/company"+path, "{}"); status != want {
			t.Errorf("%s: %d", path, status)
		}
	}
	for _, r := range *asked {
		if r.Header.Get("X-Api-Key") != realKey {
			t.Errorf("asked %s with %v", r.URL, r.Header)
		}
	}
}

func TestOwnEndpointWithoutKeyIsReadyWhereItAnswersWithoutOne(t *testing.T) {
	s, _ := server(t, "m")
	own := []session.ProviderConfig{
		{ID: "open", Name: "Open", Protocol: "openai", URL: s.URL},
		{ID: "gone", Name: "Gone", Protocol: "openai", URL: "http://127.0.0.1:1", Models: []string{"m"}},
		{ID: "broken", Name: "Broken", Protocol: "openai", URL: "ftp://x"},
	}
	b := opened(t, Config{Credentials: keys{}, Own: func() []session.ProviderConfig { return own }})
	if p, _ := provider(t, b, "open"); !p.Ready || p.Source != "needs no key" {
		t.Errorf("%+v", p)
	}
	if p, _ := provider(t, b, "gone"); p.Ready || !strings.Contains(p.Hint, "bga provider set gone") || modelsOf(p) != "gone/m" {
		t.Errorf("%+v", p)
	}
	if _, found := provider(t, b, "broken"); found {
		t.Error("an address that is none is offered")
	}
}

func TestProvidersKnownByAddressTakeAKeyAndListTheirModels(t *testing.T) {
	b, requests := toward(t, keys{"openrouter": realKey}, func(w http.ResponseWriter, r *http.Request) {
		_, _ = w.Write([]byte(`{"data":[{"id":"vendor/model","name":"Vendor: Model"}]}`))
	})
	p, _ := provider(t, b, "openrouter")
	if !p.Ready || p.Kind != session.ProviderMore || modelsOf(p) != "openrouter/vendor/model" || p.Models[0].Name != "Vendor: Model" {
		t.Errorf("%+v", p)
	}
	if p, _ := provider(t, b, "groq"); p.Ready || !strings.Contains(p.Hint, "GROQ_API_KEY") {
		t.Errorf("%+v", p)
	}
	if len(*requests) != 1 || (*requests)[0].uri != "/openrouter/v1/models" {
		t.Errorf("asked %+v", *requests)
	}
}

func TestServerWithVeryManyModelsFitsIntoTheEnvironment(t *testing.T) {
	var ids []string
	for i := range 3000 {
		ids = append(ids, fmt.Sprintf("vendor-%d/a-model-with-a-name-as-long-as-they-are-nowadays", i))
	}
	s, _ := server(t, ids...)
	b := opened(t, Config{Credentials: keys{}, Own: func() []session.ProviderConfig {
		return []session.ProviderConfig{{ID: "many", Protocol: "openai", URL: s.URL}, {ID: "more", Protocol: "openai", URL: s.URL}}
	}})
	wish := "many/" + ids[2999]
	c, env := configOf(t, b, session.Session{Model: wish})
	for _, e := range env {
		if len(e) >= 128<<10 {
			t.Errorf("%d bytes in one variable", len(e))
		}
	}
	if c.Model != wish || c.Provider["many"].Models[ids[2999]] == nil || len(c.Provider["many"].Models) < 100 || len(c.Provider["more"].Models) < 100 {
		t.Errorf("%s, %d and %d models", c.Model, len(c.Provider["many"].Models), len(c.Provider["more"].Models))
	}
}

func TestAnotherServerInThePlaceOfAKnownOneListsItsModels(t *testing.T) {
	s, _ := server(t, "company-model", "gpt-5.5", realKey)
	endpoints, err := Endpoints(func(name string) string { return map[string]string{"OPENAI_BASE_URL": s.URL}[name] })
	if err != nil {
		t.Fatal(err)
	}
	b := opened(t, Config{Environment: fromProcess{"openai": realKey}, Endpoints: endpoints})
	p, _ := provider(t, b, "openai")
	if got := modelsOf(p); got != "openai/gpt-5.5 openai/company-model" { // not the key that the server says again
		t.Errorf("%s", got)
	}
}
