package broker

import (
	"context"
	"slices"
	"sync"

	"background-agents/backend/broker/scripted"
	"background-agents/backend/session"
)

// state is an endpoint with what is known of it now.
type state struct {
	endpoint
	key Key
	err error // why it cannot be used
}

// Providers implements session.Broker.
func (b *Broker) Providers(ctx context.Context) ([]session.Provider, error) {
	all := []session.Provider{}
	for _, s := range b.states(ctx, true) {
		p := session.Provider{ID: s.ID, Name: s.Name, Kind: s.Kind, URL: s.URL, Agents: s.Agents, Protocols: s.speaks(), Models: []session.OptionValue{}}
		for _, m := range s.Models {
			p.Models = append(p.Models, session.OptionValue{Value: s.ID + "/" + m.ID, Name: m.Name})
		}
		if p.Agents == nil {
			p.Agents = []string{}
		}
		p.Kept = s.key.Kept
		if s.NamedBy != "" {
			p.Elsewhere, p.Agreed = s.NamedBy, b.agreed(s.endpoint)
		}
		if s.err == nil {
			p.Ready, p.Source, p.Hint = true, s.key.Source, s.Note
		} else {
			told := session.AsError(s.err)
			p.Hint = told.Hint
			if s.Kind == session.ProviderLogin {
				p.Hint = told.Message + " " + told.Hint
			}
		}
		all = append(all, p)
	}
	return append(all, session.Provider{
		ID: Demo, Name: "Demo", Kind: session.ProviderDemo, Ready: true, Source: "built in", Agents: []string{},
		Protocols: []session.ModelProtocol{session.Anthropic, session.OpenAI},
		Hint:      "Follows a script and needs no account. See \"Try it without an account\" in the README.",
		Models:    []session.OptionValue{{Value: Demo + "/" + scripted.Model, Name: "Demo (scripted)"}},
	}), nil
}

// states looks at all endpoints, side by side: local ones only where they answer. Without wait, what was known a while ago
// is taken where anything was, so that a session's start is not held up.
func (b *Broker) states(ctx context.Context, wait bool) []state {
	var all []state
	for _, group := range [][]endpoint{b.known, b.own(), b.local} {
		for _, e := range group {
			all = append(all, state{endpoint: e})
		}
	}
	var looking sync.WaitGroup
	for i := range all {
		looking.Go(func() { b.look(ctx, &all[i], wait) })
	}
	looking.Wait()
	answering := all[:0]
	for _, s := range all {
		if s.Kind != session.ProviderLocal || s.err == nil {
			answering = append(answering, s)
		}
	}
	return answering
}

// look finds an endpoint's key, and its models where it lists them itself.
func (b *Broker) look(ctx context.Context, s *state, wait bool) {
	s.key, s.err = b.key(ctx, s.endpoint)
	if !s.Lists || s.err != nil && s.Kind != session.ProviderOwn {
		return
	}
	models, listed := b.lists.of(ctx, s.endpoint, s.key, wait)
	switch {
	case listed && s.err != nil: // it wants no key
		s.key, s.err = Key{Source: "needs no key"}, nil
	case !listed && s.Kind == session.ProviderLocal:
		s.err = unreachable(s.endpoint)
	}
	switch {
	case len(s.Models) == 0:
		s.Models = models
	case listed && s.Kind == session.ProviderKnown:
		s.Models = merged(s.Models, models)
	}
}

// merged returns the models that a server lists, first those of the catalogue, with all that it knows of them.
func merged(catalogued, listed []Model) []Model {
	var all []Model
	for _, m := range catalogued {
		if slices.ContainsFunc(listed, func(l Model) bool { return l.ID == m.ID }) {
			all = append(all, m)
		}
	}
	for _, l := range listed {
		if !slices.ContainsFunc(all, func(m Model) bool { return m.ID == l.ID }) {
			all = append(all, l)
		}
	}
	return all
}

// ready returns the endpoints that an agent can use now.
func (b *Broker) ready(ctx context.Context, agent session.Agent, wait bool) []endpoint {
	var all []endpoint
	for _, s := range b.states(ctx, wait) {
		if s.err == nil && s.usableBy(agent) {
			all = append(all, s.endpoint)
		}
	}
	return all
}

func unreachable(e endpoint) error {
	return &session.Error{Code: session.CodeModel, Message: e.Name + " cannot be reached.", Hint: "Start it, then try again."}
}
