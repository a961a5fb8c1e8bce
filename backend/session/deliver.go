package session

import (
	"context"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// keychainLimit bounds the reading of all secrets of one start. It ends with them, or with the sentence that the
// keychain did not answer.
const keychainLimit = 5 * time.Second

// SecretValue is a secret on its way into a sandbox, under the name that it has there.
type SecretValue struct {
	Name     string
	Delivery Delivery
	Value    Secret
}

func (k *known) key() string { return k.vault + "@" + strconv.FormatInt(int64(k.at), 10) }

// values are what has been read of the keychain, so that fifty sessions that start at once ask for each secret once.
type values struct {
	mu   sync.Mutex
	read map[string]*known // by name and time
	turn chan struct{}     // holds one: who reads
}

func (v *values) keep(e SecretEntry, value Secret) *known {
	v.mu.Lock()
	defer v.mu.Unlock()
	k := &known{vault: e.vaultName(), at: e.UpdatedAt, name: e.Name, value: value, mark: e.Marked, shown: e.Shown}
	if v.read == nil {
		v.read = map[string]*known{}
	}
	for key, old := range v.read {
		if old.vault == k.vault {
			delete(v.read, key)
		}
	}
	v.read[k.key()] = k
	return k
}

func (v *values) drop(e SecretEntry) {
	v.mu.Lock()
	defer v.mu.Unlock()
	delete(v.read, (&known{vault: e.vaultName(), at: e.UpdatedAt}).key())
}

func (v *values) get(e SecretEntry) *known {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.read[(&known{vault: e.vaultName(), at: e.UpdatedAt}).key()]
}

// secretsOf returns the entries of all scopes of a session.
func (m *Manager) secretsOf(s Session, p Project) []SecretEntry {
	return append(append(append([]SecretEntry{}, m.Settings().Secrets...), p.Secrets...), s.Secrets...)
}

// given is a secret with its value.
type given struct {
	SecretEntry
	value Secret
}

// readSecrets returns the secrets of all scopes of a session, and makes them known to its redactor. It asks the
// keychain only for what it has not asked for before.
func (m *Manager) readSecrets(ctx context.Context, s Session, p Project) ([]given, error) {
	entries := m.secretsOf(s, p)
	if len(entries) == 0 {
		return nil, nil
	}
	ctx, cancel := context.WithTimeout(ctx, keychainLimit)
	defer cancel()
	select {
	case m.values.turn <- struct{}{}:
		defer func() { <-m.values.turn }()
	case <-ctx.Done():
		return nil, NoAnswer(CodeKeychainSlow, "The keychain", keychainLimit, "Answer where it asks for its password, then Retry.")
	}
	found, all := make([]given, 0, len(entries)), make([]*known, 0, len(entries))
	for _, e := range entries {
		k := m.values.get(e)
		if k == nil {
			value, err := m.Vault.Get(ctx, e.vaultName())
			if err != nil {
				return nil, unreadable(e, err)
			}
			k = m.values.keep(e, value)
		}
		found = append(found, given{e, k.value})
		all = append(all, k)
	}
	m.Hidden.add(all)
	if r := m.runner(s.ID); r != nil {
		r.learn(all)
	}
	return found, nil
}

// unreadable says which secret a session lacks and why.
func unreadable(e SecretEntry, err error) error {
	k := AsError(err)
	code, hint := k.Code, k.Hint
	if code == CodeNotFound {
		code, hint = CodeKeychain, "Enter it again, or delete it. Then Retry."
	}
	return newError(code, "The secret "+e.Name+", which this session gets, cannot be read. "+k.Message, hint, err)
}

// secretsReady reports whether the secrets of a session can be read without asking the user for the keychain's
// password.
func (m *Manager) secretsReady(ctx context.Context, s Session) error {
	p, err := m.project(s.Project)
	if err != nil {
		return err
	}
	for _, e := range m.secretsOf(s, p) {
		if m.values.get(e) == nil {
			return m.Vault.Check(ctx)
		}
	}
	return nil
}

// learn adds values to those that are redacted in the session's transcript.
func (r *runner) learn(values []*known) {
	r.mu.Lock()
	defer r.mu.Unlock()
	merged := mergeKnown(r.values, values)
	if maps.Equal(merged, r.values) {
		return
	}
	r.values = merged
	all := make([]*known, 0, len(merged))
	for _, k := range merged {
		all = append(all, k)
	}
	r.secrets.Store(newRedactor(all))
}

// setOutdated records whether a sandbox that was just started with these secrets would get others now.
func (m *Manager) setOutdated(ctx context.Context, id ID, secrets []given) error {
	s, p, err := m.sessionProject(id)
	if err != nil {
		return err
	}
	outdated := !slices.EqualFunc(secrets, m.secretsOf(s, p), func(g given, e SecretEntry) bool { return g.SecretEntry == e })
	if outdated == s.Outdated {
		return nil
	}
	return m.set(ctx, id, func(s *Session) { s.Outdated = outdated })
}

// effective returns those that a session gets: of each name the most specific.
func effective(secrets []given) []given {
	secrets = slices.Clone(secrets)
	slices.SortFunc(secrets, func(a, b given) int { return bySecret(a.SecretEntry, b.SecretEntry) })
	return slices.CompactFunc(secrets, func(a, b given) bool { return a.Name == b.Name })
}

// deliver returns what a session's agent gets: of each name the most specific secret, as environment or as file. taken
// is what its environment has already.
func deliver(secrets []given, taken []string) (values []SecretValue, err error) {
	used := map[string]bool{}
	for _, pair := range taken {
		name, _, _ := strings.Cut(pair, "=")
		used[name] = true
	}
	size := 0
	for _, e := range effective(secrets) {
		name := e.Name
		if e.Delivery == DeliverFile {
			name += "_FILE"
		}
		values = append(values, SecretValue{e.Name, e.Delivery, e.value})
		if used[name] {
			return nil, newError(CodeConflict, "The secret "+e.Name+" would set "+name+", which is set already: by the agent, or by another secret.",
				"Give the secret another name or delivery, then Retry.", nil)
		}
		used[name] = true
		size += len(e.value.Reveal())
	}
	if size > maxDelivered {
		return nil, newError(CodeInvalid, "The secrets of this session have more than 1 MB together.", "Delete some of them, then Retry.", nil)
	}
	return values, nil
}
