package session

import (
	"context"
	"fmt"
	"io"
	"strings"
)

// files returns the tree of all files after a turn, the base's for turn 0. Turns without a result count as the one
// before.
func (m *Manager) files(ctx context.Context, s Session, turn int) (commit, files string, err error) {
	for ; turn > 0; turn-- {
		it, err := m.Store.Item(ctx, s.ID, turnItem(turn))
		if err != nil && CodeOf(err) != CodeNotFound {
			return "", "", err
		}
		if err == nil && it.Result != nil && it.Result.Files != "" {
			return it.Result.Commit, it.Result.Files, nil
		}
	}
	return s.BaseCommit, s.BaseCommit, nil
}

// between returns the range that a diff of a turn, or with 0 of the whole session, is about.
func (m *Manager) between(ctx context.Context, s Session, turn int) (Range, error) {
	if turn < 0 || turn > s.Turns {
		return Range{}, newError(CodeNotFound, fmt.Sprintf("There is no turn %d.", turn), fmt.Sprintf("The session has %d.", s.Turns), nil)
	}
	if turn == 0 {
		to := s.Result.Files
		if to == "" {
			to = s.BaseCommit
		}
		return Range{From: s.BaseCommit, To: to}, nil
	}
	if turn == s.Turns && s.TurnFrom != "" && s.Result.Turn == turn { // it runs: its files are as they were seen last
		return Range{Turn: turn, From: s.TurnFrom, To: s.Result.Files}, nil
	}
	_, from, err := m.files(ctx, s, turn-1)
	if err != nil {
		return Range{}, err
	}
	if it, err := m.Store.Item(ctx, s.ID, turnItem(turn)); err == nil && it.Result != nil && it.Result.From != "" {
		from = it.Result.From
	}
	_, to, err := m.files(ctx, s, turn)
	return Range{Turn: turn, From: from, To: to}, err
}

// Diff implements Operations.
func (m *Manager) Diff(ctx context.Context, id ID, turn int) ([]FileChange, error) {
	s, p, err := m.sessionProject(id)
	if err != nil {
		return nil, err
	}
	r, err := m.between(ctx, s, turn)
	if err != nil || r.From == r.To {
		return []FileChange{}, err
	}
	return m.Git.Diff(ctx, p, s, r)
}

// Patch implements Operations.
func (m *Manager) Patch(ctx context.Context, id ID, turn int, path string, o PatchOptions) (Patch, error) {
	s, p, err := m.sessionProject(id)
	if err != nil {
		return Patch{}, err
	}
	r, err := m.between(ctx, s, turn)
	if err != nil {
		return Patch{}, err
	}
	return m.Git.Patch(ctx, p, s, r, path, o)
}

// WritePatch implements Operations.
func (m *Manager) WritePatch(ctx context.Context, id ID, turn int, w io.Writer) error {
	s, p, err := m.sessionProject(id)
	if err != nil {
		return err
	}
	r, err := m.between(ctx, s, turn)
	if err != nil || r.From == r.To {
		return err
	}
	return m.Git.WritePatch(ctx, p, s, r, w)
}

// Checkout implements Operations: it returns the worktree's path, making the worktree where it is missing.
func (m *Manager) Checkout(ctx context.Context, id ID) (string, error) {
	s, p, err := m.sessionProject(id)
	if err != nil {
		return "", err
	}
	if s.Result.Commit == "" {
		return "", newError(CodeNotFound, "There is no result yet.", "Wait for the end of the first turn.", nil)
	}
	path, err := m.Git.Publish(ctx, p, s, s.Result)
	if CodeOf(err) == CodeConflict && s.Worktree != "" {
		return s.Worktree, nil // it holds the user's own changes; it is there
	}
	if err != nil {
		return "", err
	}
	return path, m.set(ctx, id, func(s *Session) { s.Worktree = path })
}

// Restore implements Operations.
func (m *Manager) Restore(ctx context.Context, id ID, turn int, force bool) error {
	s, p, err := m.sessionProject(id)
	if err != nil {
		return err
	}
	if turn < 1 || turn > s.Turns {
		return newError(CodeNotFound, fmt.Sprintf("There is no turn %d.", turn), fmt.Sprintf("The session has %d.", s.Turns), nil)
	}
	if s.WorkedSince != 0 || s.Pending != nil {
		return newError(CodeConflict, "The agent is at work.", "Stop it first.", nil)
	}
	if s.Rebased > 0 && turn-1 <= s.Rebased {
		return newError(CodeConflict, fmt.Sprintf("The files before turn %d stand on an earlier base.", turn), "Restore a later turn, or start a new session from that base.", nil)
	}
	l, err := m.linked(ctx, id)
	if err != nil {
		return err
	}
	commit, files, err := m.files(ctx, s, turn-1)
	if err != nil {
		return err
	}
	if !force {
		if err := m.keepsCommits(ctx, l, id, commit); err != nil {
			return err
		}
	}
	// The sandbox may have been recreated since that turn: it is given what it might lack.
	if files != s.BaseCommit {
		err = m.runner(id).bringBack(ctx, l, p, s, Verified{Turn: turn - 1, Commit: commit, Files: files})
	} else {
		err = l.Restore(ctx, commit, files)
	}
	if err != nil {
		return err
	}
	err = m.take(ctx, l, id)
	if _, e := m.update(ctx, id, func(_ *Session, b *batch) error {
		notice(b, fmt.Sprintf("The files are again as they were before turn %d.", turn))
		return nil
	}); e != nil {
		return e
	}
	return err
}

// keepsCommits refuses a restore that takes commits off the session's branch, and names them. The sandbox is looked at
// first: what it has committed since the last turn counts too.
func (m *Manager) keepsCommits(ctx context.Context, l Link, id ID, commit string) error {
	if err := m.take(ctx, l, id); err != nil && CodeOf(err) != CodeConflict { // the worktree may hold the user's changes
		return err
	}
	s, p, err := m.sessionProject(id)
	if err != nil || s.Result.Commit == "" || s.Result.Commit == commit {
		return err
	}
	dropped, err := m.Git.Dropped(ctx, p, s, s.Result.Commit, commit)
	if err != nil || len(dropped) == 0 {
		return err
	}
	return newError(CodeUnsaved, "This would take "+nameCommits(dropped)+" off the branch "+s.Branch+".",
		"Restore all the same, or push or merge the commits first.", nil)
}

// nameCommits says how many commits there are, and names the first ones.
func nameCommits(list []CommitLine) string {
	var names []string
	for _, c := range list[:min(len(list), maxSaid)] {
		names = append(names, short(c.ID)+" “"+line(c.Subject, 80)+"”")
	}
	if n := len(list) - maxSaid; n > 0 {
		names = append(names, fmt.Sprintf("and %d more", n))
	}
	return count(len(list), "commit") + " (" + strings.Join(names, ", ") + ")"
}
