package session

import (
	"cmp"
	"context"
	"maps"
	"path/filepath"
	"slices"
)

// AddProject implements Operations. Adding what is there already returns it, also where the repository has moved since.
func (m *Manager) AddProject(ctx context.Context, path string) (Project, error) {
	path, err := m.projectPath(path)
	if err != nil {
		return Project{}, err
	}
	repo, err := m.Git.Inspect(ctx, path)
	if err != nil {
		return Project{}, err
	}
	return m.addProject(ctx, repo)
}

// InitProject implements Operations: it makes the empty first commit that the user agreed to.
func (m *Manager) InitProject(ctx context.Context, path string) (Project, error) {
	path, err := m.projectPath(path)
	if err != nil {
		return Project{}, err
	}
	repo, err := m.Git.Inspect(ctx, path)
	if err != nil && CodeOf(err) != CodeEmpty {
		return Project{}, err
	}
	if repo.Head == "" {
		if err := m.Git.CommitEmpty(ctx, Project{ID: ProjectID(newID()), Path: repo.Path}); err != nil {
			return Project{}, err
		}
	}
	return m.addProject(ctx, repo)
}

func (m *Manager) addProject(ctx context.Context, repo Repository) (Project, error) {
	if p, ok := m.movedTo(ctx, repo.Path); ok {
		return m.MoveProject(ctx, p.ID, repo.Path)
	}
	m.writing.Lock()
	defer m.writing.Unlock()
	m.mu.Lock()
	known := slices.Collect(maps.Values(m.projects))
	m.mu.Unlock()
	p := Project{ID: ProjectID(newID()), Name: repo.Name, Path: repo.Path, CreatedAt: m.now(), Secrets: []SecretEntry{}}
	names := map[string]bool{}
	for _, k := range known {
		if k.Path == p.Path {
			return k, nil
		}
		names[k.Name] = true
	}
	if names[p.Name] { // two repositories of one name: the folder above tells them apart
		above := filepath.Dir(p.Path)
		if filepath.Base(above) == p.Name { // a bare repository in it
			above = filepath.Dir(above)
		}
		p.Name = filepath.Base(above) + "/" + p.Name
	}
	if err := m.record(ctx, Change{Project: &p}); err != nil {
		return p, err
	}
	m.lookAtEnvironment(p, "")
	return p, nil
}

// SaveProject implements Operations: it changes what the user may change of a project.
func (m *Manager) SaveProject(ctx context.Context, p Project) error {
	mounts, err := m.validProject(p)
	if err != nil {
		return err
	}
	limited := false
	_, err = m.updateProject(ctx, p.ID, func(now *Project) error {
		if p.Rev != now.Rev {
			return errChanged("The project's settings")
		}
		if limited = p.Limits != now.Limits; limited { // those that were saved may not fit the engine of today
			if err := m.validLimits(p.Limits); err != nil {
				return err
			}
		}
		now.Rev++
		now.Limits = p.Limits
		now.Name, now.Defaults, now.MCP, now.Mounts = cmp.Or(firstLine(p.Name, 80), now.Name), p.Defaults, p.MCP, mounts
		return nil
	})
	if err == nil && limited {
		err = m.compareEnvironments(ctx, p.ID)
	}
	return err
}

// errChanged refuses a change that was made to what is not the newest any more: the other writer's would be lost.
func errChanged(what string) *Error {
	return newError(CodeConflict, what+" were changed elsewhere since they were read. Nothing was saved.", "Look at them again, and repeat the change.", nil)
}

func (m *Manager) validProject(p Project) (mounts []string, err error) {
	if err := validChoices(p.Defaults.Policy, p.Defaults.Network); err != nil {
		return nil, err
	}
	if p.Defaults.Agent != "" {
		if _, err := m.agent(p.Defaults.Agent); err != nil {
			return nil, err
		}
	}
	if err := validMCP(p.MCP); err != nil {
		return nil, err
	}
	return validMounts(p.Mounts)
}

// RemoveProject implements Operations. A project with sessions stays: they are deleted first.
func (m *Manager) RemoveProject(ctx context.Context, id ProjectID) error {
	p, err := m.project(id)
	if err != nil {
		return err
	}
	if err := m.unused(p); err != nil {
		return err
	}
	if err := m.forgetSecrets(ctx, "project", p.Secrets); err != nil {
		return err
	}
	if _, err := m.updateProject(ctx, id, func(p *Project) error {
		p.Deleted = true
		return m.unused(*p)
	}); err != nil {
		return err
	}
	m.pruneTools(ctx)
	return m.removeProject(ctx, id)
}

// unused refuses what only a project without sessions allows.
func (m *Manager) unused(p Project) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, s := range m.sessions {
		if s.Project == p.ID {
			return newError(CodeConflict, p.Name+" still has sessions.", "Delete its sessions first; the repository itself is never touched.", nil)
		}
	}
	return nil
}

// Suggestions implements Operations.
func (m *Manager) Suggestions(ctx context.Context) ([]Repository, error) {
	ctx, cancel := context.WithTimeout(ctx, suggestWait)
	defer cancel()
	return m.Git.Suggest(ctx, m.SuggestDir, 50)
}

// Repository implements Operations. It also notes where a project's repository is gone, or back.
func (m *Manager) Repository(ctx context.Context, id ProjectID) (Repository, error) {
	p, err := m.project(id)
	if err != nil {
		return Repository{}, err
	}
	repo, err := m.Git.Inspect(ctx, p.Path)
	missing := err != nil
	if missing != p.Missing {
		_, _ = m.updateProject(ctx, id, func(p *Project) error { p.Missing = missing; return nil })
	}
	if missing {
		return repo, newError(CodeRepoMissing, "The repository of "+p.Name+" is not at "+p.Path+" any more.",
			moveHint(p), err)
	}
	return repo, nil
}

// Refs implements Operations.
func (m *Manager) Refs(ctx context.Context, id ProjectID, search string) (Refs, error) {
	p, err := m.project(id)
	if err != nil {
		return Refs{}, err
	}
	return m.Git.Refs(ctx, p, search)
}

// Demo implements Operations.
func (m *Manager) Demo(ctx context.Context) (Session, error) {
	path, err := m.Sample(ctx)
	if err != nil {
		return Session{}, err
	}
	p, err := m.AddProject(ctx, path)
	if err != nil {
		return Session{}, err
	}
	return m.Create(ctx, NewSession{
		Project: p.ID, Model: "demo/scripted", Network: Offline,
		Title:  "A first look",
		Prompt: NewPrompt{Text: "Have a look at this project, and add what it is missing to get a newcomer started."},
	})
}
