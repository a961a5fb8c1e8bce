package session

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"sync"
)

// maxWaiting bounds the events that wait for one watcher. A slower one loses its place and starts over with the
// whole state, so that it never slows an agent and never grows without bound.
const maxWaiting = 4096

// watcher is one caller of Watch.
type watcher struct {
	mu      sync.Mutex
	waiting []Event
	lost    bool
	ready   chan struct{} // holds a token while something waits
}

func (w *watcher) add(e Event) {
	w.mu.Lock()
	if len(w.waiting) >= maxWaiting {
		w.waiting, w.lost = nil, true
	}
	if !w.lost {
		w.waiting = append(w.waiting, e)
	}
	w.mu.Unlock()
	select {
	case w.ready <- struct{}{}:
	default:
	}
}

func (w *watcher) take() (events []Event, lost bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	events, w.waiting = w.waiting, nil
	lost, w.lost = w.lost, false
	return events, lost
}

// Watch implements Operations. A watcher that was too slow gets the state again.
func (m *Manager) Watch(ctx context.Context, f func(Event)) error {
	w := &watcher{ready: make(chan struct{}, 1)}
	f(m.join(w))
	defer m.leave(w)
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-m.ctx.Done():
			return newError(CodeInternal, "The application is closing.", "Start it again.", nil)
		case <-w.ready:
		}
		events, lost := w.take()
		if lost {
			m.leave(w)
			w.take()
			f(m.join(w))
			continue
		}
		for _, e := range events {
			f(e)
		}
	}
}

// join adds a watcher and returns the state that its events follow on.
func (m *Manager) join(w *watcher) Event {
	m.writing.Lock()
	defer m.writing.Unlock()
	m.mu.Lock()
	defer m.mu.Unlock()
	m.watchers[w] = struct{}{}
	settings, engine := m.settings, m.engine
	newest := func(a, b Session) int {
		return cmp.Or(cmp.Compare(b.CreatedAt, a.CreatedAt), cmp.Compare(a.ID, b.ID))
	}
	return Event{
		State:    true,
		Settings: &settings,
		Images:   m.images.all(),
		Engine:   &engine,
		Projects: slices.SortedFunc(maps.Values(m.projects), func(a, b Project) int { return cmp.Compare(a.Name, b.Name) }),
		Sessions: shown(slices.SortedFunc(maps.Values(m.sessions), newest)...),
	}
}

func (m *Manager) leave(w *watcher) {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.watchers, w)
}

// tell gives an event to every watcher; it never waits. The caller holds writing.
func (m *Manager) tell(e Event) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for w := range m.watchers {
		w.add(e)
	}
}
