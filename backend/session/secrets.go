package session

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Pasted says what became of a .env text.
type Pasted struct {
	Set     []SecretEntry `json:"set"`
	Skipped []Skipped     `json:"skipped"`
}

// Keychain implements Operations: nil where secrets can be kept now, else the state of the keychain as an error.
func (m *Manager) Keychain(ctx context.Context) error { return m.Vault.Check(ctx) }

// Secrets implements Operations.
func (m *Manager) Secrets(_ context.Context, at SecretScope) ([]SecretEntry, error) {
	at, err := m.scope(at)
	if err != nil {
		return nil, err
	}
	all := append([]SecretEntry{}, m.own(SecretScope{})...)
	if at.Project != "" {
		all = append(all, m.own(SecretScope{Project: at.Project})...)
	}
	if at.Session != "" {
		all = append(all, m.own(at)...)
	}
	slices.SortFunc(all, bySecret)
	return all, nil
}

// scope checks that there is what a scope names, and completes it: a session has a project.
func (m *Manager) scope(at SecretScope) (SecretScope, error) {
	if at.Session != "" {
		s, err := m.session(at.Session)
		if err == nil && at.Project != "" && at.Project != s.Project {
			err = newError(CodeInvalid, "The session belongs to another project.", "Name the session alone.", nil)
		}
		return SecretScope{s.Project, at.Session}, err
	}
	if at.Project != "" {
		_, err := m.project(at.Project)
		return at, err
	}
	return at, nil
}

// own returns the entries of just this scope: that of a session, of a project, or with neither the global one.
func (m *Manager) own(at SecretScope) []SecretEntry {
	m.mu.Lock()
	defer m.mu.Unlock()
	switch {
	case at.Session != "":
		return m.sessions[at.Session].Secrets
	case at.Project != "":
		return m.projects[at.Project].Secrets
	}
	return m.settings.Secrets
}

// SetSecret implements Operations: the value goes into the keychain, and then it is recorded that there is one.
func (m *Manager) SetSecret(ctx context.Context, at SecretScope, name string, d Delivery, value Secret) (SecretEntry,
	error) {
	if err := checkSecretName(name); err != nil {
		return SecretEntry{}, err
	}
	if err := checkSecretValue(d, value); err != nil {
		return SecretEntry{}, err
	}
	m.vaulting.Lock()
	defer m.vaulting.Unlock()
	return m.setSecret(ctx, at, name, d, value)
}

// setSecret is SetSecret for what is checked. The caller holds vaulting.
func (m *Manager) setSecret(ctx context.Context, at SecretScope, name string, d Delivery, value Secret) (SecretEntry,
	error) {
	at, err := m.scope(at)
	if err != nil {
		return SecretEntry{}, err
	}
	e := SecretEntry{Project: at.Project, Session: at.Session, Name: name, Delivery: d, UpdatedAt: m.now()}
	have := m.own(at)
	if i := index(have, name); i < 0 && len(have) >= MaxSecrets {
		return SecretEntry{}, newError(CodeConflict, "There are 100 secrets here already.",
			"Delete one that is needed no more.", nil)
	} else if i >= 0 {
		e.UpdatedAt = max(e.UpdatedAt, have[i].UpdatedAt+1) // each value has a time of its own
		e.Marked = have[i].Marked
	}
	e.Shown = e.judge(value)
	if err := m.Vault.Set(ctx, e.vaultName(), value); err != nil {
		return SecretEntry{}, err
	}
	if err := m.recordSecrets(ctx, at, name, &e); err != nil {
		return SecretEntry{}, err
	}
	m.values.keep(e, value)
	return e, nil
}

func index(entries []SecretEntry, name string) int {
	return slices.IndexFunc(entries, func(e SecretEntry) bool { return e.Name == name })
}

// DeleteSecret implements Operations.
func (m *Manager) DeleteSecret(ctx context.Context, at SecretScope, name string) error {
	m.vaulting.Lock()
	defer m.vaulting.Unlock()
	at, err := m.scope(at)
	if err != nil {
		return err
	}
	have := m.own(at)
	i := index(have, name)
	if i < 0 {
		return newError(CodeNotFound, "There is no such secret here.", "`bga secret list` shows them all.", nil)
	}
	if err := m.Vault.Delete(ctx, have[i].vaultName()); err != nil {
		return err
	}
	m.values.drop(have[i])
	return m.recordSecrets(ctx, at, name, nil)
}

