package session_test

import (
	"testing"
	"testing/synctest"

	"background-agents/backend/session"
	"background-agents/backend/session/sessiontest"
)

// Who waits for the end of the first turn, or is notified of it, must not be told of an end before its begin.
func TestSessionIsNotIdleBeforeItsFirstTurn(t *testing.T) {
	story(t, func(t *sessiontest.Turn) { t.Say("m", "Done.") }, func(w *world) {
		id := w.create("one")
		w.until(id, session.Idle)
		synctest.Wait()
		for _, e := range w.told() {
			for _, s := range e.Sessions {
				if s.ID == id && s.Status == session.Idle && s.Turns == 0 {
					t.Fatalf("it was idle at its change %d, with %d prompts", s.Rev, len(s.Prompts))
				}
			}
		}
	})
}
