package session

import (
	"context"
	"errors"
)

// What happens when the engine goes away and comes back. A turn that has begun waits for it. A start waits engineWait for an engine that has
// answered before; then it fails, and begins again by itself when the engine is back.

// engineError returns the error of a step as what it means. What failed as the engine went away failed for that, whatever was being done.
func (m *Manager) engineError(ctx context.Context, err error) error {
	switch CodeOf(err) {
	case CodeInternal, CodeSandbox, CodeSandboxGone, CodeImage:
	default:
		return err
	}
	if state := m.pingEngine(ctx); !state.OK && CodeOf(orNil(state.Error)) == CodeDockerDown {
		return newError(CodeDockerDown, state.Error.Message, state.Error.Hint, err)
	}
	return err
}

// waitsForEngine says whether a start waits longer for an engine that is away.
func (r *runner) waitsForEngine() bool {
	r.m.mu.Lock()
	answered := r.m.answered
	r.m.mu.Unlock()
	if r.away.IsZero() {
		r.away = r.m.Now()
	}
	return answered && r.m.Now().Sub(r.away) < engineWait
}

// engineBack does what waited for the engine, and what could be done to it behind our back.
func (m *Manager) engineBack(ctx context.Context) {
	m.images.lookAll(ctx)
	m.stopStrangers(ctx)
	m.removeDeleted(ctx)
	m.startAgain(ctx)
	m.wakeAll()
}

// startAgain begins those starts again that failed as the engine was away.
func (m *Manager) startAgain(ctx context.Context) {
	m.mu.Lock()
	var failed []ID
	for id, s := range m.sessions {
		if failedWithoutEngine(s) {
			failed = append(failed, id)
		}
	}
	m.mu.Unlock()
	for _, id := range failed {
		_, err := m.update(ctx, id, func(s *Session, _ *batch) error {
			if failedWithoutEngine(*s) {
				release(s)
			}
			return nil
		})
		if err != nil && CodeOf(err) != CodeNotFound && !errors.Is(err, context.Canceled) {
			m.Log.Error("start again", "session", id, "err", err)
		}
	}
}

// failedWithoutEngine says whether a session's start failed because the engine was away.
func failedWithoutEngine(s Session) bool {
	return s.Status == Failed && s.WorkedSince == 0 && s.Error != nil && s.Error.Code == CodeDockerDown
}
