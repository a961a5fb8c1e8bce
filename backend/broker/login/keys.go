package login

import (
	"encoding/json"

	"background-agents/backend/broker"
	"background-agents/backend/session"
)

// codexKey returns the API key that Codex was given.
func (l *Logins) codexKey() broker.Key {
	raw, err := read(l.codexFile())
	if err != nil || raw == nil {
		return broker.Key{}
	}
	var v struct {
		Key string `json:"OPENAI_API_KEY"`
	}
	if json.Unmarshal(raw, &v) != nil || v.Key == "" {
		return broker.Key{}
	}
	return broker.Key{Secret: session.NewSecret(v.Key), Source: "the login of Codex"}
}

// openCodeKey returns the key that OpenCode was given for a provider.
func (l *Logins) openCodeKey(provider string) broker.Key {
	raw, err := read(l.openCodeFile())
	if err != nil || raw == nil {
		return broker.Key{}
	}
	all, err := entries(raw)
	if e := all[provider]; err == nil && e.Type == "api" && e.Key != "" {
		return broker.Key{Secret: session.NewSecret(e.Key), Source: "the login of OpenCode"}
	}
	return broker.Key{}
}
