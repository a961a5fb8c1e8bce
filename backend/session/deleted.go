package session

import (
	"context"
	"slices"
	"strings"
	"time"
)

// Deletion. What the user deletes is gone for every watcher at once. What it has in the engine may take longer, as
// where Docker does not run, and so may its branch and worktree, as where a file cannot be removed: its record stays,
// marked as deleted, until all of it is removed. So a crash in between leaves nothing behind.

// removeWait bounds the removal of one session's or project's containers and volumes. It ends with the engine's answer;
// what is left then is removed when the engine is back, or at the next start of the application.
const removeWait = time.Minute

// buried are sessions and projects that were deleted and of which something is still there. They are guarded by
// Manager.mu.
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

// removeSession removes a deleted session's worktree and branch, what it has in the engine, and then its record. The
// error says what the user is to know: branch and worktree that stay. Containers and volumes that stay are removed
// later.
func (m *Manager) removeSession(ctx context.Context, id ID) (left error) {
	var s Session
	ready := func() (there bool) { s, there = m.buried.sessions[id]; return there }
	m.remove(ctx, string(id), ready, func(ctx context.Context) {
		left = m.forget(ctx, s)
		if err := m.Engine.Remove(ctx, id); err != nil {
			m.Log.Warn("remove the sandbox of a deleted session; it is tried again when the engine is back", "session",
				id, "err", err)
			return
		}
		if left != nil {
			m.Log.Warn("forget session; it is tried again at the next start", "session", id, "err", left)
			return
		}
		m.writing.Lock()
		defer m.writing.Unlock()
		if err := m.record(ctx, Change{DropSession: id}); err != nil {
			m.Log.Error("drop deleted session", "session", id, "err", err)
		}
	})
	return left
}

// forget removes a deleted session's branch and worktree. Of a project that is deleted too, or whose repository is
// gone, nobody tries it again.
func (m *Manager) forget(ctx context.Context, s Session) error {
	m.mu.Lock()
	p, there := m.projects[s.Project]
	if !there {
		p = m.buried.projects[s.Project]
	}
	m.mu.Unlock()
	err := m.Git.Forget(ctx, p, s, true)
	if err == nil || CodeOf(err) == CodeRepoMissing {
		return nil
	}
	if !there {
		m.Log.Warn("forget a session of a deleted project", "session", s.ID, "err", err)
		return nil
	}
	return leftBehind("The session is deleted, but its branch or worktree is still there", err)
}

// leftBehind says what a deletion could not remove. It is tried again by removeDeleted.
func leftBehind(what string, err error) error {
	e := AsError(err)
	return newError(e.Code, what+". "+e.Message,
		strings.TrimSpace(e.Hint+" It is tried again when the application starts."), err)
}

// removeProject removes what a deleted project has on this computer and in the engine, and then its record. Sessions of
// it go first: their containers use its mirror. The error says what the user is to know.
func (m *Manager) removeProject(ctx context.Context, id ProjectID) (left error) {
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
			m.Log.Warn("forget project; it is tried again at the next start", "project", id, "err", err)
			left = leftBehind("The project is removed, but what is kept of its results is still there", err)
		}
		if err := m.Engine.RemoveMirror(ctx, id); err != nil {
			m.Log.Warn("remove the mirror of a deleted project; it is tried again when the engine is back", "project",
				id, "err", err)
			return
		}
		if left != nil {
			return
		}
		m.writing.Lock()
		defer m.writing.Unlock()
		if err := m.record(ctx, Change{DropProject: id}); err != nil {
			m.Log.Error("drop deleted project", "project", id, "err", err)
		}
	})
	return left
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
		_ = m.removeSession(ctx, id) // it is logged
	}
	for _, id := range projects {
		_ = m.removeProject(ctx, id)
	}
}
