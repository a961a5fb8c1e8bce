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
	if c.Project != nil {
		m.projects[c.Project.ID] = *c.Project
		e.Projects = []Project{*c.Project}
	}
	if c.Session != nil {
		m.sessions[c.Session.ID] = *c.Session
		e.Sessions = shown(*c.Session)
	}
	if c.DropProject != "" {
		delete(m.projects, c.DropProject)
		e.Gone = append(e.Gone, string(c.DropProject))
	}
	if c.DropSession != "" {
		delete(m.sessions, c.DropSession)
		delete(m.runners, c.DropSession)
		e.Gone = append(e.Gone, string(c.DropSession))
	}
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
