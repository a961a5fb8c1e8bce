package session

import "context"

// Checkpoint implements Operations: the session's changes become what the agent's files are now. While a turn runs the
// worktree stays as it is until the turn's end, so that nobody finds half of a change in it.
func (m *Manager) Checkpoint(ctx context.Context, id ID) error {
	l, err := m.linked(ctx, id)
	if err != nil {
		return err
	}
	return m.take(ctx, l, id)
}

// take fetches the workspace as it is now. The caller's link carries it. What a turn's end brought in the meantime is newer
// and stays.
func (m *Manager) take(ctx context.Context, l Link, id ID) error {
	r := m.runner(id)
	for {
		before, p, err := m.sessionProject(id)
		if err != nil {
			return err
		}
		c, err := l.Checkpoint(ctx)
		if err != nil {
			return err
		}
		v, err := r.fetch(ctx, l, p, before, before.Turns, c)
		if err != nil {
			return err
		}
		stat, err := r.compare(ctx, p, before, before.Turns, v, nil)
		if err != nil {
			return err
		}
		taken := false
		s, err := m.update(ctx, id, func(s *Session, _ *batch) error {
			if taken = sameTurn(before, *s) && before.Result.Files == s.Result.Files && before.Result.Commit == s.Result.Commit; taken {
				stand(s, v)
				s.Diff = stat.total
			}
			return nil
		})
		switch {
		case err != nil:
			return err
		case !taken && sameTurn(before, s): // another caller was quicker: this one must not go back behind it
			continue
		case !taken || s.WorkedSince != 0:
			return nil
		}
		m.askOnly(ctx, id)
		return m.publishNow(ctx, r, p, s)
	}
}

// sameTurn says that no turn began or ended between two states of a session.
func sameTurn(a, b Session) bool {
	return a.Turns == b.Turns && a.WorkedSince == b.WorkedSince && b.Pending == nil
}

// publishNow brings branch and worktree to the session's result. Where the user's edits keep the worktree back, they are counted.
func (m *Manager) publishNow(ctx context.Context, r *runner, p Project, s Session) error {
	worktree, err := r.publish(ctx, p, s, s.Result)
	edits := r.edits(ctx, p, s, err)
	if e := m.set(ctx, s.ID, func(s *Session) { s.Worktree, s.Edits = worktree, edits }); e != nil {
		return e
	}
	return err
}
