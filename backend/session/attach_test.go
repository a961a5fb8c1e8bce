package session_test

import (
	"testing"
	"time"

	"background-agents/backend/session"
	"background-agents/backend/session/sessiontest"
)

// The application ended after a session was stopped, and before its sandbox was.
func TestSandboxOfAStoppedSessionIsStoppedAtTheNextStart(t *testing.T) {
	story(t, func(t *sessiontest.Turn) { t.Say("m", "hello") }, func(w *world) {
		id := w.create("say hello")
		w.until(id, session.Idle)
		w.must(w.Stop(ctx, id))
		w.until(id, session.Stopped)
		w.close()
		w.must(w.engine.EnsureSandbox(ctx, session.SandboxSpec{Session: id}))
		w.open()
		time.Sleep(time.Minute)
		if s := w.get(id); s.Status != session.Stopped || s.Sandbox != session.SandboxStopped {
			t.Errorf("it is %s, its sandbox %s", s.Status, s.Sandbox)
		}
		if sb, err := w.engine.Sandbox(ctx, id); err != nil || sb.State == session.SandboxRunning {
			t.Errorf("its sandbox is %q (%v)", sb.State, err)
		}
	})
}
