package gitrepo

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"background-agents/backend/session"
)

// Moved reports whether the repository at p.Path has a branch and a worktree entry that this application made for one of the
// sessions. A clone has neither.
func (r *Repos) Moved(ctx context.Context, p session.Project, sessions []session.Session) bool {
	u, err := r.open(p)
	if err != nil {
		return false
	}
	for _, s := range sessions {
		rec, err := r.loadRecord(s)
		if err != nil || rec.Admin == "" || rec.Commit == "" || !exists(filepath.Join(rec.admin(u), "HEAD")) {
			continue
		}
		if r.quiet(ctx, u.place(), nil, "cat-file", "-e", rec.Commit+"^{commit}") == nil {
			return true
		}
	}
	return false
}

// Relocate links the sessions' worktrees to the repository at p.Path, which has moved there. It refuses a repository that lacks a
// commit which one of the sessions started from.
func (r *Repos) Relocate(ctx context.Context, p session.Project, sessions []session.Session) error {
	u, err := r.open(p)
	if err != nil {
		return err
	}
	for _, s := range sessions {
		if !fullID.MatchString(s.BaseCommit) {
			continue
		}
		if err := r.quiet(ctx, u.place(), nil, "cat-file", "-e", s.BaseCommit+"^{commit}"); err != nil {
			if ctx.Err() != nil {
				return explain(ctx.Err())
			}
			return fail(session.CodeInvalid, fmt.Sprintf("%s is another repository: it lacks the commit %.12s, from which the session %s started.", p.Path, s.BaseCommit, s.ID),
				"Choose the folder that the project's repository was moved to.", err)
		}
	}
	for _, s := range sessions {
		if err := r.relink(ctx, p, u, s); err != nil {
			return explain(err)
		}
	}
	return nil
}

// relink makes a session's worktree point to the repository's new place, where the two belong together. Else Publish links them.
func (r *Repos) relink(ctx context.Context, p session.Project, u repo, s session.Session) error {
	_, rec, unlock, err := r.lockRecord(ctx, p, s)
	if err != nil {
		return err
	}
	defer unlock()
	dotGit := filepath.Join(rec.Worktree, ".git")
	to, err := readPointer(dotGit, "gitdir: ")
	if rec.Admin == "" || err != nil || filepath.Base(to) != rec.Admin || exists(to) {
		return nil
	}
	admin := rec.admin(u)
	back, err := readPointer(filepath.Join(admin, "gitdir"), "")
	if err != nil || filepath.Clean(back) != dotGit && !sameFile(back, dotGit) {
		return nil
	}
	return os.WriteFile(dotGit, []byte("gitdir: "+filepath.ToSlash(admin)+"\n"), 0o644)
}
