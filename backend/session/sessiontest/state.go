package sessiontest

import (
	"context"
	"time"

	"background-agents/backend/session"
)

// Watched is what State needs of session.Operations.
type Watched interface {
	Watch(ctx context.Context, f func(session.Event)) error
}

// State returns the whole state, as a new watcher gets it; the zero Event where it does not come within ten seconds.
func State(w Watched) session.Event {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	var state session.Event
	_ = w.Watch(ctx, func(e session.Event) {
		if e.State {
			state = e
			cancel()
		}
	})
	return state
}

// Get returns a session of State, the zero one where it is not in it.
func Get(w Watched, id session.ID) session.Session {
	for _, s := range State(w).Sessions {
		if s.ID == id {
			return s
		}
	}
	return session.Session{}
}

// Items returns a session's whole transcript.
func Items(ctx context.Context, from interface {
	Items(ctx context.Context, id session.ID, from uint64, limit int) ([]session.Item, error)
}, id session.ID) (all []session.Item, err error) {
	for {
		page, err := from.Items(ctx, id, uint64(len(all)+1), 1000)
		if err != nil || len(page) == 0 {
			return all, err
		}
		all = append(all, page...)
	}
}
