package session

import (
	"context"
	"slices"
)

// record stores a change and then tells the watchers. Every change of what is stored goes through here. The caller
// holds writing.
func (m *Manager) record(ctx context.Context, c Change) error {
	if err := m.Store.Save(context.WithoutCancel(ctx), c); err != nil {
		return err
	}
	var e Event
	m.mu.Lock()
	if c.Settings != nil {
		m.settings = *c.Settings
		e.Settings = c.Settings
	}
	switch {
	case c.Project == nil:
	case c.Project.Deleted:
		delete(m.projects, c.Project.ID)
		m.buried.projects[c.Project.ID] = *c.Project
		e.Gone = append(e.Gone, string(c.Project.ID))
	default:
		m.projects[c.Project.ID] = *c.Project
		e.Projects = []Project{*c.Project}
	}
	switch {
	case c.Session == nil:
	case c.Session.Deleted:
		delete(m.sessions, c.Session.ID)
		delete(m.runners, c.Session.ID)
		m.buried.sessions[c.Session.ID] = *c.Session
		e.Gone = append(e.Gone, string(c.Session.ID))
	default:
		m.sessions[c.Session.ID] = *c.Session
		e.Sessions = shown(*c.Session)
	}
	delete(m.buried.projects, c.DropProject)
	delete(m.buried.sessions, c.DropSession)
	m.mu.Unlock()
	if c.Day != nil && c.Session == nil {
		return nil // nobody watches a day
	}
	e.Items, e.Deltas, e.Connections = c.Items, c.Deltas, c.Connections
	m.tell(e)
	return nil
}

// update changes one session: f gets a copy to change, and a batch for items. Nothing happens where f returns an error.
// f must not change the elements of a slice in place: watchers hold them.
func (m *Manager) update(ctx context.Context, id ID, f func(s *Session, b *batch) error) (Session, error) {
	m.writing.Lock()
	defer m.writing.Unlock()
	s, err := m.session(id)
	if err != nil {
		return s, err
	}
	b := newBatch(m, &s)
	if err = f(&s, b); err == nil {
		err = b.err
	}
	if err != nil {
		b.forget()
		return s, err
	}
	void := countQuestions(&s, b)
	s.UpdatedAt = m.now()
	c := Change{Session: &s}
	c.Items, c.Deltas = b.changes()
	if err := m.record(ctx, c); err != nil {
		b.forget()
		return s, err
	}
	b.t.lives = true
	for _, request := range void {
		m.asks.end(request, false)
	}
	return s, nil
}

// set is update for changes that touch no items and cannot be refused.
func (m *Manager) set(ctx context.Context, id ID, f func(s *Session)) error {
	_, err := m.update(ctx, id, func(s *Session, _ *batch) error { f(s); return nil })
	return err
}

// updateProject changes one project: f gets a copy to change. Nothing happens where f returns an error. It is the only way in which a
// project that there is changes, as update is of a session; f must not change the elements of a slice in place.
func (m *Manager) updateProject(ctx context.Context, id ProjectID, f func(p *Project) error) (Project, error) {
	m.writing.Lock()
	defer m.writing.Unlock()
	p, err := m.project(id)
	if err != nil {
		return p, err
	}
	if err := f(&p); err != nil {
		return p, err
	}
	return p, m.record(ctx, Change{Project: &p})
}

// updateSettings changes the settings in the same way.
func (m *Manager) updateSettings(ctx context.Context, f func(s *Settings) error) (Settings, error) {
	m.writing.Lock()
	defer m.writing.Unlock()
	s := m.Settings()
	if err := f(&s); err != nil {
		return s, err
	}
	return s, m.record(ctx, Change{Settings: &s})
}

// withPrompt returns a copy of prompts in which f has changed the one that id names.
func withPrompt(prompts []Prompt, id PromptID, f func(*Prompt)) []Prompt {
	prompts = slices.Clone(prompts)
	for i := range prompts {
		if prompts[i].ID == id {
			f(&prompts[i])
		}
	}
	return prompts
}

// withoutPrompt returns a copy of prompts without the one that id names.
func withoutPrompt(prompts []Prompt, id PromptID) []Prompt {
	return slices.DeleteFunc(slices.Clone(prompts), func(p Prompt) bool { return p.ID == id })
}
