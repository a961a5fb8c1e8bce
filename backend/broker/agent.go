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
	var ready []endpoint
	if s.Model == "" {
		ready = b.withModels(ctx, agent)
	} else {
		ready = b.ready(ctx, agent, false)
	}
	model, err := b.model(ctx, s.Model, agent, ready)
	if err != nil {
		return nil, err
	}
	return env(s, choice{model, ready})
}

// withModels is ready, and waits for lists of models where none is known yet.
func (b *Broker) withModels(ctx context.Context, agent session.Agent) []endpoint {
	ready := b.ready(ctx, agent, false)
	if !slices.ContainsFunc(ready, func(e endpoint) bool { return len(e.Models) > 0 }) {
		ready = b.ready(ctx, agent, true)
	}
	return ready
}

// Usable implements session.Broker.
func (b *Broker) Usable(ctx context.Context, agent session.Agent) error {
	_, err := b.model(ctx, "", agent, b.withModels(ctx, agent))
	return err
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
		return "", &session.Error{
			Code:    session.CodeModelKey,
			Message: "No model is set up for " + agent.Name + ".",
			Hint: "Enter a key in Settings under Models or with `bga provider set " + b.firstFor(agent) +
				"`. To try it without an account, choose the demo model: `bga new --model " + Demo + "/" + scripted.Model + "`.",
		}
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

// firstFor returns the best provider that takes a key and that an agent can use.
func (b *Broker) firstFor(agent session.Agent) string {
	for _, e := range b.known {
		if e.Kind == session.ProviderKnown && e.usableBy(agent) {
			return e.ID
		}
	}
	return "ID"
}
