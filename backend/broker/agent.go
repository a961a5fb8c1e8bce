package broker

import (
	"context"
	"slices"
	"strings"

	"background-agents/backend/broker/scripted"
	"background-agents/backend/session"
)

// address is where a sandbox finds the broker: the port on its own loopback that the supervisor's tunnel serves.
const address = "http://127.0.0.1:7300/"

// placeholder stands where an agent wants a key.
const placeholder = "placeholder"

// choice is what a session's agent is brought to.
type choice struct {
	Model string     // PROVIDER/MODEL to begin with
	Ready []endpoint // what can be used now and by this agent, best first; the demo model is always there beside them
}

// agents says how each agent of the application is brought to its models: by an environment that holds no secret.
var agents = map[string]func(s session.Session, c choice) ([]string, error){
	"opencode": openCodeEnv,
	"claude":   claudeEnv,
	"codex":    codexEnv,
}

// local is the endpoint's base URL as the sandbox sees it, without /v1.
func (e Endpoint) local() string { return address + e.ID }

// Env implements session.Broker. The environment holds no secret.
func (b *Broker) Env(ctx context.Context, s session.Session, agent session.Agent) ([]string, error) {
	env, found := agents[agent.ID]
	if !found {
		env = func(s session.Session, c choice) ([]string, error) { return ownEnv(agent, c), nil }
	}
	ready := b.ready(ctx, agent, false)
	if s.Model == "" && !slices.ContainsFunc(ready, func(e endpoint) bool { return len(e.Models) > 0 }) {
		ready = b.ready(ctx, agent, true) // a list may be on its way
	}
	model, err := b.model(ctx, s.Model, agent, ready)
	if err != nil {
		return nil, err
	}
	return env(s, choice{model, ready})
}

// usableBy reports whether an agent may use the endpoint, and can talk to it.
func (e Endpoint) usableBy(agent session.Agent) bool {
	return (len(e.Agents) == 0 || slices.Contains(e.Agents, agent.ID)) && agent.Speaks(e.speaks())
}

// speaks returns the protocol as agents know it.
func (e Endpoint) speaks() []session.ModelProtocol {
	if e.Protocol == Anthropic {
		return []session.ModelProtocol{session.Anthropic}
	}
	return []session.ModelProtocol{session.OpenAI}
}

// model returns the model to begin with: the one wished for, or the best that can be had.
func (b *Broker) model(ctx context.Context, wish string, agent session.Agent, ready []endpoint) (string, error) {
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
	switch {
	case !found:
		return "", &session.Error{
			Code:    session.CodeModel,
			Message: "There is no model provider \"" + provider + "\" for the model \"" + wish + "\".",
			Hint:    "Choose another model.",
		}
	case !e.usableBy(agent):
		return "", &session.Error{
			Code:    session.CodeModel,
			Message: agent.Name + " cannot use " + e.Name + ".",
			Hint:    "Choose another model, or another agent for the session.",
		}
	}
	if slices.ContainsFunc(ready, func(r endpoint) bool { return r.ID == e.ID }) {
		return wish, nil
	}
	if _, err := b.key(ctx, e); err != nil {
		return "", err
	}
	return "", unreachable(e)
}
