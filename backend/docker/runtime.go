package docker

import (
	"context"
	"maps"
	"slices"
	"strings"

	"background-agents/backend/session"
)

// checkRuntime looks for the runtime that the user asked for, such as gVisor's runsc, among those that the engine has. Without
// it nothing starts: a sandbox that is less sealed than was asked for would be a surprise.
func (e *Engine) checkRuntime(ctx context.Context, c *connection) error {
	if e.cfg.Runtime == "" {
		return nil
	}
	info, err := c.api.Info(ctx)
	if err != nil {
		return e.explain(c, "ask for runtimes", err)
	}
	if _, found := info.Runtimes[e.cfg.Runtime]; found {
		return nil
	}
	return &session.Error{Code: session.CodeInvalid,
		Message: "Docker has no runtime " + e.cfg.Runtime + " (SANDBOX_RUNTIME); it has " + strings.Join(slices.Sorted(maps.Keys(info.Runtimes)), ", ") + ".",
		Hint:    "Install it and add it to Docker's daemon.json, correct SANDBOX_RUNTIME, or unset it to use Docker's default."}
}
