package sessiontest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"

	"background-agents/backend/session"
)

// Memory is a Store that lives as long as the test. It may be opened again by another Manager.
type Memory struct {
	mu       sync.Mutex
	settings session.Settings
	projects map[session.ProjectID]session.Project
	sessions map[session.ID]session.Session
	items    map[session.ID]map[session.ItemID]session.Item
	ledger   []session.Connection
	days     map[string]session.Use
	fail     func(session.Change) error
	// Unreadable is how many of the next calls of Item fail.
	Unreadable atomic.Int32
}

// NewMemory returns an empty store.
func NewMemory() *Memory {
	return &Memory{
		projects: map[session.ProjectID]session.Project{},
		sessions: map[session.ID]session.Session{},
		items:    map[session.ID]map[session.ItemID]session.Item{},
		days:     map[string]session.Use{},
	}
}

// Fail has f asked before each Save; nil ends that.
func (m *Memory) Fail(f func(session.Change) error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.fail = f
}

// Load implements session.Store.
func (m *Memory) Load(context.Context) (session.Settings, []session.Project, []session.Session, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var projects []session.Project
	for _, p := range m.projects {
		projects = append(projects, p)
	}
	var sessions []session.Session
	for _, s := range m.sessions {
		sessions = append(sessions, s)
	}
	return m.settings, projects, sessions, nil
}

// Save implements session.Store.
func (m *Memory) Save(_ context.Context, c session.Change) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.fail != nil {
		if err := m.fail(c); err != nil {
			return err
		}
	}
	for _, it := range c.Items { // all or nothing, so before anything is changed
		if old, ok := m.items[it.Session][it.ID]; ok && old.Seq != it.Seq {
			return fmt.Errorf("item %s of session %s has another position than before", it.ID, it.Session)
		}
	}
	if c.Settings != nil {
		m.settings = *c.Settings
	}
	if c.Day != nil {
		m.days[c.Day.Day] = c.Day.Use
	}
	if c.Project != nil {
		m.projects[c.Project.ID] = *c.Project
	}
	if c.Session != nil {
		m.sessions[c.Session.ID] = *c.Session
	}
	for _, it := range c.Items {
		if m.items[it.Session] == nil {
			m.items[it.Session] = map[session.ItemID]session.Item{}
		}
		m.items[it.Session][it.ID] = it
	}
	for _, d := range c.Deltas {
		it := m.items[d.Session][d.Item]
		it.Text += d.Text
		it.Size, it.Rev = d.Size, d.Rev
		m.items[d.Session][d.Item] = it
	}
	for _, row := range c.Connections {
		m.ledger = slices.DeleteFunc(m.ledger, func(old session.Connection) bool { return old.ID == row.ID })
		m.ledger = append(m.ledger, row)
	}
	m.ledger = slices.DeleteFunc(m.ledger, func(row session.Connection) bool { return row.Session == c.DropSession })
	delete(m.projects, c.DropProject)
	delete(m.sessions, c.DropSession)
	delete(m.items, c.DropSession)
	return nil
}

func (m *Memory) list(id session.ID, keep func(session.Item) bool, by func(session.Item) uint64, limit int) []session.Item {
	m.mu.Lock()
	defer m.mu.Unlock()
	items := []session.Item{}
	for _, it := range m.items[id] {
		if keep(it) {
			items = append(items, it)
		}
	}
	slices.SortFunc(items, func(a, b session.Item) int { return int(by(a)) - int(by(b)) })
	return items[:min(limit, len(items))]
}

// page ends a list as a page ends.
func page(items []session.Item) []session.Item {
	size := int64(0)
	for i := range items {
		if size += items[i].Weight(); size > session.MaxPageOf {
			return items[:i+1]
		}
	}
	return items
}

func bySeq(it session.Item) uint64 { return it.Seq }

// Items implements session.Store.
func (m *Memory) Items(_ context.Context, id session.ID, from uint64, limit int) ([]session.Item, error) {
	return page(m.list(id, func(it session.Item) bool { return it.Seq >= from }, bySeq, limit)), nil
}

// Changed implements session.Store.
func (m *Memory) Changed(_ context.Context, id session.ID, since uint64, limit int) ([]session.Item, error) {
	return page(m.list(id, func(it session.Item) bool { return it.Rev > since }, func(it session.Item) uint64 { return it.Rev }, limit)), nil
}

// Item implements session.Store.
func (m *Memory) Item(_ context.Context, id session.ID, item session.ItemID) (session.Item, error) {
	if m.Unreadable.Add(-1) >= 0 {
		return session.Item{}, errors.New("the disk cannot be read")
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	it, ok := m.items[id][item]
	if !ok {
		return it, &session.Error{Code: session.CodeNotFound, Message: "There is no such item."}
	}
	return it, nil
}

// Open implements session.Store.
func (m *Memory) Open(_ context.Context, id session.ID) ([]session.Item, error) {
	return m.list(id, func(it session.Item) bool { return it.DoneAt == 0 }, bySeq, 1<<30), nil
}

// Connections implements session.Store.
func (m *Memory) Connections(_ context.Context, id session.ID, limit int) ([]session.Connection, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	rows := []session.Connection{}
	for _, row := range slices.Backward(m.ledger) {
		if row.Session == id && len(rows) < limit {
			rows = append(rows, row)
		}
	}
	slices.SortFunc(rows, func(a, b session.Connection) int { return int(b.ID) - int(a.ID) })
	return rows, nil
}

// Close implements session.Store.
func (m *Memory) Close() error { return nil }

// Day implements session.Store.
func (m *Memory) Day(_ context.Context, day string) (session.Use, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.days[day], nil
}
