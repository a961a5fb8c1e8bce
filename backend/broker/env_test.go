package broker

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"background-agents/backend/session"
)

var (
	claudeAgent = session.Agent{ID: "claude", Name: "Claude Code", Models: []session.ModelAccess{{Protocol: session.Anthropic}}}
	codexAgent  = session.Agent{ID: "codex", Name: "Codex", Models: []session.ModelAccess{{Protocol: session.OpenAI}}}
	ownAgent    = session.Agent{
		ID: "qwen", Name: "Qwen Code", Own: true, Env: []string{"QWEN_TELEMETRY=0"},
		Models: []session.ModelAccess{{Protocol: session.OpenAI, BaseURL: "OPENAI_BASE_URL", Key: "OPENAI_API_KEY", Model: "OPENAI_MODEL"}},
	}
)

func TestAgentsGetOneProviderThatTheyCanTalkTo(t *testing.T) {
	both := withKeys(t, keys{"anthropic": realKey, "openai": realKey})
	none := withKeys(t, keys{})
	for name, c := range map[string]struct {
		b     *Broker
		agent session.Agent
		wish  string
		want  []string
		not   string
	}{
		"Claude Code takes Anthropic and its own default": {both, claudeAgent, "", []string{"ANTHROPIC_BASE_URL=http://127.0.0.1:7300/anthropic", "BACKGROUND_AGENTS_PROVIDER=anthropic"}, "ANTHROPIC_MODEL"},
		"a chosen model goes on":                          {both, claudeAgent, "anthropic/opus", []string{"ANTHROPIC_MODEL=opus"}, "BACKGROUND_AGENTS_MODELS"},
		"the demo where it is chosen":                     {none, claudeAgent, "demo/scripted", []string{"ANTHROPIC_BASE_URL=http://127.0.0.1:7300/demo", "ANTHROPIC_MODEL=scripted", "BACKGROUND_AGENTS_MODELS=scripted"}, ""},
		"Codex takes OpenAI":                              {both, codexAgent, "", []string{"BACKGROUND_AGENTS_PROVIDER=openai", "MODEL_PROVIDER=broker"}, "BACKGROUND_AGENTS_MODELS"},
		"an own agent gets what it named":                 {none, ownAgent, "demo/scripted", []string{"OPENAI_BASE_URL=http://127.0.0.1:7300/demo/v1", "OPENAI_API_KEY=placeholder", "OPENAI_MODEL=scripted", "QWEN_TELEMETRY=0"}, ""},
		"and the best model of a real provider":           {both, ownAgent, "", []string{"OPENAI_BASE_URL=http://127.0.0.1:7300/openai/v1", "OPENAI_MODEL=gpt-6-sol"}, "anthropic"},
	} {
		t.Run(name, func(t *testing.T) {
			env, err := c.b.Env(t.Context(), session.Session{Model: c.wish}, c.agent)
			if err != nil {
				t.Fatal(err)
			}
			for _, want := range c.want {
				if !slices.Contains(env, want) {
					t.Errorf("no %s in %q", want, env)
				}
			}
			if all := strings.Join(env, "\n"); strings.Contains(all, realKey) || c.not != "" && strings.Contains(all, c.not) {
				t.Errorf("%q holds what it must not", env)
			}
		})
	}
}

func TestAnAgentCannotHaveTheModelsOfAProviderThatItCannotTalkTo(t *testing.T) {
	b := withKeys(t, keys{"anthropic": realKey, "openai": realKey})
	for wish, agent := range map[string]session.Agent{"openai/gpt-6-sol": claudeAgent, "anthropic/opus": codexAgent, "nobody/x": ownAgent} {
		_, err := b.Env(t.Context(), session.Session{Model: wish}, agent)
		if session.CodeOf(err) != session.CodeModel || session.AsError(err).Hint == "" {
			t.Errorf("%s with %s: %v", wish, agent.Name, err)
		}
	}
	if _, err := withKeys(t, keys{}).Env(t.Context(), session.Session{Model: "anthropic/opus"}, claudeAgent); session.CodeOf(err) != session.CodeModelKey {
		t.Errorf("without a key: %v", err)
	}
}

func TestTheDemoRunsOnlyWhenItIsChosen(t *testing.T) {
	none, both := withKeys(t, keys{}), withKeys(t, keys{"anthropic": realKey})
	for agent, id := range map[*session.Agent]string{&claudeAgent: "anthropic", &codexAgent: "openai"} {
		_, err := none.Env(t.Context(), session.Session{}, *agent)
		for _, err := range []error{err, none.Usable(t.Context(), *agent)} {
			if said := session.AsError(err); session.CodeOf(err) != session.CodeModelKey || !strings.Contains(said.Hint, "`bga provider set "+id+"`") ||
				!strings.Contains(said.Hint, "--model demo/scripted") {
				t.Errorf("%s: %v", agent.Name, err)
			}
		}
	}
	if err := both.Usable(t.Context(), claudeAgent); err != nil {
		t.Errorf("with a key: %v", err)
	}
	if err := both.Usable(t.Context(), codexAgent); session.CodeOf(err) != session.CodeModelKey {
		t.Errorf("with a key that it cannot use: %v", err)
	}
}

func TestCodexIsConfiguredForTheBrokerAlone(t *testing.T) {
	env, err := withKeys(t, keys{"openai": realKey}).Env(t.Context(), session.Session{Model: "openai/gpt-5.5"}, codexAgent)
	if err != nil {
		t.Fatal(err)
	}
	var config struct {
		Model     string
		Provider  string `json:"model_provider"`
		Providers map[string]struct {
			URL  string `json:"base_url"`
			Wire string `json:"wire_api"`
			Auth bool   `json:"requires_openai_auth"`
		} `json:"model_providers"`
	}
	for _, e := range env {
		if text, found := strings.CutPrefix(e, "CODEX_CONFIG="); found {
			if err := json.Unmarshal([]byte(text), &config); err != nil {
				t.Fatal(err)
			}
		}
	}
	p := config.Providers[config.Provider]
	if config.Model != "gpt-5.5" || p.URL != "http://127.0.0.1:7300/openai/v1" || p.Wire != "responses" || p.Auth {
		t.Errorf("configuration is %+v", config)
	}
}
