package gitrepo

import (
	"context"
	"fmt"

	"background-agents/backend/session"
)

// Commit makes of the verified files a commit above the verified commit, by the user. No file is looked at: the tree is there.
func (r *Repos) Commit(ctx context.Context, p session.Project, s session.Session, message string) (session.Verified, error) {
	ctx, unlock, err := r.lock(ctx, p.ID, string(s.ID))
	if err != nil {
		return session.Verified{}, err
	}
	defer unlock()
	out, err := r.outgoing(ctx, p, s)
	if err != nil {
		return session.Verified{}, err
	}
	name, email, err := r.Identity(ctx, p)
	if err != nil {
		return session.Verified{}, err
	}
	commit, err := r.commitTree(ctx, inside(out.q), s.Result.Files+"^{tree}", []string{s.Result.Commit}, name, email, message)
	if err != nil {
		return session.Verified{}, explain(fmt.Errorf("commit: %w", err))
	}
	return out.keep(ctx, session.Verified{Turn: s.Result.Turn, Commit: commit, Files: commit}, s.BaseCommit)
}
