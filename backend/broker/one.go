package broker

import (
	"slices"
	"strings"

	"background-agents/backend/session"
)

// Variables by which the supervisor learns of an agent that has one provider at a time: which it is, and which of its models the
// agent may offer; without the second, all that the agent knows.
const (
	providerVariable = "BACKGROUND_AGENTS_PROVIDER"
	modelsVariable   = "BACKGROUND_AGENTS_MODELS"
)

// maxNamed bounds the models that are named in the environment.
const maxNamed = 200

// one is the provider that an agent gets which takes one at a time.
type one struct {
	ID, Name  string
	Model     string // to begin with
	Models    []string
	Protocols []session.ModelProtocol
}

// one returns the provider of the model to begin with.
func (c choice) one() one {
	provider, model, _ := strings.Cut(c.Model, "/")
	for _, e := range c.Ready {
		if e.ID != provider {
			continue
		}
		p := one{ID: e.ID, Name: e.Name, Model: model, Models: []string{model}, Protocols: e.speaks()}
		for _, m := range e.Models[:min(len(e.Models), maxNamed)] {
			if m.ID != model {
				p.Models = append(p.Models, m.ID)
			}
		}
		return p
	}
	return one{ID: Demo, Name: "Demo", Model: model, Models: []string{model}, Protocols: []session.ModelProtocol{session.Anthropic, session.OpenAI}}
}

// url is where the agent finds it. Anthropic's clients add /v1 themselves.
func (p one) url(protocol session.ModelProtocol) string {
	if protocol == session.Anthropic {
		return address + p.ID
	}
	return address + p.ID + "/v1"
}

// env is what the supervisor is told. own are providers whose models the agent knows by itself.
func (p one) env(own ...string) []string {
	env := []string{providerVariable + "=" + p.ID}
	if !slices.Contains(own, p.ID) {
		env = append(env, modelsVariable+"="+strings.Join(p.Models, ","))
	}
	return env
}

// ownEnv is that of an agent of the user's: the variables that the user named, and what else it wants.
func ownEnv(agent session.Agent, c choice) []string {
	p := c.one()
	env := slices.Clone(agent.Env)
	for _, m := range agent.Models {
		if !slices.Contains(p.Protocols, m.Protocol) {
			continue
		}
		env = append(env, m.BaseURL+"="+p.url(m.Protocol), m.Key+"="+placeholder)
		if m.Model != "" {
			env = append(env, m.Model+"="+p.Model)
		}
	}
	return append(env, p.env()...)
}
