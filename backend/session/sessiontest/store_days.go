package sessiontest

import (
	"testing"

	"background-agents/backend/session"
)

func storeKeepsDays(t *testing.T, open OpenStore) {
	b := newBox(t, open)
	first, second := session.Use{Requests: 1, Input: 2, Output: 3, USD: 0.1}, session.Use{Requests: 2, Input: 1 << 40, Output: 4, USD: 0.3}
	s := session.Session{ID: "one"}
	b.save(session.Change{Session: &s, Day: &session.DayUse{Day: "2026-11-25", Use: first}})
	b.save(session.Change{Day: &session.DayUse{Day: "2026-11-25", Use: second}})
	b.save(session.Change{DropSession: "one"})
	for range 2 {
		for day, want := range map[string]session.Use{"2026-11-25": second, "2026-11-24": {}} {
			got, err := b.Day(t.Context(), day)
			equal(t, "error", err, nil)
			equal(t, day, got, want)
		}
		b.reopen()
	}
}
