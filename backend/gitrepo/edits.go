package gitrepo

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"background-agents/backend/session"
)

// Edits lists what the user changed in the worktree since Publish, new files included, ignored ones not.
func (r *Repos) Edits(ctx context.Context, p session.Project, s session.Session) ([]session.FileChange, error) {
	var changes []change
	err := r.withEdits(ctx, p, s, func(ctx context.Context, e edited) (err error) {
		changes, err = e.changes(ctx, r)
		return err
	})
	return fileChanges(changes), explain(err)
}

// BundleEdits keeps the user's changes as a commit above the session's result and writes a bundle of it to w. Where the
// result is newer than the worktree, the changes are merged into it; what both changed then stands there with git's
// conflict marks, for the agent to resolve. Where the user changed nothing, it returns the result itself and writes
// nothing.
func (r *Repos) BundleEdits(ctx context.Context, p session.Project, s session.Session,
	w io.Writer) (commit string, err error) {
	err = r.withEdits(ctx, p, s, func(ctx context.Context, e edited) error {
		result := s.Result.Files
		if result == "" {
			result = e.rec.Files
		}
		if commit = result; len(e.dirty) == 0 {
			return nil
		}
		if commit, err = r.commitEdits(ctx, p, e, result); err != nil {
			return err
		}
		// Its content is not lost, and may be replaced, once it is here and with the agent.
		sent, err := r.commitTree(ctx, inside(e.q), e.state, nil, appName, appEmail, "Worktree as sent")
		if err != nil {
			return err
		}
		ref := sessionRefs(s) + "edits/"
		lines := []string{"update " + ref + commit + " " + commit, "update " + ref + sent + " " + sent}
		if err := r.updateRefs(ctx, p, e.q, lines); err != nil {
			return err
		}
		e.rec.Sent = sent
		if err := r.saveRecord(s, e.rec); err != nil {
			return err
		}
		return r.bundleRefs(ctx, p, e.u, e.q, map[string]string{"refs/edits/commit": commit}, []string{result}, w)
	})
	return commit, explain(err)
}

// UndoEdits implements session.Git: it brings the worktree's files and its index back to what was published last.
func (r *Repos) UndoEdits(ctx context.Context, p session.Project, s session.Session) error {
	return explain(r.withEdits(ctx, p, s, func(ctx context.Context, e edited) error {
		if e.tree == nil || !e.rec.linked(e.u) {
			return nil // there is nothing to undo, or Publish makes it again
		}
		if err := r.checkHead(ctx, e.u, s, e.rec); err != nil {
			return err
		}
		if len(e.dirty) > 0 {
			kept, err := r.commitTree(ctx, inside(e.q), e.state, []string{e.rec.Files}, appName, appEmail,
				"Changes undone in the worktree")
			if err != nil {
				return fmt.Errorf("keep your changes: %w", err)
			}
			undone := "update " + sessionRefs(s) + "undone/" + kept + " " + kept
			if err := r.updateRefs(ctx, p, e.q, []string{undone}); err != nil {
				return err
			}
		}
		pub := &publishing{
			r: r, p: p, s: s, u: e.u, q: e.q, rec: e.rec, index: e.tree.index, state: e.state, fetched: e.tree.fetched,
			v: session.Verified{Commit: e.rec.Commit, Files: e.rec.Files},
		}
		if err := pub.checkInTheWay(ctx, e.tree); err != nil {
			return err
		}
		return pub.writeFiles(ctx)
	}))
}

// commitEdits makes a commit above result of the difference between what was published and what the worktree is.
func (r *Repos) commitEdits(ctx context.Context, p session.Project, e edited, result string) (string, error) {
	at := inside(e.q)
	tree := e.state
	if result != e.rec.Files {
		// merge-tree takes its base from history, so it is given one: both sides upon what was published.
		var sides [3]string
		var parents []string
		for i, from := range []string{e.rec.Files, result, e.state} {
			var err error
			if sides[i], err = r.commitTree(ctx, at, from+"^{tree}", parents, appName, appEmail, "side"); err != nil {
				return "", fmt.Errorf("merge your changes: %w", err)
			}
			parents = sides[:1]
		}
		out, err := r.output(ctx, at, nil, "merge-tree", "--write-tree", "--no-messages", sides[1], sides[2])
		if err != nil && !exited(err, 1) { // 1 says that there are conflicts
			return "", fmt.Errorf("merge your changes: %w", err)
		}
		tree, _, _ = strings.Cut(string(out), "\n")
	}
	name, email, err := r.Identity(ctx, p)
	if err != nil {
		return "", err
	}
	commit, err := r.commitTree(ctx, at, tree, []string{result}, name, email, "Changes made in the worktree")
	if err != nil {
		return "", fmt.Errorf("keep your changes: %w", err)
	}
	return commit, nil
}

// edited is a worktree with what the user changed in it.
type edited struct {
	u     repo
	q     string
	rec   record
	dirty []string // paths that may differ
	state string   // tree of the files as they are
	tree  *tree    // nil where there is no worktree
}

// changes compares what was published with what is there.
func (e edited) changes(ctx context.Context, r *Repos) ([]change, error) {
	if len(e.dirty) == 0 {
		return nil, nil
	}
	return r.fullDiff(ctx, inside(e.q), e.rec.Files, e.state)
}

// withEdits looks at the worktree through an index of our own and calls f with what it found, under the session's lock.
// A session without a worktree has no edits.
func (r *Repos) withEdits(ctx context.Context, p session.Project, s session.Session,
	f func(context.Context, edited) error) error {
	q, u, err := r.quarantine(ctx, p, s)
	if err != nil {
		return err
	}
	ctx, unlock, err := r.lock(ctx, p.ID, string(s.ID))
	if err != nil {
		return err
	}
	defer unlock()
	e := edited{u: u, q: q}
	if e.rec, err = r.loadRecord(s); err != nil {
		return err
	}
	e.rec.follow(u)
	if e.rec.Files == "" || !exists(e.rec.Worktree) {
		return f(ctx, e)
	}
	kept, index := filepath.Join(r.sessionDir(s), "index"), filepath.Join(r.sessionDir(s), "index.edits")
	t, err := r.openTree(ctx, u, q, e.rec.Worktree, index)
	if err != nil {
		return err
	}
	if e.rec.linked(u) {
		t.user = e.rec.admin(u)
	}
	e.tree = t
	if e.rec.NextFiles != "" { // half-written: the next Publish completes it, and tells what is the user's
		return conflict("The worktree is not up to date.",
			"Open the worktree once to bring it up to date, then try again.", nil)
	}
	if err := copyFile(kept, index); errors.Is(err, os.ErrNotExist) {
		err = t.reset(ctx, e.rec.Files)
		if err != nil {
			return err
		}
	} else if err != nil {
		return err
	}
	defer func() { _ = os.Remove(index) }()
	if e.dirty, err = t.changed(ctx, u); err != nil {
		return err
	}
	if err := t.stage(ctx, e.dirty); err != nil {
		return err
	}
	if e.state, err = t.write(ctx); err != nil {
		return fmt.Errorf("read worktree: %w", err)
	}
	return f(ctx, e)
}
