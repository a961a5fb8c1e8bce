package docker

import (
	"testing"

	"background-agents/backend/session"
	"background-agents/backend/session/sessiontest"
)

func TestEngine(t *testing.T) {
	sessiontest.TestEngine(t, func(t *testing.T) sessiontest.EngineUnderTest {
		e := tinyEngine(t)
		return sessiontest.EngineUnderTest{Engine: e, Agent: tinyAgent, Kill: func(t *testing.T, id session.ID) {
			c, err := e.connect(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if err := c.api.ContainerKill(t.Context(), e.containerName(id), "KILL"); err != nil {
				t.Fatal(err)
			}
		}}
	})
}
