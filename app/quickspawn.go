package app

import "sync"

// quickSpawn is the small window for a prompt: the one window there is, made small, on top, and with the page's
// compact route. Enter starts the session, and the window is again what and where it was.
type quickSpawn struct {
	mu     sync.Mutex
	on     bool
	before Bounds
	hidden bool // it was, and will be
}

// enter makes the window small.
func (q *quickSpawn) enter(w *window) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if !q.on {
		w.mu.Lock()
		q.hidden = !w.visible
		w.mu.Unlock()
		q.on, q.before = true, w.shell().Bounds()
		w.shell().Compact(true, q.before)
	}
	w.shell().Emit("show", Show{Spawn: true})
	w.shell().Show()
}

// leave gives the window back its place. It does nothing where it has it.
func (q *quickSpawn) leave(w *window) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if !q.on {
		return
	}
	q.on = false
	w.shell().Compact(false, q.before)
	if q.hidden {
		w.shell().Hide()
	}
}

// EndSpawn ends the quick prompt, whether a session was started or not.
func (a *API) EndSpawn() { a.w.spawn.leave(a.w) }
