package session

import (
	"context"
	"errors"
	"io"
	"time"
)

// Edits implements Operations: what the user changed in the worktree.
func (m *Manager) Edits(ctx context.Context, id ID) ([]FileChange, error) {
	s, p, err := m.sessionProject(id)
	if err != nil || s.Worktree == "" {
		return []FileChange{}, err
	}
	edits, err := m.Git.Edits(ctx, p, s)
	if err != nil {
		return nil, err
	}
	if len(edits) != s.Edits {
		err = m.set(ctx, id, func(s *Session) { s.Edits = len(edits) })
	}
	return edits, err
}

// SendEdits implements Operations: the user's changes in the worktree are merged into the agent's files.
func (m *Manager) SendEdits(ctx context.Context, id ID) error {
	s, p, err := m.sessionProject(id)
	if err != nil {
		return err
	}
	l, err := m.awake(ctx, id)
	if err != nil {
		return err
	}
	pr, pw := io.Pipe()
	commits := make(chan string, 1)
	go func() {
		commit, err := m.Git.BundleEdits(ctx, p, s, pw)
		commits <- commit
		_ = pw.CloseWithError(err)
	}()
	err = l.Import(ctx, pr)
	_ = pr.CloseWithError(errors.Join(err, io.ErrClosedPipe))
	commit := <-commits
	if err != nil {
		return err
	}
	if err := l.Apply(ctx, s.Result.Files, commit); err != nil {
		return err
	}
	if err := m.take(ctx, l, id); err != nil {
		return err
	}
	return m.follow(ctx, id)
}

// UndoEdits implements Operations: the worktree gets the files of the last result that it followed, and follows again.
func (m *Manager) UndoEdits(ctx context.Context, id ID) error {
	s, p, err := m.sessionProject(id)
	if err != nil {
		return err
	}
	if s.Worktree == "" {
		return nil
	}
	if err := m.Git.UndoEdits(ctx, p, s); err != nil {
		return err
	}
	if s.WorkedSince != 0 { // the turn's end brings it up to date
		_, err := m.Edits(ctx, id)
		return err
	}
	return m.follow(ctx, id)
}

// follow brings the worktree to the session's result, after the user's edits were sent or undone.
func (m *Manager) follow(ctx context.Context, id ID) error {
	s, p, err := m.sessionProject(id)
	if err != nil {
		return err
	}
	if s.Result.Commit == "" || s.Pending != nil {
		_, err := m.Edits(ctx, id)
		return err
	}
	return m.publishNow(ctx, m.runner(id), p, s)
}

// edits counts what the user changed in the worktree, where that is why it could not be brought up to date.
func (r *runner) edits(ctx context.Context, p Project, s Session, published error) int {
	if CodeOf(published) != CodeConflict || s.Worktree == "" {
		return 0
	}
	list, err := r.m.Git.Edits(ctx, p, s)
	if err != nil {
		return s.Edits
	}
	return len(list)
}

// startLimit is how long a command waits for the start of a sandbox that it needs; then it says that it is still
// starting. startCheck is how often it looks.
const (
	startLimit = 5 * time.Minute
	startCheck = 50 * time.Millisecond
)

// awake returns the link to the session's sandbox. It starts one that was stopped; what is queued stays held.
func (m *Manager) awake(ctx context.Context, id ID) (Link, error) {
	if _, err := m.update(ctx, id, func(s *Session, _ *batch) error {
		switch s.Status {
		case Archived:
			return newError(CodeConflict, "The session is archived.", "Unarchive it first.", nil)
		case Stopped:
			s.Status, s.Error = Starting, nil
			s.Held = s.Held || len(s.Prompts) > 0
		}
		return nil
	}); err != nil {
		return nil, err
	}
	m.runner(id).wake()
	for end := m.Now().Add(startLimit); ; {
		s, err := m.session(id)
		switch {
		case err != nil:
			return nil, err
		case s.Status == Failed && s.Error != nil:
			return nil, s.Error
		case s.Status != Starting:
			return m.linked(ctx, id)
		case m.Now().After(end):
			return nil, newError(CodeSandbox, "The sandbox did not start within "+Spell(startLimit)+".", "Look at its steps, and try again when it runs.", nil)
		}
		select {
		case <-time.After(startCheck):
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}
