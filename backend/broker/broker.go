package broker

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync"

	"background-agents/backend/broker/scripted"
	"background-agents/backend/session"
)

// Demo is the provider that needs no account.
const Demo = "demo"

// Config is what a Broker is made from. All functions may be nil.
type Config struct {
	Credentials Credentials
	// Environment has the keys of the environment: no others go to an address that the environment names, unless
	// Agreed.
	Environment Credentials
	// Agreed returns the address to which the user lets a provider's key go, though the environment alone names it.
	Agreed    func(provider string) string
	Endpoints []Endpoint                      // see Endpoints
	Own       func() []session.ProviderConfig // those that the user added, asked for each time
	Local     []Endpoint                      // see Local: offered while they answer
	Log       *slog.Logger
	// Asked is told of each request to a model as it comes.
	Asked func(session.ID)
	// Allow says whether a session may ask its model now; its error is told to the agent, and ends the turn.
	Allow func(context.Context, session.ID) error
	// Answered is told what became of each request for a model's answer, before the agent hears of it: nil where it is
	// answered, else what went wrong, in words for the user. An answer may break off after it has begun.
	Answered func(session.ID, *session.Error)
	// Spent is told what each request has used, when its answer has ended.
	Spent func(session.ID, session.Use)
}

// Broker is a session.Broker. Its methods may be called from any goroutine.
type Broker struct {
	Config
	known     []endpoint // Config.Endpoints
	local     []endpoint // Config.Local
	demo      http.Handler
	transport *http.Transport
	lists     *lists

	mu    sync.Mutex
	wrong map[string]bool // endpoints of the user's that cannot be used, so that each is logged once
}

var _ session.Broker = (*Broker)(nil)

// New returns a Broker. It is an error when an endpoint's address is no http or https URL, or its name is taken.
func New(c Config) (*Broker, error) {
	b := &Broker{
		Config: c,
		demo:   http.StripPrefix("/"+Demo, scripted.Handler()),
		wrong:  map[string]bool{},
		transport: &http.Transport{
			Proxy:                 http.ProxyFromEnvironment,
			DialContext:           (&net.Dialer{Timeout: connectTime, KeepAlive: probeTime}).DialContext,
			TLSHandshakeTimeout:   secureTime,
			ResponseHeaderTimeout: thinkTime,
			IdleConnTimeout:       keptTime,
			MaxIdleConnsPerHost:   32,
			ForceAttemptHTTP2:     true,
			DisableCompression:    true,
		},
	}
	b.lists = newLists(b.transport)
	if b.Log == nil {
		b.Log = slog.New(slog.DiscardHandler)
	}
	taken := map[string]bool{Demo: true}
	for _, group := range []struct {
		from []Endpoint
		to   *[]endpoint
	}{{c.Endpoints, &b.known}, {c.Local, &b.local}} {
		for _, e := range group.from {
			parsed, err := e.parse()
			if err != nil {
				return nil, err
			}
			if taken[e.ID] {
				return nil, fmt.Errorf("provider %q is configured twice", e.ID)
			}
			taken[e.ID] = true
			*group.to = append(*group.to, parsed)
		}
	}
	return b, nil
}

// Close waits for what the Broker has begun by itself.
func (b *Broker) Close() error {
	b.lists.close()
	b.transport.CloseIdleConnections()
	return nil
}

// Refresh implements session.Broker.
func (b *Broker) Refresh() {
	b.lists.forget()
	if c, ok := b.Credentials.(interface{ Refresh() }); ok {
		c.Refresh()
	}
}

// endpoint finds an endpoint by its id; it asks nobody.
func (b *Broker) endpoint(id string) (endpoint, bool) {
	for _, all := range [][]endpoint{b.known, b.local, b.own()} {
		for _, e := range all {
			if e.ID == id {
				return e, true
			}
		}
	}
	return endpoint{}, false
}

// own returns the endpoints that the user added. One that cannot be used, from a database of another version, is left
// out.
func (b *Broker) own() []endpoint {
	if b.Own == nil {
		return nil
	}
	var all []endpoint
	for _, p := range b.Own() {
		e := Endpoint{ID: p.ID, Name: p.Name, Kind: session.ProviderOwn, Protocol: Protocol(p.Protocol), URL: p.URL, Lists: true}
		for _, id := range p.Models {
			e.Models = append(e.Models, Model{ID: id, Name: id})
		}
		parsed, err := e.parse()
		if err == nil && parsed.base.Scheme == "http" && !loopback(parsed.base.Hostname()) {
			parsed.Note = "Its address is not encrypted: what is sent to it can be read on the way. A key is not sent."
		}
		if err != nil {
			b.mu.Lock()
			if !b.wrong[p.ID] {
				b.wrong[p.ID] = true
				b.Log.Warn("a provider of the user's cannot be used", "err", err)
			}
			b.mu.Unlock()
			continue
		}
		all = append(all, parsed)
	}
	return all
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// variable returns the name under which the environment has a provider's key.
func variable(provider string) string {
	return strings.ToUpper(strings.ReplaceAll(provider, "-", "_")) + "_API_KEY"
}