// PasteSecrets implements Operations. What cannot be kept is skipped with its reason; the rest is set.
func (m *Manager) PasteSecrets(ctx context.Context, at SecretScope, d Delivery, text Secret) (Pasted, error) {
	if len(text.Reveal()) > maxPaste {
		return Pasted{}, newError(CodeInvalid, "The text is longer than 1 MB.", "Paste a part of it.", nil)
	}
	if _, err := m.scope(at); err != nil {
		return Pasted{}, err
	}
	found, skipped, err := ParseDotenv([]byte(text.Reveal()))
	if err != nil {
		return Pasted{}, err
	}
	if err := m.Vault.Check(ctx); err != nil {
		return Pasted{}, err
	}
	m.vaulting.Lock()
	defer m.vaulting.Unlock()
	out := Pasted{Set: []SecretEntry{}, Skipped: append([]Skipped{}, skipped...)}
	var stopped error
	for _, a := range found {
		err := stopped
		if err == nil {
			err = checkSecretName(a.Name)
		}
		if err == nil {
			err = checkSecretValue(d, a.Value)
		}
		if err == nil {
			var e SecretEntry
			if e, err = m.setSecret(ctx, at, a.Name, d, a.Value); err == nil {
				out.Set = append(out.Set, e)
				continue
			}
			if code := CodeOf(err); code != CodeInvalid && code != CodeConflict {
				stopped = err // the keychain went away: waiting for it again for each would take minutes
			}
		}
		out.Skipped = append(out.Skipped, Skipped{a.Line, a.Name, whySkipped(a.Name, err)})
	}
	slices.SortFunc(out.Skipped, func(a, b Skipped) int { return a.Line - b.Line })
	return out, nil
}

// whySkipped is the reason in a sentence, and for the key of a model also where it belongs.
func whySkipped(name string, err error) string {
	e := AsError(err)
	if reserved(name) == whyKey {
		return e.Message + " " + e.Hint
	}
	return e.Message
}

// recordSecrets records that a scope has an entry of this name, or with nil that it has none, and which running
// sandboxes have other values than they would get now.
func (m *Manager) recordSecrets(ctx context.Context, at SecretScope, name string, e *SecretEntry) error {
	if err := m.recordSecret(ctx, at, name, e); err != nil {
		return err
	}
	for _, id := range m.havingSandbox(at) {
		if err := m.set(ctx, id, func(s *Session) { s.Outdated = true }); err != nil && CodeOf(err) != CodeNotFound {
			return err
		}
	}
	return nil
}

// recordSecret is recordSecrets without what follows for sandboxes.
func (m *Manager) recordSecret(ctx context.Context, at SecretScope, name string, e *SecretEntry) error {
	change := func(entries []SecretEntry) []SecretEntry {
		entries = slices.DeleteFunc(slices.Clone(entries), func(old SecretEntry) bool { return old.Name == name })
		if e != nil {
			entries = append(entries, *e)
		}
		slices.SortFunc(entries, bySecret)
		return entries
	}
	var err error
	switch {
	case at.Session != "":
		err = m.set(ctx, at.Session, func(s *Session) { s.Secrets = change(s.Secrets) })
	case at.Project != "":
		_, err = m.updateProject(ctx, at.Project, func(p *Project) error { p.Secrets = change(p.Secrets); return nil })
	default:
		_, err = m.updateSettings(ctx, func(s *Settings) error { s.Secrets = change(s.Secrets); return nil })
	}
	return err
}

// havingSandbox returns the sessions of a scope whose sandboxes run and are not known to have old secrets already.
func (m *Manager) havingSandbox(at SecretScope) []ID {
	m.mu.Lock()
	defer m.mu.Unlock()
	var ids []ID
	for s := range maps.Values(m.sessions) {
		in := at.Session == s.ID || at.Session == "" && (at.Project == "" || at.Project == s.Project)
		if in && s.Sandbox == SandboxRunning && !s.Outdated {
			ids = append(ids, s.ID)
		}
	}
	return ids
}

// forgetSecrets deletes the values of what is about to be deleted. A keychain that is locked or silent keeps that from
// happening, since the values could not be removed later; if there is no keychain, they are nowhere.
func (m *Manager) forgetSecrets(ctx context.Context, what string, entries []SecretEntry) error {
	m.vaulting.Lock()
	defer m.vaulting.Unlock()
	for _, e := range entries {
		err := m.Vault.Delete(ctx, e.vaultName())
		if CodeOf(err) == CodeNoKeychain {
			m.Log.Warn("delete secret", "secret", e.vaultName(), "err", err)
			return nil
		}
		if err != nil {
			k := AsError(err)
			return newError(k.Code, fmt.Sprintf("The secrets of this %s cannot be deleted. %s", what, k.Message),
				strings.TrimSpace(k.Hint), err)
		}
		m.values.drop(e)
	}
	return nil
}
