package app

import (
	"cmp"
	"context"
	"slices"
	"sync"

	"background-agents/backend/session"
)

// roster is what tray and notifications need to know of the sessions: their last value, and which permissions each
// waits for, the first one first. An empty list says that there are none.
type roster struct {
	mu          sync.Mutex
	sessions    map[session.ID]session.Session
	permissions map[session.ID][]session.Permission
}

// change is a session before and after an event, and the id of the permission that it waited for; before is the zero value
// for a new session.
type change struct {
	before, after session.Session
	asked, asks   string
}

// maxPermissions bounds those of one session that are kept.
const maxPermissions = 100

func newRoster() *roster {
	return &roster{sessions: map[session.ID]session.Session{}, permissions: map[session.ID][]session.Permission{}}
}

// apply takes an event in and returns what it changed. A whole state changes nothing: it is where one begins.
func (r *roster) apply(e session.Event) []change {
	r.mu.Lock()
	defer r.mu.Unlock()
	var changes []change
	if e.State {
		clear(r.sessions)
		clear(r.permissions)
	}
	for _, s := range e.Sessions {
		if !e.State {
			changes = append(changes, change{before: r.sessions[s.ID], after: s, asked: first(r.permissions[s.ID]).ID})
		}
		r.sessions[s.ID] = s
		if s.Status != session.NeedsYou {
			delete(r.permissions, s.ID)
		}
	}
	for _, it := range e.Items {
		r.note(it)
	}
	for i, c := range changes {
		changes[i].asks = first(r.permissions[c.after.ID]).ID
	}
	for _, id := range e.Gone {
		delete(r.sessions, session.ID(id))
		delete(r.permissions, session.ID(id))
	}
	return changes
}

func (r *roster) note(it session.Item) {
	if it.Kind != session.KindPermission || it.Permission == nil {
		return
	}
	list := slices.DeleteFunc(slices.Clone(r.permissions[it.Session]), func(p session.Permission) bool { return p.ID == it.Permission.ID })
	if it.Permission.Answer == "" && len(list) < maxPermissions {
		list = append(list, *it.Permission)
	}
	r.permissions[it.Session] = list
}

// first returns the permission that is to be answered next.
func first(list []session.Permission) session.Permission {
	if len(list) == 0 {
		return session.Permission{}
	}
	return list[0]
}

// findPermissions reads from the transcript what sessions wait for that needed someone before this began.
func (r *roster) findPermissions(ctx context.Context, ops session.Operations) {
	for _, s := range r.unknown() {
		const last = 1000 // items; a request is among the last ones, since a turn or a program waits for it
		var asked []session.Item
		var failed error
		for it, err := range session.Backward(ctx, ops, s, last) {
			if failed = err; it.Permission != nil {
				asked = append(asked, it)
			}
		}
		if failed != nil {
			continue
		}
		r.mu.Lock()
		for _, it := range slices.Backward(asked) {
			r.note(it)
		}
		if _, ok := r.permissions[s.ID]; !ok {
			r.permissions[s.ID] = []session.Permission{} // looked for and not there: not again
		}
		r.mu.Unlock()
	}
}

func (r *roster) unknown() []session.Session {
	r.mu.Lock()
	defer r.mu.Unlock()
	var found []session.Session
	for id, s := range r.sessions {
		if _, ok := r.permissions[id]; s.Status == session.NeedsYou && !ok {
			found = append(found, s)
		}
	}
	return found
}

func (r *roster) permission(id session.ID) session.Permission {
	r.mu.Lock()
	defer r.mu.Unlock()
	return first(r.permissions[id])
}

func (r *roster) hasWorktree(path string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, s := range r.sessions {
		if s.Worktree == path {
			return true
		}
	}
	return false
}

// view is what the tray shows now.
func (r *roster) view() trayView {
	r.mu.Lock()
	defer r.mu.Unlock()
	var v trayView
	for _, s := range r.sessions {
		switch s.Status {
		case session.NeedsYou:
			v.Needs = append(v.Needs, trayNeed{Session: s.ID, Title: s.Title, Permission: first(r.permissions[s.ID])})
		case session.Working, session.Starting:
			v.Running = append(v.Running, trayRow{Session: s.ID, Title: s.Title, Step: s.Step})
		}
	}
	slices.SortFunc(v.Needs, func(a, b trayNeed) int { return cmp.Compare(a.Session, b.Session) })
	slices.SortFunc(v.Running, func(a, b trayRow) int { return cmp.Compare(a.Session, b.Session) })
	return v
}
