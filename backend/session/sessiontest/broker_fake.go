package sessiontest

import (
	"context"
	"net"
	"slices"
	"strings"
	"sync"

	"background-agents/backend/session"
)

// Broker is a session.Broker without models. It counts how often it was told to look again.
type Broker struct {
	mu        sync.Mutex
	refreshed int
	// More are providers beside the demo.
	More     []session.Provider
	Unusable error // what Usable returns
}

// Env implements session.Broker.
func (*Broker) Env(context.Context, session.Session, session.Agent) ([]string, error) {
	return nil, nil
}

// Usable implements session.Broker.
func (b *Broker) Usable(context.Context, session.Agent) error { return b.Unusable }

// Serve implements session.Broker.
func (*Broker) Serve(_ context.Context, _ session.ID, conn net.Conn) { _ = conn.Close() }

// Refresh implements session.Broker.
func (b *Broker) Refresh() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.refreshed++
}

// Refreshed returns how often Refresh was called.
func (b *Broker) Refreshed() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.refreshed
}

// Providers implements session.Broker.
func (b *Broker) Providers(context.Context) ([]session.Provider, error) {
	return append([]session.Provider{{ID: "demo", Name: "Demo", Kind: session.ProviderDemo, Ready: true}}, b.More...), nil
}

// Egress is a session.Egress that reaches nothing. It remembers whose policy changed.
type Egress struct {
	mu      sync.Mutex
	changed []session.ID
	looked  []session.ID
}

// Serve implements session.Egress.
func (*Egress) Serve(_ context.Context, _ session.ID, conn net.Conn) { _ = conn.Close() }

// Changed implements session.Egress.
func (e *Egress) Changed(id session.ID) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.changed = append(e.changed, id)
}

// HasChanged reports whether Changed was called for a session, and forgets it.
func (e *Egress) HasChanged(id session.ID) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	was := slices.Contains(e.changed, id)
	e.changed = nil
	return was
}

// Looked implements session.Egress.
func (e *Egress) Looked(id session.ID) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.looked = append(e.looked, id)
}

// HasLooked reports whether Looked was called for a session, and forgets it.
func (e *Egress) HasLooked(id session.ID) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	was := slices.Contains(e.looked, id)
	e.looked = nil
	return was
}

// Rule implements session.Egress: a host is whatever has a dot.
func (*Egress) Rule(text string) (string, error) {
	if !strings.Contains(text, ".") {
		return "", &session.Error{Code: session.CodeInvalid, Message: "\"" + text + "\" is not a host.", Hint: "Write example.com."}
	}
	return strings.ToLower(text), nil
}
