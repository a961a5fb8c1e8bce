package backend

import (
	"context"

	"background-agents/backend/session"
)

func checks(p Paths, engine session.Engine, agent session.Agent) func(context.Context) []session.Check {
	return func(ctx context.Context) []session.Check { return nil }
}
