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

// Variables by which the supervisor learns of an agent that has one provider at a time: which it is, and which of its models the
// agent may offer; without the second, all that the agent knows.
const (
	providerVariable = "BACKGROUND_AGENTS_PROVIDER"
	modelsVariable   = "BACKGROUND_AGENTS_MODELS"
)

// Env implements session.Broker. The environment holds no secret.
func (b *Broker) Env(ctx context.Context, s session.Session, agent session.Agent) ([]string, error) {
	switch agent.ID {
	case "opencode":
		return b.openCodeEnv(ctx, s)
	case "claude":
		return b.claudeEnv(ctx, s, agent)
	case "codex":
		return b.codexEnv(ctx, s, agent)
	}
	return b.ownEnv(ctx, s, agent)
}

// choice is the one provider that an agent gets, and the model to begin with: "" where the agent knows best.
type choice struct {
	ID, Name string
	Model    string
	Protocol Protocol
	Models   []string
}

// url is where the agent finds it; Anthropic's clients add /v1 themselves.
func (c choice) url() string {
	if c.Protocol == Anthropic {
		return address + c.ID
	}
	return address + c.ID + "/v1"
}

// env is what the supervisor is told. own is the provider whose models the agent knows by itself.
func (c choice) env(own string) []string {
	env := []string{providerVariable + "=" + c.ID}
	if c.ID != own {
		env = append(env, modelsVariable+"="+strings.Join(c.Models, ","))
	}
	return env
}

// choose returns the provider for an agent that takes one: the one in the wish, PROVIDER/MODEL, or the first that can be had of
// those that the agent can talk to.
func (b *Broker) choose(ctx context.Context, wish string, agent session.Agent, own string) (choice, error) {
	protocols := make([]Protocol, 0, len(agent.Models))
	for _, m := range agent.Models {
		protocols = append(protocols, Protocol(m.Protocol))
	}
	provider, model, _ := strings.Cut(wish, "/")
	e, found := b.endpoint(provider)
	switch {
	case provider == Demo:
		return demoChoice(protocols), nil
	case found && !slices.Contains(protocols, e.Protocol):
		return choice{}, &session.Error{
			Code:    session.CodeModel,
			Message: agent.Name + " cannot use the models of " + e.Name + ".",
			Hint:    "Choose another model, or another agent for it.",
		}
	case found:
		_, err := b.key(ctx, e)
		return e.choice(model, own), err
	case wish != "" && model != "":
		return choice{}, &session.Error{
			Code:    session.CodeModel,
			Message: "There is no model provider \"" + provider + "\" for the model \"" + wish + "\".",
			Hint:    "Choose another model.",
		}
	}
	for _, e := range b.ready(ctx) {
		if slices.Contains(protocols, e.Protocol) && (e.ID == own || len(e.Models) > 0) {
			return e.choice(provider, own), nil
		}
	}
	return demoChoice(protocols), nil
}

func (e endpoint) choice(model, own string) choice {
	c := choice{ID: e.ID, Name: e.Name, Model: model, Protocol: e.Protocol}
	for _, m := range e.Models {
		c.Models = append(c.Models, m.ID)
	}
	if c.Model == "" && c.ID != own && len(c.Models) > 0 {
		c.Model = c.Models[0]
	}
	if c.Model != "" && !slices.Contains(c.Models, c.Model) {
		c.Models = append(c.Models, c.Model)
	}
	return c
}

// demoChoice is the demo model, which speaks every protocol.
func demoChoice(protocols []Protocol) choice {
	p := OpenAI
	if len(protocols) > 0 {
		p = protocols[0]
	}
	return choice{ID: Demo, Name: "Demo", Model: scripted.Model, Protocol: p, Models: []string{scripted.Model}}
}

// ownEnv is that of an agent of the user's: the variables that the user named, and what else it wants.
func (b *Broker) ownEnv(ctx context.Context, s session.Session, agent session.Agent) ([]string, error) {
	c, err := b.choose(ctx, s.Model, agent, "")
	if err != nil {
		return nil, err
	}
	env := slices.Clone(agent.Env)
	for _, m := range agent.Models {
		if Protocol(m.Protocol) != c.Protocol {
			continue
		}
		env = append(env, m.BaseURL+"="+c.url(), m.Key+"="+placeholder)
		if m.Model != "" {
			env = append(env, m.Model+"="+c.Model)
		}
	}
	return append(env, c.env("")...), nil
}
