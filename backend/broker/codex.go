package broker

import (
	"context"
	"encoding/json"
	"fmt"

	"background-agents/backend/session"
)

// codexProvider is the name of our provider in Codex's configuration: its own names cannot be given to another.
const codexProvider = "broker"

// codexEnv is Codex's. What CODEX_CONFIG says comes before what a repository's .codex/config.toml says; what no configuration may
// change is in the image (/etc/codex). https://developers.openai.com/codex/config-reference
func (b *Broker) codexEnv(ctx context.Context, s session.Session, agent session.Agent) ([]string, error) {
	c, err := b.choose(ctx, s.Model, agent, "openai")
	if err != nil {
		return nil, err
	}
	config := object{
		"model_provider": codexProvider,
		"model_providers": object{codexProvider: object{
			"name": c.Name, "base_url": c.url(), "wire_api": "responses", "env_key": "BROKER_KEY", "requires_openai_auth": false,
		}},
	}
	if c.Model != "" {
		config["model"] = c.Model
	}
	raw, err := json.Marshal(config)
	if err != nil {
		return nil, fmt.Errorf("encode Codex's configuration: %w", err)
	}
	return append(c.env("openai"),
		"CODEX_CONFIG="+string(raw),
		"MODEL_PROVIDER="+codexProvider,
		"BROKER_KEY="+placeholder,
		"NO_BROWSER=1",
		// The sandbox is the boundary, inside which Codex's own could not be made; what is asked, a hook asks.
		"INITIAL_AGENT_MODE=agent-full-access",
	), nil
}
