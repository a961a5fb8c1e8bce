package broker

import (
	"context"
	"slices"
	"strings"
	"testing"

	"background-agents/backend/session"
)

// fromProcess are keys of the environment of the process.
type fromProcess keys

func (k fromProcess) Key(ctx context.Context, provider string) (Key, error) {
	key, err := keys(k).Key(ctx, provider)
	key.Process = true
	return key, err
}

// The user's key is one of the keychain, of a login or of a .env file; the environment alone names another server.
func TestAKeyGoesOnlyToTheAddressThatItsSourceNamed(t *testing.T) {
	const mine, gateways = "sk-ant-the-users", "gateway-key"
	for name, c := range map[string]struct {
		kept, process string
		agreed        bool
		want          string // the key that the server gets
	}{
		"the user's key stays here":                {kept: mine},
		"the user's key goes there when he agrees": {kept: mine, agreed: true, want: mine},
		"a key of the environment goes there":      {process: gateways, want: gateways},
		"and before the user's own":                {kept: mine, process: gateways, want: gateways},
		"nothing goes without a key":               {},
	} {
		t.Run(name, func(t *testing.T) {
			s, asked := server(t, "model")
			endpoints, err := Endpoints(func(name string) string { return map[string]string{"ANTHROPIC_BASE_URL": s.URL}[name] })
			if err != nil {
				t.Fatal(err)
			}
			process := fromProcess{}
			if c.process != "" {
				process["anthropic"] = c.process
			}
			all := FirstOf{keys{"anthropic": c.kept}, process}
			if c.kept == "" {
				all = all[1:]
			}
			b := opened(t, Config{Credentials: all, Environment: process, Endpoints: endpoints, Agreed: func(string) string {
				return map[bool]string{true: s.URL}[c.agreed]
			}})
			p, _ := provider(t, b, "anthropic")
			status, body := ask(t, b, "POST", "/anthropic/v1/messages", "{}")
			var got []string
			for _, r := range *asked {
				got = append(got, r.Header.Get("X-Api-Key"))
			}
			got = slices.Compact(got)
			if c.want == "" {
				if len(got) != 0 || status != 401 || p.Ready || p.Elsewhere != "ANTHROPIC_BASE_URL" || !strings.Contains(p.Hint, "bga provider agree anthropic") {
					t.Errorf("got %q, %d %s, %+v", got, status, body, p)
				}
				return
			}
			if !slices.Equal(got, []string{c.want}) || status != 200 || !p.Ready || p.Agreed != c.agreed {
				t.Errorf("got %q, %d %s, %+v", got, status, body, p)
			}
		})
	}
}

func TestAKeyOfAnEnvFileIsNotOneOfTheProcess(t *testing.T) {
	env := map[string]string{"OPENAI_API_KEY": realKey, "ANTHROPIC_API_KEY": realKey}
	e := Environment{Env: func(name string) string { return env[name] }, File: func(name string) string {
		return map[string]string{"OPENAI_API_KEY": "/data/.env"}[name]
	}}
	for provider, want := range map[string]bool{"openai": false, "anthropic": true} {
		if key, err := e.Key(t.Context(), provider); err != nil || key.Process != want {
			t.Errorf("%s: %+v, %v", provider, key, err)
		}
	}
}

func TestTheProvidersOwnAddressNeedsNoYes(t *testing.T) {
	for _, address := range []string{"https://api.anthropic.com/", "https://api.anthropic.com/v1"} {
		endpoints, err := Endpoints(func(name string) string { return map[string]string{"ANTHROPIC_BASE_URL": address}[name] })
		if err != nil || endpoints[0].NamedBy != "" {
			t.Errorf("%s: %+v, %v", address, endpoints[0].NamedBy, err)
		}
	}
}

func TestAKeyIsNotSentOverAnOpenLine(t *testing.T) {
	b := opened(t, Config{Credentials: keys{"far": realKey, "near": realKey}, Own: func() []session.ProviderConfig {
		return []session.ProviderConfig{
			{ID: "far", Protocol: "openai", URL: "http://192.0.2.1:1", Models: []string{"m"}},
			{ID: "near", Protocol: "openai", URL: "http://127.0.0.1:1", Models: []string{"m"}},
			{ID: "open", Protocol: "openai", URL: "http://192.0.2.1:1", Models: []string{"m"}},
		}
	}})
	for _, e := range b.own() {
		key, err := b.key(t.Context(), e)
		if refused := err != nil && strings.Contains(err.Error(), "not encrypted"); refused != (e.ID == "far") || refused && !key.Secret.Empty() {
			t.Errorf("%s: %v", e.ID, err)
		}
		if warned := strings.Contains(e.Note, "not encrypted"); warned == (e.ID == "near") {
			t.Errorf("%s: %q", e.ID, e.Note)
		}
	}
}
