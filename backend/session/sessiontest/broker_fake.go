package sessiontest

import (
	"context"
	"net"

	"background-agents/backend/session"
)

// Broker is a session.Broker without models.
type Broker struct{}

// Env implements session.Broker.
func (Broker) Env(context.Context, session.Session, session.Agent) ([]string, error) { return nil, nil }

// Serve implements session.Broker.
func (Broker) Serve(_ context.Context, _ session.ID, conn net.Conn) { _ = conn.Close() }

// Providers implements session.Broker.
func (Broker) Providers(context.Context) ([]session.Provider, error) {
	return []session.Provider{{ID: "demo", Name: "Demo", Ready: true}}, nil
}
