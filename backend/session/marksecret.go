package session

import (
	"context"
	"maps"
)

// MarkSecret implements Operations. The secret is that of the scope, or if it has none of this name, of the next wider one.
func (m *Manager) MarkSecret(ctx context.Context, at SecretScope, name string, mark Mark) (SecretEntry, error) {
	if mark != MarkPlain && mark != MarkHidden {
		return SecretEntry{}, newError(CodeInvalid, "A secret can't be marked \""+firstLine(string(mark), 40)+"\".", "Choose plain or hidden.", nil)
	}
	m.vaulting.Lock()
	defer m.vaulting.Unlock()
	at, err := m.scope(at)
	if err != nil {
		return SecretEntry{}, err
	}
	e, found := m.nearest(at, name)
	if !found {
		return SecretEntry{}, newError(CodeNotFound, "There is no such secret here.", "`bga secret list` shows them all.", nil)
	}
	value, err := m.Vault.Get(ctx, e.vaultName())
	if err != nil {
		return SecretEntry{}, err
	}
	if mark == MarkHidden && tooShort(value.Reveal()) {
		return SecretEntry{}, newError(CodeInvalid, "The value of "+name+" is too short to be hidden: it would be found everywhere.",
			"Set a value of at least 6 characters.", nil)
	}
	e.Marked = mark
	e.Shown = e.judge(value)
	if err := m.recordSecret(ctx, e.Scope(), name, &e); err != nil {
		return SecretEntry{}, err
	}
	m.learnMark(m.values.keep(e, value), e.Scope())
	return e, nil
}

// nearest returns the entry of this name that counts in a scope.
func (m *Manager) nearest(at SecretScope, name string) (SecretEntry, bool) {
	scopes := []SecretScope{{}}
	if at.Project != "" {
		scopes = append([]SecretScope{{Project: at.Project}}, scopes...)
	}
	if at.Session != "" {
		scopes = append([]SecretScope{at}, scopes...)
	}
	for _, s := range scopes {
		entries := m.own(s)
		if i := index(entries, name); i >= 0 {
			return entries[i], true
		}
	}
	return SecretEntry{}, false
}

// learnMark lets what the user said of a secret hold at once, in transcripts of running sessions and in logs.
func (m *Manager) learnMark(k *known, at SecretScope) {
	m.Hidden.add([]*known{k})
	m.mu.Lock()
	runners := maps.Clone(m.runners)
	sessions := maps.Clone(m.sessions)
	m.mu.Unlock()
	for id, r := range runners {
		s, found := sessions[id]
		if found && (at.Session == id || at.Session == "" && (at.Project == "" || at.Project == s.Project)) {
			r.learn([]*known{k})
		}
	}
}
