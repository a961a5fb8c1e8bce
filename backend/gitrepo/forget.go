package gitrepo

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"background-agents/backend/session"
)

func indexOf(r *Repos, s session.Session) string { return filepath.Join(r.sessionDir(s), "index") }

// Forget removes the session's worktree, branch and quarantine refs. Without force it removes nothing while something
// is unsaved (CodeUnsaved). A branch that somebody has checked out elsewhere, or that is not the session's, stays. It can
// be repeated.
func (r *Repos) Forget(ctx context.Context, p session.Project, s session.Session, force bool) error {
	q, u, err := r.quarantine(ctx, p, s)
	if session.CodeOf(err) == session.CodeRepoMissing && force {
		return r.forgetHere(ctx, p, s)
	}
	if err != nil {
		return err
	}
	if !force {
		unsaved, err := r.Unsaved(ctx, p, s)
		if err != nil {
			return err
		}
		if len(unsaved) > 0 {
			return errUnsaved("The session holds what is saved nowhere else", unsaved)
		}
	}
	ctx, rec, unlock, err := r.lockRecord(ctx, p, s)
	if err != nil {
		return err
	}
	defer unlock()
	rec.follow(u)
	if err := r.dropWorktree(ctx, p, u, rec); err != nil {
		return err
	}
	if err := r.dropBranch(ctx, u, rec); err != nil {
		return explain(err)
	}
	refs, err := r.output(ctx, inside(q), nil, "for-each-ref", "--format=delete %(refname)", sessionRefs(s))
	if err != nil {
		return explain(fmt.Errorf("list results: %w", err))
	}
	if lines := strings.Split(strings.TrimSpace(string(refs)), "\n"); lines[0] != "" {
		if err := r.updateRefs(ctx, p, q, lines); err != nil {
			return err
		}
	}
	return explain(os.RemoveAll(r.sessionDir(s)))
}

// forgetHere forgets a session whose repository is gone: its worktree, and what is known of it.
func (r *Repos) forgetHere(ctx context.Context, p session.Project, s session.Session) error {
	_, rec, unlock, err := r.lockRecord(ctx, p, s)
	if err != nil {
		return err
	}
	defer unlock()
	if to, err := readPointer(filepath.Join(rec.Worktree, ".git"), "gitdir: "); rec.Worktree != "" && err == nil && filepath.Base(to) == rec.Admin {
		if err := removeAll(rec.Worktree); err != nil {
			return explain(fmt.Errorf("remove worktree: %w", err))
		}
	}
	return explain(os.RemoveAll(r.sessionDir(s)))
}

// ForgetWorktree removes the worktree alone, where it holds nothing of the user's; else CodeUnsaved. The branch stays, and
// Publish makes the worktree again.
func (r *Repos) ForgetWorktree(ctx context.Context, p session.Project, s session.Session) error {
	q, u, err := r.quarantine(ctx, p, s)
	if err != nil {
		return err
	}
	edits, err := r.unsavedEdits(ctx, p, s)
	if err != nil {
		return err
	}
	if len(edits) > 0 {
		return errUnsaved("The worktree holds changes of yours", edits)
	}
	ctx, rec, unlock, err := r.lockRecord(ctx, p, s)
	if err != nil {
		return err
	}
	defer unlock()
	rec.follow(u)
	if rec.linked(u) {
		if err := r.checkStaged(ctx, u, q, rec, rec.trees()); err != nil {
			return explain(err)
		}
	}
	if err := r.dropWorktree(ctx, p, u, rec); err != nil {
		return err
	}
	if rec.Branch == "" {
		return nil
	}
	_ = os.Remove(indexOf(r, s))
	rec.Admin = ""
	return r.saveRecord(s, rec)
}

// ForgetProject removes the quarantine, and what is known of the project's worktrees. Worktrees and branches stay.
func (r *Repos) ForgetProject(ctx context.Context, p session.Project) error {
	if err := checkIDs(p, nil); err != nil {
		return err
	}
	_, unlock, err := r.lock(ctx, p.ID, projectLock)
	if err != nil {
		return err
	}
	for _, name := range []string{"quarantine.git", "quarantine.git.new", "scratch", "git"} {
		if removeErr := removeTree(filepath.Join(r.projectDir(p.ID), name)); removeErr != nil && err == nil {
			err = removeErr
		}
	}
	unlock()
	_ = os.RemoveAll(filepath.Join(r.projectDir(p.ID), "locks"))
	_ = os.Remove(r.projectDir(p.ID)) // where others keep nothing in it
	return explain(err)
}

// lockRecord takes the session's lock, and reads what is known of its worktree under it.
func (r *Repos) lockRecord(ctx context.Context, p session.Project, s session.Session) (context.Context, record, func(), error) {
	ctx, unlock, err := r.lock(ctx, p.ID, string(s.ID))
	if err != nil {
		return nil, record{}, nil, err
	}
	rec, err := r.loadRecord(s)
	if err != nil {
		unlock()
		return nil, record{}, nil, explain(err)
	}
	return ctx, rec, unlock, nil
}

func errUnsaved(what string, list []string) error {
	return fail(session.CodeUnsaved, fmt.Sprintf("%s: %s.", what, strings.Join(list[:min(len(list), 5)], ", ")),
		"Save it first, or delete it all the same.", nil)
}

// dropWorktree removes the folder and our entry in the repository.
func (r *Repos) dropWorktree(ctx context.Context, p session.Project, u repo, rec record) error {
	if rec.Worktree == "" {
		return nil
	}
	_, unlock, err := r.lock(ctx, p.ID, projectLock)
	if err != nil {
		return err
	}
	defer unlock()
	// Only what is ours: a folder that the user put in its place has another .git, or none.
	if to, err := readPointer(filepath.Join(rec.Worktree, ".git"), "gitdir: "); err == nil && filepath.Base(to) == rec.Admin || rec.NextFiles != "" {
		if err := removeAll(rec.Worktree); err != nil {
			return explain(fmt.Errorf("remove worktree: %w", err))
		}
	}
	r.unlink(u, rec)
	return nil
}

// dropBranch deletes the session's branch where it is ours and nobody else has it checked out.
func (r *Repos) dropBranch(ctx context.Context, u repo, rec record) error {
	if rec.Branch == "" {
		return nil
	}
	list, err := r.checkouts(ctx, u)
	if err != nil {
		return err
	}
	ref := "refs/heads/" + rec.Branch
	for _, c := range list {
		if c.branch == rec.Branch {
			return nil
		}
	}
	if tip, err := r.line(ctx, u.place(), "rev-parse", "--verify", "--quiet", ref); err != nil || tip == "" {
		return ctx.Err()
	}
	if err := r.quiet(ctx, u.place(), nil, "update-ref", "-d", ref); err != nil {
		return fmt.Errorf("delete branch: %w", err)
	}
	return nil
}
