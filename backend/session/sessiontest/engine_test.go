package sessiontest

import (
	"testing"

	"background-agents/backend/session"
)

func TestFakeEngine(t *testing.T) {
	TestEngine(t, func(*testing.T) EngineUnderTest {
		e := NewEngine(func(*Turn) {})
		return EngineUnderTest{Engine: e, Kill: func(_ *testing.T, id session.ID) { e.Kill(id) }}
	})
}
