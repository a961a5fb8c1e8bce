package broker

import (
	"encoding/json"
	"fmt"
	"slices"

	"background-agents/backend/session"
)

// openai are the providers whose models Codex knows by itself.
var openai = []string{"openai", "chatgpt"}

// codexProvider is the name of our provider in Codex's configuration: its own names cannot be given to another.
const codexProvider = "broker"

// codexEnv brings Codex to its models. What CODEX_CONFIG says comes before what a repository's .codex/config.toml says; what no
// configuration may change is in the image (/etc/codex). https://developers.openai.com/codex/config-reference
func codexEnv(s session.Session, c choice) ([]string, error) {
	p := c.one()
	config := object{
		"model_provider": codexProvider,
		"model_providers": object{codexProvider: object{
			"name": p.Name, "base_url": p.url(session.OpenAI), "wire_api": "responses", "env_key": "BROKER_KEY", "requires_openai_auth": false,
		}},
	}
	if s.Model != "" || !slices.Contains(openai, p.ID) { // without a choice Codex's own default
		config["model"] = p.Model
	}
	raw, err := json.Marshal(config)
	if err != nil {
		return nil, fmt.Errorf("encode Codex's configuration: %w", err)
	}
	return append(p.env(openai...),
		"CODEX_CONFIG="+string(raw),
		"MODEL_PROVIDER="+codexProvider,
		"BROKER_KEY="+placeholder,
		"NO_BROWSER=1",
		// The sandbox is the boundary, inside which Codex's own could not be made; what is asked, a hook asks.
		"INITIAL_AGENT_MODE=agent-full-access",
	), nil
}
