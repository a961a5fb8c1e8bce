package gitrepo

import (
	"context"
	"fmt"
	"path/filepath"
)

// tree is the folder, seen with its own git directory and index but without filters of any kind.
func (c *checkout) tree(ctx context.Context) (*tree, error) {
	t, err := c.r.openTree(ctx, c.u, c.dir, c.path, filepath.Join(c.dir, "index"))
	if err != nil {
		return nil, err
	}
	t.at.config = append(t.at.config, c.r.withoutFilters(ctx, c.u)...)
	return t, nil
}

// checkClean refuses a folder with uncommitted changes, or in which something is going on: the user is at work there. Files that git
// does not know may be there; where one is in the way, change refuses.
func (c *checkout) checkClean(ctx context.Context) error {
	for _, name := range []string{"MERGE_HEAD", "CHERRY_PICK_HEAD", "REVERT_HEAD", "rebase-merge", "rebase-apply", "BISECT_LOG"} {
		if exists(filepath.Join(c.dir, name)) {
			return conflict(fmt.Sprintf("In %s a merge, rebase or the like is going on.", c.path), "Finish it, then try again.", nil)
		}
	}
	// Read from the files: on the command line it is off for all commands here, which would check out everything.
	for _, scope := range []string{"--local", "--worktree"} {
		if on, err := c.r.line(ctx, place{dir: c.dir}, "config", scope, "--bool", "--get", "core.sparseCheckout"); err == nil && on == "true" {
			return conflict(fmt.Sprintf("%s is checked out in part only (sparse), in %s.", c.branch, c.path), "Merge into another branch, or check it out whole with `git sparse-checkout disable`.", nil)
		}
	}
	t, err := c.tree(ctx)
	if err != nil {
		return err
	}
	out, err := c.r.output(ctx, t.at, nil, "status", "--porcelain", "-z", "--untracked-files=no", "--ignore-submodules=all", "--no-renames")
	if err != nil {
		return fmt.Errorf("look for changes: %w", err)
	}
	if changed := splitZ(out); len(changed) > 0 {
		return conflict(fmt.Sprintf("%s is checked out in %s, with changes that are not committed (%s).", c.branch, c.path, validPath(changed[0][min(3, len(changed[0])):])),
			"Commit or stash them, then try again. Or merge into another branch.", nil)
	}
	return nil
}

// change brings the folder's files and index from one commit to another. It overwrites nothing that is not as in from.
func (c *checkout) change(ctx context.Context, from, to string) error {
	t, err := c.tree(ctx)
	if err != nil {
		return err
	}
	err = c.r.quiet(ctx, t.at, nil, "read-tree", "-m", "-u", from, to)
	if stderrHas(err, "would be overwritten") || stderrHas(err, "not uptodate") {
		return conflict(fmt.Sprintf("In %s a file is in the way: %s.", c.path, firstCause(err)), "Move it, or commit it; then try again.", err)
	}
	if stderrHas(err, "index.lock") {
		return conflict(fmt.Sprintf("Another git command is at work in %s.", c.path), "Let it end, then try again.", err)
	}
	return err
}
