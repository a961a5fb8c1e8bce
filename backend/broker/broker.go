package broker

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"

	"background-agents/backend/broker/scripted"
	"background-agents/backend/session"
)

// Demo is the provider that needs no account.
const Demo = "demo"

// Config is what a Broker is made from.
type Config struct {
	Credentials Credentials
	Endpoints   []Endpoint   // see Endpoints
	Log         *slog.Logger // nil for none
	// Asked is told of each request to a model as it comes; nil for none.
	Asked func(session.ID)
}

// Broker is a session.Broker. Its methods may be called from any goroutine.
type Broker struct {
	credentials Credentials
	endpoints   []endpoint
	demo        http.Handler
	transport   *http.Transport
	log         *slog.Logger
	asked       func(session.ID)

	mu   sync.Mutex
	used map[session.ID]Use // one entry for each session served since the start
}

var _ session.Broker = (*Broker)(nil)

// Use is what a session has asked of its models since the start of the application. Tokens are as the providers count
// them, where they say.
type Use struct{ Requests, Input, Output int64 }

// New returns a Broker. It is an error when an endpoint's address is no http or https URL, or its name is taken.
func New(c Config) (*Broker, error) {
	b := &Broker{
		credentials: c.Credentials,
		demo:        http.StripPrefix("/"+Demo, scripted.Handler()),
		log:         c.Log,
		asked:       c.Asked,
		used:        map[session.ID]Use{},
		transport: &http.Transport{
			Proxy:                 http.ProxyFromEnvironment,
			DialContext:           (&net.Dialer{Timeout: 30 * time.Second, KeepAlive: 30 * time.Second}).DialContext,
			TLSHandshakeTimeout:   15 * time.Second,
			ResponseHeaderTimeout: 10 * time.Minute, // models think before they speak
			IdleConnTimeout:       90 * time.Second,
			MaxIdleConnsPerHost:   32,
			ForceAttemptHTTP2:     true,
			DisableCompression:    true,
		},
	}
	if b.log == nil {
		b.log = slog.New(slog.DiscardHandler)
	}
	taken := map[string]bool{Demo: true}
	for _, e := range c.Endpoints {
		parsed, err := e.parse()
		if err != nil {
			return nil, err
		}
		if taken[e.ID] {
			return nil, fmt.Errorf("provider %q is configured twice", e.ID)
		}
		taken[e.ID] = true
		b.endpoints = append(b.endpoints, parsed)
	}
	return b, nil
}

// Providers implements session.Broker.
func (b *Broker) Providers(ctx context.Context) ([]session.Provider, error) {
	all := []session.Provider{}
	for _, e := range b.endpoints {
		p := session.Provider{
			ID: e.ID, Name: e.Name, Protocols: []session.ModelProtocol{session.ModelProtocol(e.Protocol)}, Models: []session.OptionValue{},
		}
		for _, m := range e.Models {
			p.Models = append(p.Models, session.OptionValue{Value: e.ID + "/" + m.ID, Name: m.Name})
		}
		if key, err := b.key(ctx, e); err == nil {
			p.Ready, p.Source = true, key.Source
		} else {
			p.Hint = session.AsError(err).Hint
		}
		all = append(all, p)
	}
	return append(all, session.Provider{
		ID: Demo, Name: "Demo", Ready: true, Source: "built in",
		Protocols: []session.ModelProtocol{session.Anthropic, session.OpenAI},
		Hint:      "Follows a script and needs no account. See \"Try it without an account\" in the README.",
		Models:    []session.OptionValue{{Value: Demo + "/" + scripted.Model, Name: "Demo (scripted)"}},
	}), nil
}

// key returns the key of an endpoint, or an *session.Error that says how to have one.
func (b *Broker) key(ctx context.Context, e endpoint) (Key, error) {
	key, err := b.credentials.Key(ctx, e.ID)
	if err != nil {
		return Key{}, &session.Error{
			Code: session.CodeModel, Err: err,
			Message: "The key for " + e.Name + " cannot be read.",
			Hint:    "`bga doctor` says what is wrong with it.",
		}
	}
	switch {
	case !key.Secret.Empty():
		return key, nil
	case e.Keyless:
		return Key{Source: "needs no key"}, nil
	}
	return Key{}, &session.Error{
		Code:    session.CodeModel,
		Message: "There is no key for " + e.Name + ".",
		Hint:    "Set " + variable(e.ID) + " in the environment or in .env, and start the application again.",
	}
}

// ready returns the endpoints that can be used now.
func (b *Broker) ready(ctx context.Context) []endpoint {
	var all []endpoint
	for _, e := range b.endpoints {
		if _, err := b.key(ctx, e); err == nil {
			all = append(all, e)
		}
	}
	return all
}

func (b *Broker) endpoint(id string) (endpoint, bool) {
	for _, e := range b.endpoints {
		if e.ID == id {
			return e, true
		}
	}
	return endpoint{}, false
}

// Used returns what a session has used.
func (b *Broker) Used(id session.ID) Use {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.used[id]
}

// Forget drops the count of a session that was deleted.
func (b *Broker) Forget(id session.ID) {
	b.mu.Lock()
	defer b.mu.Unlock()
	delete(b.used, id)
}

func (b *Broker) count(id session.ID, u Use) {
	b.mu.Lock()
	defer b.mu.Unlock()
	sum := b.used[id]
	b.used[id] = Use{sum.Requests + u.Requests, sum.Input + u.Input, sum.Output + u.Output}
}

// variable returns the name under which the environment has a provider's key.
func variable(provider string) string {
	return strings.ToUpper(strings.ReplaceAll(provider, "-", "_")) + "_API_KEY"
}
