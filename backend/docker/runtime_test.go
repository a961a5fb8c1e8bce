package docker

import (
	"strings"
	"testing"

	"background-agents/backend/session"
)

func TestASandboxRunsInTheRuntimeThatWasAskedForOrNotAtAll(t *testing.T) {
	cfg := realEngine(t).cfg
	cfg.Installation, cfg.DataDir = newInstallation(), t.TempDir()
	spec := session.SandboxSpec{Session: "runtime1", Project: "runtime2", Image: session.ImageSpec{Agent: openCode}, MemoryMB: 256, CPUs: 1, Pids: 100}
	for name, works := range map[string]bool{"runc": true, "no-such-runtime": false} {
		t.Run(name, func(t *testing.T) {
			cfg.Runtime = name
			e := openTest(t, cfg)
			err := e.EnsureSandbox(t.Context(), spec)
			if !works {
				if session.CodeOf(err) != session.CodeInvalid || !strings.Contains(err.Error(), "runc") {
					t.Errorf("got %v", err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			c, err := e.connect(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			found, err := c.api.ContainerInspect(t.Context(), e.containerName(spec.Session))
			if err != nil || found.HostConfig.Runtime != name {
				t.Errorf("it runs in %q: %v", found.HostConfig.Runtime, err)
			}
		})
	}
}
