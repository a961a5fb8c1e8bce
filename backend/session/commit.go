package session

import (
	"cmp"
	"context"
	"strings"
)

// maxMessage bounds a commit's message and a pull request's text, in bytes: GitHub takes no more.
const maxMessage = 64 << 10

// Commit implements Operations: what the agent left uncommitted becomes a commit above the result's, made of what was
// verified. The sandbox's branch follows.
func (m *Manager) Commit(ctx context.Context, id ID, message string) error {
	s, p, err := m.sessionProject(id)
	if err != nil {
		return err
	}
	if err := hasResult(s); err != nil {
		return err
	}
	if err := quiet(s); err != nil {
		return err
	}
	if s.Result.Commit == s.Result.Files {
		return newError(CodeInvalid, "There is nothing to commit.", "Everything that the agent left is committed.", nil)
	}
	if message = strings.TrimSpace(message); message == "" || len(message) > maxMessage {
		return newError(CodeInvalid, "A commit needs a message of at most 64 KB.", "Write what the change is.", nil)
	}
	v, err := m.Git.Commit(ctx, p, s, message)
	if err != nil {
		return err
	}
	return m.adopt(ctx, id, p, s, v, s.BaseCommit, "Committed as "+short(v.Commit)+": "+firstLine(message, 100))
}

// adopt makes a result that the host made the session's: worktree and sandbox are brought to it, the latter at its next start
// where it does not run.
func (m *Manager) adopt(ctx context.Context, id ID, p Project, was Session, v Verified, base, said string) error {
	_, err := m.update(ctx, id, func(s *Session, b *batch) error {
		if err := quiet(*s); err != nil {
			return err
		}
		if s.Result.Files != was.Result.Files {
			return errOther
		}
		s.Ahead = cmp.Or(s.Ahead, s.BaseCommit)
		if base != s.BaseCommit {
			s.Rebased = s.Turns
		}
		s.Result, s.BaseCommit = v, base
		notice(b, said)
		return nil
	})
	if err != nil {
		return err
	}
	r := m.runner(id)
	now, err := m.session(id)
	if err != nil {
		return err
	}
	if l := r.prompted(); l != nil {
		if err := r.follow(ctx, l, p, now); err != nil {
			m.Log.Warn("bring the sandbox to the result", "session", id, "err", err) // the next start does
		}
	}
	stat, err := r.compare(ctx, p, now, now.Turns, v, nil)
	if err != nil {
		return err
	}
	worktree, publishErr := r.publish(ctx, p, now, v)
	_, err = m.update(ctx, id, func(s *Session, b *batch) error {
		s.Diff, s.Worktree = stat.total, worktree
		if publishErr != nil {
			notice(b, AsError(publishErr).Message+" "+AsError(publishErr).Hint)
		}
		return nil
	})
	return err
}

// follow brings a running sandbox to the result that the host made.
func (r *runner) follow(ctx context.Context, l Link, p Project, s Session) error {
	if s.Ahead != s.BaseCommit {
		if err := r.sendBase(ctx, l, p, s.BaseCommit, s.Ahead); err != nil {
			return err
		}
	}
	if err := r.bringBack(ctx, l, p, s, s.Result); err != nil {
		return err
	}
	return r.m.set(ctx, r.id, func(s *Session) { s.Ahead = "" })
}
