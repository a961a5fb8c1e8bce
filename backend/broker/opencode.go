package broker

import (
	"encoding/json"
	"fmt"
	"strings"

	"background-agents/backend/broker/scripted"
	"background-agents/backend/session"
)

// emptyList is a file of the image that holds {}: OpenCode's own list of models would cost 0.8 s of each start, and every
// model that can be had is in the configuration. Where an image lacks the file OpenCode takes its list.
const emptyList = "/opt/opencode/models.json"

// maxConfig bounds the configuration: Linux takes 128 KiB for one variable (MAX_ARG_STRLEN). Of servers that list more
// models than fit, the first ones are offered; any other can be named.
const maxConfig = 96 << 10

// openCodeEnv brings OpenCode to the models.
func openCodeEnv(s session.Session, c choice) ([]string, error) {
	var config []byte
	for most := maxListed; ; most /= 2 {
		var err error
		if config, err = json.Marshal(openCode(c.Model, s.Policy, c.Ready, most)); err != nil {
			return nil, fmt.Errorf("encode OpenCode's configuration: %w", err)
		}
		if len(config) <= maxConfig || most == 0 {
			break
		}
	}
	return []string{
		"OPENCODE_CONFIG_CONTENT=" + string(config),
		"OPENCODE_MODELS_PATH=" + emptyList,
		"OPENCODE_DISABLE_MODELS_FETCH=1",
		"OPENCODE_DISABLE_AUTOUPDATE=1",
		"OPENCODE_DISABLE_SHARE=1",
		"OPENCODE_DISABLE_LSP_DOWNLOAD=1",
		// A repository's own configuration could name another server. OpenCode 1.18.33 loads plugins of a repository
		// nevertheless: they are its code, as its hooks are, and run in its own sandbox.
		"OPENCODE_DISABLE_PROJECT_CONFIG=1",
	}, nil
}

type object = map[string]any

// openCode returns OpenCode's configuration: https://opencode.ai/config.json
func openCode(model string, policy session.Policy, ready []endpoint, most int) object {
	providers, enabled := object{Demo: demoProvider()}, []string{Demo}
	for _, e := range ready {
		enabled = append(enabled, e.ID)
		providers[e.ID] = e.openCode(model, most)
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

// openCode returns a provider's part of the configuration, with so many models at most. A chosen model that is not among
// them is added.
func (e endpoint) openCode(chosen string, most int) object {
	models := object{}
	if id, found := strings.CutPrefix(chosen, e.ID+"/"); found {
		models[id] = object{"name": id, "tool_call": true}
	}
	for _, m := range e.Models[:min(len(e.Models), most)] {
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
		"options": object{"baseURL": e.local() + "/v1", "apiKey": placeholder, "timeout": false},
	}
}
