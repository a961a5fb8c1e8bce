package session

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
)

// environmentSum names what a project's sandboxes are made with: another sum is another environment.
func environmentSum(e *Environment, l Limits) string {
	b, err := json.Marshal(struct {
		Environment *Environment
		Limits      Limits
	}{e, l})
	if err != nil {
		panic(err) // plain values always have a JSON form
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:8])
}

// compareEnvironments finds out which running sandboxes of a project have another environment than they would get now;
// "" means of all projects.
func (m *Manager) compareEnvironments(ctx context.Context, of ProjectID) error {
	m.mu.Lock()
	var running []ID
	for _, s := range m.sessions {
		if (of == "" || s.Project == of) && s.Sandbox == SandboxRunning {
			running = append(running, s.ID)
		}
	}
	m.mu.Unlock()
	for _, id := range running {
		if err := m.compareEnvironment(ctx, id); err != nil && CodeOf(err) != CodeNotFound {
			return err
		}
	}
	return nil
}

// compareEnvironment records whether a session's sandbox has another environment than it would get now, and tells it in
// the transcript where it has one since now.
func (m *Manager) compareEnvironment(ctx context.Context, id ID) error {
	s, p, err := m.sessionProject(id)
	if err != nil {
		return err
	}
	sum := environmentSum(p.Environment, m.Settings().LimitsOf(p))
	old := s.Environment != "" && s.Environment != sum
	if old == s.OldEnvironment {
		return nil
	}
	_, err = m.update(ctx, id, func(s *Session, b *batch) error {
		if old && !s.OldEnvironment {
			notice(b, "The project's environment changed. Restart to use the new environment: `bga restart "+string(id)+"`.")
		}
		s.OldEnvironment = old
		return nil
	})
	return err
}
