package session

import (
	"context"
	"slices"
	"time"
)

// Deletion. What the user deletes is gone for every watcher at once. What it has in the engine may take longer, as where Docker does not
// run: its record stays, marked as deleted, until all of it is removed. So a crash in between leaves nothing behind.

// removeWait bounds the removal of one session's or project's containers and volumes. It ends with the engine's answer; what is left
// then is removed when the engine is back, or at the next start of the application.
const removeWait = time.Minute

// buried are sessions and projects that were deleted and of which the engine still has something. They are guarded by Manager.mu.
type buried struct {
	sessions map[ID]Session
	projects map[ProjectID]Project
	busy     map[string]bool // what is being removed just now
}

// remove calls f unless the same is being removed already. ready says, under mu, whether there is something to remove.
func (m *Manager) remove(ctx context.Context, id string, ready func() bool, f func(ctx context.Context)) {
	m.mu.Lock()
	if m.buried.busy[id] || !ready() {
		m.mu.Unlock()
		return
	}
	m.buried.busy[id] = true
	m.mu.Unlock()
	defer func() {
		m.mu.Lock()
		defer m.mu.Unlock()
		delete(m.buried.busy, id)
	}()
	ctx, cancel := context.WithTimeout(ctx, removeWait)
	defer cancel()
	f(ctx)
}

// removeSession removes what a deleted session has in the engine, and then its record.
func (m *Manager) removeSession(ctx context.Context, id ID) {
	ready := func() bool { _, there := m.buried.sessions[id]; return there }
	m.remove(ctx, string(id), ready, func(ctx context.Context) {
		if err := m.Engine.Remove(ctx, id); err != nil {
			m.Log.Warn("remove the sandbox of a deleted session; it is tried again when the engine is back", "session", id, "err", err)
			return
		}
		m.writing.Lock()
		defer m.writing.Unlock()
		if err := m.record(ctx, Change{DropSession: id}); err != nil {
			m.Log.Error("drop deleted session", "session", id, "err", err)
		}
	})
}

// removeProject removes what a deleted project has on this computer and in the engine, and then its record. Sessions of it go first:
// their containers use its mirror.
func (m *Manager) removeProject(ctx context.Context, id ProjectID) {
	var p Project
	ready := func() (there bool) {
		p, there = m.buried.projects[id]
		for _, s := range m.buried.sessions {
			there = there && s.Project != id
		}
		return there
	}
	m.remove(ctx, string(id), ready, func(ctx context.Context) {
		if err := m.Git.ForgetProject(ctx, p); err != nil {
			m.Log.Warn("forget project", "project", id, "err", err)
		}
		if err := m.Engine.RemoveMirror(ctx, id); err != nil {
			m.Log.Warn("remove the mirror of a deleted project; it is tried again when the engine is back", "project", id, "err", err)
			return
		}
		m.writing.Lock()
		defer m.writing.Unlock()
		if err := m.record(ctx, Change{DropProject: id}); err != nil {
			m.Log.Error("drop deleted project", "project", id, "err", err)
		}
	})
}

// removeDeleted removes what is left of all that was deleted.
func (m *Manager) removeDeleted(ctx context.Context) {
	m.mu.Lock()
	var sessions []ID
	for id := range m.buried.sessions {
		sessions = append(sessions, id)
	}
	var projects []ProjectID
	for id := range m.buried.projects {
		projects = append(projects, id)
	}
	m.mu.Unlock()
	slices.Sort(sessions)
	for _, id := range sessions {
		m.removeSession(ctx, id)
	}
	for _, id := range projects {
		m.removeProject(ctx, id)
	}
}
