package session

import (
	"context"
	"io"
	"slices"
)

// Items implements Operations.
func (m *Manager) Items(ctx context.Context, id ID, from uint64, limit int) ([]Item, error) {
	if _, err := m.session(id); err != nil {
		return nil, err
	}
	return m.Store.Items(ctx, id, max(from, 1), bound(limit, 1, maxPage))
}

// Changed implements Operations.
func (m *Manager) Changed(ctx context.Context, id ID, since uint64, limit int) ([]Item, error) {
	if _, err := m.session(id); err != nil {
		return nil, err
	}
	return m.Store.Changed(ctx, id, since, bound(limit, 1, maxPage))
}

// Output implements Operations: an item's whole text, from the sandbox where the transcript holds a part of it. Known secrets are
// redacted on the way.
func (m *Manager) Output(ctx context.Context, id ID, item ItemID, w io.Writer) error {
	it, err := m.Store.Item(ctx, id, item)
	if err != nil {
		return err
	}
	if it.Size <= int64(len(it.Text)) {
		_, err := io.WriteString(w, it.Text)
		return err
	}
	l, err := m.linked(ctx, id)
	if err != nil {
		return err
	}
	out := m.known(id).writer(w)
	if err := l.Output(ctx, item, out); err != nil {
		return err
	}
	return out.Close()
}

// Sandbox implements Operations.
func (m *Manager) Sandbox(ctx context.Context, id ID) (Sandbox, error) {
	s, err := m.session(id)
	if err != nil {
		return Sandbox{}, err
	}
	sb, err := m.Engine.Sandbox(ctx, id)
	if CodeOf(err) == CodeNotFound {
		return Sandbox{Session: id, Project: s.Project, State: s.Sandbox, Volumes: []string{}}, nil
	}
	if err != nil || sb.State != SandboxRunning {
		return sb, err
	}
	sb.MemoryMB, sb.CPU, err = m.Engine.Measure(ctx, sb.Container)
	return sb, err
}

// Exec implements Operations.
func (m *Manager) Exec(ctx context.Context, id ID, e Exec) (int, error) {
	if _, err := m.linked(ctx, id); err != nil {
		return 0, err
	}
	return m.Engine.Exec(ctx, id, e)
}

// Mounts implements Operations.
func (m *Manager) Mounts(context.Context) ([]Mount, error) {
	all := slices.Clone(Mounts)
	for i := range all {
		list, _ := binds(m.Home, []string{all[i].ID})
		all[i].Found = len(list) > 0
	}
	return all, nil
}

// Agents implements Operations.
func (m *Manager) Agents(context.Context) ([]Agent, error) { return m.agents(), nil }

// Providers implements Operations.
func (m *Manager) Providers(ctx context.Context) ([]Provider, error) { return m.Broker.Providers(ctx) }

// Doctor implements Operations.
func (m *Manager) Doctor(ctx context.Context) ([]Check, error) {
	m.pingEngine(ctx)
	return m.Config.Doctor(ctx), nil
}
