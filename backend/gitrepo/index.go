package gitrepo

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"background-agents/backend/session"
)

// installIndex makes from the index that the user's git sees in the worktree. It respects git's lock; one that
// a crash of ours left is told by being the same file as our copy.
func installIndex(ctx context.Context, admin, from string) error {
	copied, lock := filepath.Join(admin, "background-agents-index"), filepath.Join(admin, "index.lock")
	clearOurLock(admin)
	if err := copyFile(from, copied); err != nil {
		return fmt.Errorf("write index: %w", err)
	}
	defer func() { _ = os.Remove(copied) }()
	for deadline := time.Now().Add(lockWait); ; {
		err := os.Link(copied, lock)
		if err == nil {
			break
		}
		if !os.IsExist(err) { // no hard links here
			if err := copyFile(from, lock); err != nil {
				return fmt.Errorf("write index: %w", err)
			}
			break
		}
		if time.Now().After(deadline) {
			return conflict("Another git command in the worktree did not end within "+session.Spell(lockWait)+".",
				"Try again when it has ended. If there is none, remove "+lock+".", err)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(lockCheck):
		}
	}
	return os.Rename(lock, filepath.Join(admin, "index"))
}

func clearOurLock(admin string) {
	copied, lock := filepath.Join(admin, "background-agents-index"), filepath.Join(admin, "index.lock")
	if sameFile(copied, lock) {
		_ = os.Remove(lock)
	}
	_ = os.Remove(copied)
}

// copyFile copies an index with its time, by which git tells files that changed in the same moment.
func copyFile(from, to string) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer func() { _ = in.Close() }()
	info, err := in.Stat()
	if err != nil {
		return err
	}
	out, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o644)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	if closeErr := out.Close(); err == nil {
		err = closeErr
	}
	if err == nil {
		err = os.Chtimes(to, time.Time{}, info.ModTime())
	}
	return err
}

// checkStaged refuses to go on where the user's index holds what is in none of the trees: staged work of the user's.
// What was only staged of the agent's own files loses nothing by being unstaged.
func (r *Repos) checkStaged(ctx context.Context, u repo, q string, rec record, trees []string) error {
	admin := rec.admin(u)
	clearOurLock(admin)
	if !exists(filepath.Join(admin, "index")) {
		return nil
	}
	at := place{dir: admin, borrow: []string{filepath.Join(q, "objects")}, hostile: true}
	var foreign map[string]bool
	for _, tree := range trees {
		out, err := r.output(ctx, at, nil, "diff-index", "--cached", "--name-only", "-z", "--no-renames", "--ignore-submodules=none", tree)
		if err != nil {
			return fmt.Errorf("read the worktree's index: %w", err)
		}
		differs := map[string]bool{}
		for _, path := range splitZ(out) {
			if foreign == nil || foreign[path] {
				differs[path] = true
			}
		}
		if foreign = differs; len(foreign) == 0 {
			return nil
		}
	}
	for path := range foreign {
		return conflict(fmt.Sprintf("You have staged changes in the worktree, for example of %s.", validPath(path)),
			"Unstage them, or send your changes to the agent; then try again.", nil)
	}
	return nil
}

// checkHead refuses to go on where the user has left the session's branch in the worktree.
func (r *Repos) checkHead(ctx context.Context, u repo, s session.Session, rec record) error {
	head, err := r.line(ctx, place{dir: rec.admin(u)}, "symbolic-ref", "-q", "HEAD")
	if err == nil && head == "refs/heads/"+s.Branch {
		return nil
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return conflict(fmt.Sprintf("The worktree is not on the branch %s any more.", s.Branch),
		fmt.Sprintf("Run `git switch %s` in %s, then try again.", s.Branch, rec.Worktree), nil)
}
