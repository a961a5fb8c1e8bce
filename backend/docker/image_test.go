package docker

import (
	"testing"
	"time"

	"background-agents/backend/session"
	"background-agents/sandbox"
)

var openCode = session.Agent{ID: "opencode", Name: "OpenCode", Command: []string{"opencode", "acp"}, Layer: "opencode"}

// TestImageOfTheApplication builds what users get, with the public base image or its stand-in. It takes minutes on a computer that
// has neither, and no time where it is built already.
func TestImageOfTheApplication(t *testing.T) {
	cfg := tinyConfig(t)
	cfg.Dockerfile, cfg.SupervisorPath, cfg.Supervisor = sandbox.Dockerfile, sandbox.SupervisorPath, realSupervisor
	e := openTest(t, cfg)
	began := time.Now()
	step := ""
	err := e.EnsureImage(t.Context(), openCode, func(st session.ImageState) {
		if st.Step != step {
			step = st.Step
			t.Logf("%6.1fs [%d/%d] %s (%d bytes)", time.Since(began).Seconds(), st.Done, st.Total, st.Step, st.Size)
		}
	})
	if err != nil {
		t.Fatalf("%v: %+v", err, session.AsError(err))
	}
}
