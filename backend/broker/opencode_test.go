package broker

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"background-agents/backend/session"
)

var openCodeAgent = session.Agent{
	ID: "opencode", Name: "OpenCode", Models: []session.ModelAccess{{Protocol: session.Anthropic}, {Protocol: session.OpenAI}},
}

// withKeys returns a broker for the two real providers.
func withKeys(t *testing.T, k Credentials) *Broker {
	t.Helper()
	endpoints, err := Endpoints(func(string) string { return "" })
	if err != nil {
		t.Fatal(err)
	}
	b, err := New(Config{Credentials: k, Endpoints: endpoints, Spent: count(t)})
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// config is what the tests look at of OpenCode's configuration.
type config struct {
	Model    string
	Small    string   `json:"small_model"`
	Enabled  []string `json:"enabled_providers"`
	Share    string
	Provider map[string]struct {
		NPM     string
		Options struct{ BaseURL, APIKey string }
		Models  map[string]any
	}
	Permission map[string]string
	Agent      map[string]struct {
		Disable    bool
		Permission map[string]any
	}
}

func configOf(t *testing.T, b *Broker, s session.Session) (config, []string) {
	t.Helper()
	env, err := b.Env(t.Context(), s, openCodeAgent)
	if err != nil {
		t.Fatal(err)
	}
	var c config
	for _, e := range env {
		if text, found := strings.CutPrefix(e, "OPENCODE_CONFIG_CONTENT="); found {
			if err := json.Unmarshal([]byte(text), &c); err != nil {
				t.Fatal(err)
			}
		}
	}
	return c, env
}

func TestEnvironmentHoldsPlaceholdersAndLoopbackAlone(t *testing.T) {
	c, env := configOf(t, withKeys(t, keys{"anthropic": realKey, "openai": realKey}), session.Session{})
	if text := fmt.Sprint(env); strings.Contains(text, realKey) || len(text) > 100_000 {
		t.Errorf("the environment holds the key, or is too long for Linux: %d bytes", len(text))
	}
	for id, p := range c.Provider {
		if p.Options.APIKey != "placeholder" || p.Options.BaseURL != "http://127.0.0.1:7300/"+id+"/v1" || len(p.Models) == 0 {
			t.Errorf("%s: %+v", id, p)
		}
	}
	if !slices.Equal(c.Enabled, []string{"demo", "anthropic", "openai"}) || len(c.Provider) != 3 || c.Share != "disabled" {
		t.Errorf("enabled %q", c.Enabled)
	}
	for _, want := range []string{"OPENCODE_DISABLE_PROJECT_CONFIG=1", "OPENCODE_DISABLE_AUTOUPDATE=1", "OPENCODE_DISABLE_MODELS_FETCH=1"} {
		if !slices.Contains(env, want) {
			t.Errorf("%s is missing", want)
		}
	}
}

func TestProvidersWithoutKeyAreOff(t *testing.T) {
	c, _ := configOf(t, withKeys(t, keys{}), session.Session{Model: "demo/scripted"})
	if !slices.Equal(c.Enabled, []string{"demo"}) || c.Model != "demo/scripted" || c.Small != "demo/scripted" {
		t.Errorf("%+v", c)
	}
}

func TestModelIsTheOneWishedForOrTheBest(t *testing.T) {
	b := withKeys(t, keys{"openai": realKey})
	for wish, want := range map[string]string{
		"": "openai/gpt-6-sol", "demo/scripted": "demo/scripted", "demo/other": "demo/scripted", "openai/gpt-5.5": "openai/gpt-5.5",
		"openai/brand-new": "openai/brand-new",
	} {
		c, _ := configOf(t, b, session.Session{Model: wish})
		provider, model, _ := strings.Cut(want, "/")
		if c.Model != want || c.Provider[provider].Models[model] == nil {
			t.Errorf("%q: %s, want %s", wish, c.Model, want)
		}
	}
	for wish, code := range map[string]session.Code{"anthropic/claude-opus-5": session.CodeModelKey, "nobody/x": session.CodeModel, "x": session.CodeModel} {
		if _, err := b.Env(t.Context(), session.Session{Model: wish}, openCodeAgent); session.CodeOf(err) != code || session.AsError(err).Hint == "" {
			t.Errorf("%s: %v", wish, err)
		}
	}
}

func TestPolicyDecidesWhatIsAsked(t *testing.T) {
	b := withKeys(t, keys{})
	for policy, want := range map[session.Policy]string{
		session.Ask: "ask", session.AllowEdits: "ask", session.AllowAll: "allow", "": "allow",
	} {
		c, _ := configOf(t, b, session.Session{Model: "demo/scripted", Policy: policy})
		for _, what := range []string{"edit", "bash", "webfetch", "external_directory"} {
			if c.Permission[what] != want {
				t.Errorf("policy %q: %s is %q, want %q", policy, what, c.Permission[what], want)
			}
		}
		plan := c.Agent["plan"].Permission
		if plan["edit"] != "deny" || plan["bash"] != "deny" || fmt.Sprint(plan["task"]) != "map[*:deny explore:allow]" || !c.Agent["title"].Disable {
			t.Errorf("policy %q: plan mode may %v", policy, plan)
		}
	}
}

func TestProvidersSayWhereTheKeyIsAndNeverHoldIt(t *testing.T) {
	file := map[string]string{"ANTHROPIC_API_KEY": realKey, "OPENAI_API_KEY": realKey}
	b := withKeys(t, Environment{Env: func(name string) string { return file[name] }, File: func(name string) string {
		return map[string]string{"ANTHROPIC_API_KEY": "/home/user/.env"}[name]
	}})
	all, err := b.Providers(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	got := ""
	for _, p := range all {
		if p.Kind == session.ProviderMore || p.Kind == session.ProviderLogin {
			continue // none of them has a key here
		}
		got += fmt.Sprintln(p.ID, p.Ready, p.Source, len(p.Models) > 0)
	}
	want := "anthropic true ANTHROPIC_API_KEY in .env true\nopenai true OPENAI_API_KEY in the environment true\ndemo true built in true\n"
	if got != want || strings.Contains(fmt.Sprint(all), realKey) {
		t.Errorf("got\n%s", got)
	}
	clear(file)
	all, _ = b.Providers(t.Context())
	if p := all[0]; p.Ready || !strings.Contains(p.Hint, "ANTHROPIC_API_KEY") {
		t.Errorf("without a key: %+v", p)
	}
}

type broken struct{}

func (broken) Key(context.Context, string) (Key, error) {
	return Key{}, errors.New("locked: " + realKey)
}

func TestFirstKeyWinsAndALockedVaultIsPassedOver(t *testing.T) {
	b := withKeys(t, FirstOf{broken{}, keys{"openai": realKey}})
	all, _ := b.Providers(t.Context())
	if all[0].Ready || !all[1].Ready {
		t.Errorf("%+v", all)
	}
	if strings.Contains(fmt.Sprint(all), realKey) {
		t.Error("what went wrong with the vault is told to everyone")
	}
}

func TestBadAddressesAreRefused(t *testing.T) {
	for _, e := range []Endpoint{
		{ID: "x", URL: "ftp://host"}, {ID: "x", URL: "host"}, {ID: "x", URL: ""}, {ID: "x", URL: "https://user:password@host"},
		{ID: "x", URL: "https://host/?key=1"}, {ID: "X", URL: "https://host"}, {ID: "a/b", URL: "https://host"}, {ID: "", URL: "https://host"},
		{ID: "demo", URL: "https://host"},
	} {
		if _, err := New(Config{Credentials: keys{}, Endpoints: []Endpoint{e}}); err == nil || strings.Contains(err.Error(), "password@") {
			t.Errorf("%+v: %v", e, err)
		}
	}
}

func TestDemoIsServedToTheAgentAndCounted(t *testing.T) {
	b := withKeys(t, keys{})
	status, body := ask(t, b, "POST", "/demo/v1/chat/completions", `{"stream":true,"messages":[{"role":"user","content":"demo: text hello"}]}`)
	if status != 200 || !strings.Contains(body, "hello") || !strings.HasSuffix(body, "data: [DONE]\n\n") {
		t.Errorf("%d %s", status, body)
	}
	if u := used("one"); u.Requests != 1 || u.Input == 0 || u.Output == 0 || u.USD != 0 {
		t.Errorf("used %+v", u)
	}
	if status, _ := ask(t, b, "GET", "/demo/v1/models", ""); status != 200 {
		t.Errorf("models: %d", status)
	}
}
