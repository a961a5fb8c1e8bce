package session_test

import (
	"slices"
	"testing"
	"time"

	"background-agents/backend/session"
)

// A session's age is the time since its last turn, and its place in a list the time of its creation: whatever else happens to
// it changes neither.
func TestOnlyTurnsChangeASessionsAge(t *testing.T) {
	story(t, hello, func(w *world) {
		id := w.create("one")
		created := w.get(id)
		if created.TurnedAt != created.CreatedAt {
			t.Errorf("a new session was turned at %d, created at %d", created.TurnedAt, created.CreatedAt)
		}
		time.Sleep(time.Second)
		turned := w.until(id, session.Idle).TurnedAt
		project := w.get(id).Project
		for i, change := range []func() error{
			func() error { return w.Rename(ctx, id, "Another") },
			func() error { return w.Pin(ctx, id, true) },
			func() error { return w.Seen(ctx, id) },
			func() error { return w.SetPolicy(ctx, id, session.Ask) },
			func() error { return w.SetNetwork(ctx, id, session.Offline) },
			func() error {
				_, err := w.SetSecret(ctx, session.SecretScope{Project: project}, "TOKEN", session.DeliverEnv, session.NewSecret("a long secret value"))
				return err
			},
			func() error { return w.Resume(ctx, id) },
			func() error { return w.Archive(ctx, id, false) },
			func() error { return w.Unarchive(ctx, id) },
		} {
			time.Sleep(time.Hour) // it stops because it is idle, too
			w.must(change())
			if got := w.get(id).TurnedAt; got != turned {
				t.Errorf("after change %d the last turn was at %d, want %d", i, got, turned)
			}
		}
		w.reopen()
		if got := w.get(id).TurnedAt; got != turned {
			t.Errorf("after a restart the last turn was at %d, want %d", got, turned)
		}
		time.Sleep(time.Hour)
		_, err := w.Prompt(ctx, id, session.NewPrompt{Text: "two"})
		w.must(err)
		for w.get(id).Turns < 2 {
			time.Sleep(time.Second)
		}
		if got := w.until(id, session.Idle).TurnedAt; got < turned+session.Millis(time.Hour.Milliseconds()) {
			t.Errorf("after a second turn the last turn was at %d, as before", got)
		}
	})
}

func TestListStaysInOrderOfCreation(t *testing.T) {
	story(t, hello, func(w *world) {
		for range 20 { // in the same millisecond
			w.create("one")
		}
		time.Sleep(time.Second)
		newest := w.create("two")
		order := func() (ids []session.ID) {
			for _, s := range w.told()[0].Sessions {
				ids = append(ids, s.ID)
			}
			return ids
		}
		w.reopen()
		before := order()
		if before[0] != newest {
			t.Errorf("the newest session is not the first: %v", before)
		}
		for range 5 {
			w.must(w.Rename(ctx, before[7], "Another"))
			w.reopen()
			if now := order(); !slices.Equal(before, now) {
				t.Fatalf("the order changed from %v to %v", before, now)
			}
		}
	})
}
