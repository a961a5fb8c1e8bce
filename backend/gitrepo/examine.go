package gitrepo

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"background-agents/backend/session"
)

// examine finds out what the worktree's files are, and refuses to go on where they are not ours to replace. Nothing in
// the worktree is written. Afterwards pub.index is an index of the files as they are, and pub.state their tree.
func (pub *publishing) examine(ctx context.Context, linked bool) error {
	if err := os.MkdirAll(filepath.Dir(pub.index), 0o700); err != nil {
		return err
	}
	t, err := pub.tree(ctx)
	if err != nil {
		return err
	}
	entries, err := os.ReadDir(pub.rec.Worktree)
	if pub.rec.Worktree == "" || errors.Is(err, os.ErrNotExist) || err == nil && len(entries) == 0 {
		if pub.state, err = t.emptyTree(ctx); err != nil { // new, or deleted by hand
			return err
		}
		return t.reset(ctx, "")
	}
	if err != nil {
		return fmt.Errorf("read worktree: %w", err)
	}
	if linked {
		if err := pub.r.checkStaged(ctx, pub.u, pub.q, pub.rec, pub.rec.trees(pub.v.Commit, pub.v.Files)); err != nil {
			return err
		}
	}
	half := pub.rec.NextFiles != "" || !linked
	kept := filepath.Join(filepath.Dir(pub.index), "index")
	if half || copyFile(kept, pub.index) != nil {
		err = t.reset(ctx, pub.rec.Files)
	}
	if err != nil {
		return err
	}
	dirty, err := t.changed(ctx, pub.u)
	if err != nil {
		return err
	}
	pub.fetched = t.fetched
	if pub.rec.NextFiles != "" {
		// What was being written is looked at even where it is ignored.
		before, err := pub.before(ctx, t)
		if err != nil {
			return err
		}
		changes, err := pub.r.rawDiff(ctx, t.beside(), before, pub.rec.NextFiles, false)
		if err != nil {
			return err
		}
		for _, c := range changes {
			dirty = append(dirty, c.path)
		}
	}
	if err := t.stage(ctx, dirty); err != nil {
		var told *session.Error
		if errors.As(err, &told) {
			return pub.changedByUser(dirty[0], told)
		}
		return err
	}
	if pub.state, err = t.write(ctx); err != nil {
		return err
	}
	if err := pub.checkDirty(ctx, t, dirty, half); err != nil {
		return err
	}
	return pub.checkInTheWay(ctx, t)
}

func (pub *publishing) tree(ctx context.Context) (*tree, error) {
	t, err := pub.r.openTree(ctx, pub.u, pub.q, pub.rec.Worktree, pub.index)
	if err == nil && pub.rec.linked(pub.u) {
		t.user = pub.rec.admin(pub.u)
	}
	return t, err
}

// checkDirty refuses paths whose files are not what a result of ours has there: the one before, or the new one; the
// user's change as the agent got it, if the result builds on it; and, after a crash, the result that was being written,
// be it only its beginning.
func (pub *publishing) checkDirty(ctx context.Context, t *tree, dirty []string, half bool) error {
	if len(dirty) == 0 {
		return nil
	}
	foreign := map[string]bool{}
	for _, path := range dirty {
		foreign[path] = true
	}
	differ := func(from, to string) (map[string]change, error) {
		changes, err := pub.r.rawDiff(ctx, t.beside(), from, to, false)
		set := make(map[string]change, len(changes))
		for _, c := range changes {
			set[c.path] = c
		}
		return set, err
	}
	before, err := pub.before(ctx, t)
	if err != nil {
		return err
	}
	// explains removes paths that are as result has them; of these, if needed is set, only those that it changed.
	explains := func(result string, needed map[string]change) error {
		other, err := differ(pub.state, result)
		for path := range foreign {
			_, differs := other[path]
			_, changed := needed[path]
			if !differs && (needed == nil || changed) {
				delete(foreign, path)
			}
		}
		return err
	}
	for _, result := range []string{before, pub.v.Files} {
		if err := explains(result, nil); err != nil {
			return err
		}
	}
	if pub.rec.Sent != "" && len(foreign) > 0 {
		built, err := differ(before, pub.v.Files)
		if err != nil {
			return err
		}
		if err := explains(pub.rec.Sent, built); err != nil {
			return err
		}
	}
	if next := pub.rec.NextFiles; half && next != "" && len(foreign) > 0 {
		if err := explains(next, nil); err != nil {
			return err
		}
		written, err := differ(before, next)
		if err != nil {
			return err
		}
		for path := range foreign {
			if c, ok := written[path]; ok && pub.begun(ctx, t, path, c) {
				delete(foreign, path)
			}
		}
	}
	for path := range foreign {
		return pub.changedByUser(path, nil)
	}
	return nil
}

// before is what the worktree held until the last Publish began.
func (pub *publishing) before(ctx context.Context, t *tree) (string, error) {
	if pub.rec.Files != "" {
		return pub.rec.Files, nil
	}
	return t.emptyTree(ctx)
}

func (pub *publishing) changedByUser(path string, cause error) error {
	return conflict(fmt.Sprintf("You changed files in the worktree, for example %s.", validPath(path)),
		"Send your changes to the agent, or undo them; then try again.", cause)
}

// begun reports whether the file is the beginning of what was being written when the application was killed.
func (pub *publishing) begun(ctx context.Context, t *tree, path string, c change) bool {
	if _, err := t.lstat(path); err != nil {
		return true // removed already, to be written again
	}
	f, err := os.Open(filepath.Join(t.path, path))
	if err != nil {
		return false
	}
	defer func() { _ = f.Close() }()
	if strings.Trim(c.newID, "0") == "" {
		return false
	}
	prefix := false
	_ = pub.r.run(ctx, t.at, nil, func(whole io.Reader) error {
		prefix = isPrefix(f, whole)
		return errEnough
	}, "cat-file", "blob", c.newID)
	return prefix
}

func isPrefix(part, whole io.Reader) bool {
	a, b := make([]byte, 64<<10), make([]byte, 64<<10)
	for {
		n, err := io.ReadFull(part, a)
		if n == 0 {
			return errors.Is(err, io.EOF)
		}
		if m, _ := io.ReadFull(whole, b[:n]); m < n || !bytes.Equal(a[:n], b[:n]) {
			return false
		}
	}
}
