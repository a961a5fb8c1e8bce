package broker

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"background-agents/backend/broker/scripted"
	"background-agents/backend/session"
)

// address is where a sandbox finds the broker: the port on its own loopback that the supervisor's tunnel serves.
const address = "http://127.0.0.1:7300/"

// placeholder stands where an agent wants a key.
const placeholder = "placeholder"

// catalogue is a file of the image that holds {}: OpenCode's own list of models would cost 0.8 s of each start, and every
// model that can be had is in the configuration. Where an image lacks the file OpenCode takes its list.
const catalogue = "/opt/opencode/models.json"

// Env implements session.Broker. The environment holds no secret.
func (b *Broker) Env(ctx context.Context, s session.Session, agent session.Agent) ([]string, error) {
	if agent.ID != "opencode" {
		return nil, &session.Error{
			Code:    session.CodeInvalid,
			Message: "There is no way yet to bring a model to " + agent.Name + ".",
			Hint:    "Choose OpenCode for this session.",
		}
	}
	ready := b.ready(ctx)
	model, err := b.model(ctx, s.Model, ready)
	if err != nil {
		return nil, err
	}
	config, err := json.Marshal(openCode(model, s.Policy, ready))
	if err != nil {
		return nil, fmt.Errorf("encode OpenCode's configuration: %w", err)
	}
	return []string{
		"OPENCODE_CONFIG_CONTENT=" + string(config),
		"OPENCODE_MODELS_PATH=" + catalogue,
		"OPENCODE_DISABLE_MODELS_FETCH=1",
		"OPENCODE_DISABLE_AUTOUPDATE=1",
		"OPENCODE_DISABLE_SHARE=1",
		"OPENCODE_DISABLE_LSP_DOWNLOAD=1",
		// A repository's own configuration could name another server. OpenCode 1.18.33 loads plugins of a repository
		// nevertheless: they are its code, as its hooks are, and run in its own sandbox.
		"OPENCODE_DISABLE_PROJECT_CONFIG=1",
	}, nil
}

// model returns the model to begin with: the one wished for, or the best that can be had.
func (b *Broker) model(ctx context.Context, wish string, ready []endpoint) (string, error) {
	if wish == "" {
		for _, e := range ready {
			if len(e.Models) > 0 {
				return e.ID + "/" + e.Models[0].ID, nil
			}
		}
		return Demo + "/" + scripted.Model, nil
	}
	provider, _, _ := strings.Cut(wish, "/")
	if provider == Demo {
		return Demo + "/" + scripted.Model, nil
	}
	e, found := b.endpoint(provider)
	if !found {
		return "", &session.Error{
			Code:    session.CodeModel,
			Message: "There is no model provider \"" + provider + "\" for the model \"" + wish + "\".",
			Hint:    "Choose another model.",
		}
	}
	_, err := b.key(ctx, e)
	return wish, err
}

type object = map[string]any

// openCode returns OpenCode's configuration: https://opencode.ai/config.json
func openCode(model string, policy session.Policy, ready []endpoint) object {
	providers, enabled := object{Demo: demoProvider()}, []string{Demo}
	for _, e := range ready {
		enabled = append(enabled, e.ID)
		providers[e.ID] = e.openCode(model)
	}
	return object{
		"$schema":     "https://opencode.ai/config.json",
		"autoupdate":  false,
		"share":       "disabled",
		"snapshot":    false, // the supervisor makes checkpoints of its own
		"lsp":         false,
		"formatter":   false,
		"model":       model,
		"small_model": model,
		// Whatever is not named here is off, its free provider too.
		"enabled_providers": enabled,
		"provider":          providers,
		"permission":        permissions(policy),
		"agent": object{
			"title":   object{"disable": true}, // its titles never come over the agent protocol
			"explore": object{"permission": object{"edit": "deny", "bash": "deny"}},
			// A general permission of "allow" would win over plan mode; and a subagent could write for it.
			"plan": object{"permission": object{
				"edit": "deny", "bash": "deny", "task": object{"*": "deny", "explore": "allow"},
			}},
		},
	}
}

// permissions makes OpenCode ask for what a policy may refuse: the supervisor answers by the policy that is in force then.
// With allow_all nothing is asked, since every question costs the turn its time.
func permissions(policy session.Policy) object {
	answer := "ask"
	if policy == session.AllowAll || policy == "" {
		answer = "allow"
	}
	return object{
		"*": "allow", "edit": answer, "bash": answer, "webfetch": answer, "external_directory": answer,
		"doom_loop": "allow",
		"question":  "deny", // its answer has no way back over the agent protocol
	}
}

func demoProvider() object {
	return object{
		"npm": "@ai-sdk/openai-compatible", "name": "Demo",
		"options": object{"baseURL": address + Demo + "/v1", "apiKey": placeholder, "timeout": false},
		"models": object{scripted.Model: object{
			"name": "Demo (scripted)", "tool_call": true, "reasoning": true, "attachment": true,
			"modalities": object{"input": []string{"text", "image"}, "output": []string{"text"}},
			"limit":      object{"context": 128000, "output": 8192},
		}},
	}
}

// openCode returns a provider's part of the configuration. A chosen model that is not on the list is added to it.
func (e endpoint) openCode(chosen string) object {
	models := object{}
	if id, found := strings.CutPrefix(chosen, e.ID+"/"); found {
		models[id] = object{"name": id, "tool_call": true}
	}
	for _, m := range e.Models {
		models[m.ID] = object{"name": m.Name, "tool_call": true}
		if m.Details != nil {
			models[m.ID] = m.Details
		}
	}
	sdk := "@ai-sdk/openai-compatible"
	switch {
	case e.Protocol == Anthropic:
		sdk = "@ai-sdk/anthropic"
	case e.ID == "openai":
		sdk = "@ai-sdk/openai"
	}
	return object{
		"npm": sdk, "name": e.Name, "models": models,
		// No limit on a whole answer: the broker ends one that is silent, the user one that is too long.
		"options": object{"baseURL": address + e.ID + "/v1", "apiKey": placeholder, "timeout": false},
	}
}
