package session

import (
	"context"
	"slices"
)

// moveHint says what to do about a project whose repository is not where it was.
func moveHint(p Project) string {
	return "Move it back. Or say where it is now, in the project's settings or with: bga project move " + string(p.ID) + " NEW_PATH."
}

// MoveProject implements Operations. The sessions stay: their worktrees are linked to the repository at its new place. A project
// without sessions that was added there in the meantime is replaced.
func (m *Manager) MoveProject(ctx context.Context, id ProjectID, path string) (Project, error) {
	p, err := m.project(id)
	if err != nil {
		return Project{}, err
	}
	repo, err := m.Git.Inspect(ctx, path)
	if err != nil {
		return Project{}, err
	}
	if repo.Path == p.Path && !p.Missing {
		return p, nil
	}
	if other, ok := m.projectOf(repo.Path); ok && other.ID != id {
		if m.unused(other) != nil {
			return Project{}, newError(CodeConflict, repo.Path+" is the project "+other.Name+", which has sessions of its own.",
				"Choose another folder.", nil)
		}
		if err := m.RemoveProject(ctx, other.ID); err != nil {
			return Project{}, err
		}
	}
	to := p
	to.Path = repo.Path
	if err := m.Git.Relocate(ctx, to, m.sessionsOf(id)); err != nil {
		return Project{}, err
	}
	return m.updateProject(ctx, id, func(p *Project) error {
		p.Path, p.Missing = repo.Path, false
		return nil
	})
}

// movedTo finds the project whose repository is not where it was, and is at path now.
func (m *Manager) movedTo(ctx context.Context, path string) (Project, bool) {
	if _, known := m.projectOf(path); known {
		return Project{}, false
	}
	m.mu.Lock()
	projects := make([]Project, 0, len(m.projects))
	for _, p := range m.projects {
		projects = append(projects, p)
	}
	m.mu.Unlock()
	for _, p := range projects {
		sessions := m.sessionsOf(p.ID)
		if len(sessions) == 0 {
			continue
		}
		if _, err := m.Git.Inspect(ctx, p.Path); CodeOf(err) != CodeNotRepository {
			continue
		}
		to := p
		to.Path = path
		if m.Git.Moved(ctx, to, sessions) {
			return p, true
		}
	}
	return Project{}, false
}

func (m *Manager) projectOf(path string) (Project, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, p := range m.projects {
		if p.Path == path {
			return p, true
		}
	}
	return Project{}, false
}

// sessionsOf returns a project's sessions, the archived ones too, by id.
func (m *Manager) sessionsOf(id ProjectID) []Session {
	m.mu.Lock()
	defer m.mu.Unlock()
	var list []Session
	for _, s := range m.sessions {
		if s.Project == id {
			list = append(list, s)
		}
	}
	slices.SortFunc(list, func(a, b Session) int {
		if a.ID < b.ID {
			return -1
		}
		return 1
	})
	return list
}
