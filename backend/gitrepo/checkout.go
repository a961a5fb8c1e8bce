package gitrepo

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"
)

// tree is the folder, seen with its own git directory and index but without filters of any kind.
func (c *checkout) tree(ctx context.Context) (*tree, error) {
	t, err := c.r.openTree(ctx, c.u, c.dir, c.path, filepath.Join(c.dir, "index"))
	if err != nil {
		return nil, err
	}
	t.at.config = append(t.at.config, c.r.withoutFilters(ctx, c.u)...)
	t.at = c.r.withAttributes(ctx, t.at)
	return t, nil
}

// checkClean refuses a folder with uncommitted changes, or in which something is going on: the user is at work there.
// Files that git does not know may be there; where one is in the way, change refuses.
func (c *checkout) checkClean(ctx context.Context) error {
	going := []string{"MERGE_HEAD", "CHERRY_PICK_HEAD", "REVERT_HEAD", "rebase-merge", "rebase-apply", "BISECT_LOG"}
	for _, name := range going {
		if exists(filepath.Join(c.dir, name)) {
			return conflict(fmt.Sprintf("In %s a merge, rebase or the like is going on.", c.path),
				"Finish it, then try again.", nil)
		}
	}
	// Read from the files: on the command line it is off for all commands here, which would check out everything.
	for _, scope := range []string{"--local", "--worktree"} {
		on, err := c.r.line(ctx, place{dir: c.dir}, "config", scope, "--bool", "--get", "core.sparseCheckout")
		if err == nil && on == "true" {
			return conflict(fmt.Sprintf("%s is checked out in part only (sparse), in %s.", c.branch, c.path),
				"Merge into another branch, or check it out whole with `git sparse-checkout disable`.", nil)
		}
	}
	t, err := c.tree(ctx)
	if err != nil {
		return err
	}
	racy, err := c.findEdits(ctx, t)
	if err != nil || len(racy) == 0 {
		return err
	}
	return c.age(ctx, t, racy)
}

// findEdits refuses a folder with changes, or with files of which only a filter can tell. It returns the files that git
// would read again because they are as new as the index.
func (c *checkout) findEdits(ctx context.Context, t *tree) (racy []string, err error) {
	changed, modified, err := c.r.status(ctx, t.at, "--untracked-files=no")
	if err != nil {
		return nil, fmt.Errorf("look for changes: %w", err)
	}
	s, err := c.r.sift(ctx, t.at, modified)
	if err != nil {
		return nil, err
	}
	if changed = append(changed, s.edited...); len(changed) > 0 {
		return nil, conflict(
			fmt.Sprintf("%s is checked out in %s, with changes that are not committed (%s).",
				c.branch, c.path, validPath(changed[0])),
			"Commit or stash them, then try again. Or merge into another branch.", nil)
	}
	if len(s.unsure) > 0 {
		return nil, conflict(
			fmt.Sprintf("Only a filter of yours can tell whether %s in %s was changed, and none runs here.",
				validPath(s.unsure[0]), c.path),
			"Run `git status` there. If it lists the file, commit or stash it. Then try again.", nil)
	}
	return s.racy, nil
}

// age makes the index newer than files that were found to be unchanged, so that git does not read them again: without
// their filter it would take them for changed. It first lets their second end, so that an edit has another time.
func (c *checkout) age(ctx context.Context, t *tree, racy []string) error {
	var newest time.Time
	for _, path := range racy {
		if info, err := t.lstat(path); err == nil && info.ModTime().After(newest) {
			newest = info.ModTime()
		}
	}
	if wait := time.Until(newest.Truncate(time.Second).Add(time.Second)); wait > 0 && wait < agingWait {
		select {
		case <-time.After(wait):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	if _, err := c.findEdits(ctx, t); err != nil {
		return err
	}
	return os.Chtimes(t.index, time.Time{}, time.Now())
}

// checkFilters refuses a change of files that a filter of the user's makes: they would be written as they are in the
// repository, encrypted for example. Git LFS knows its pointers in a checkout.
func (c *checkout) checkFilters(ctx context.Context, from, to, branch string) error {
	filters := c.r.userFilters(ctx, c.dir)
	delete(filters, "lfs")
	for name, f := range filters {
		if !f.smudge {
			delete(filters, name)
		}
	}
	if len(filters) == 0 {
		return nil
	}
	t, err := c.tree(ctx)
	if err != nil {
		return err
	}
	changes, err := c.r.rawDiff(ctx, t.beside(), from, to, false)
	if err != nil {
		return err
	}
	var paths []string
	for _, change := range changes {
		if change.newMode != "000000" {
			paths = append(paths, change.path)
		}
	}
	selected, err := c.r.filterOf(ctx, t.at, paths)
	if err != nil {
		return err
	}
	for _, path := range paths {
		if _, ok := filters[selected[path]]; ok {
			return conflict(
				fmt.Sprintf("The merge changes %s, which your filter %q makes for the checkout in %s; no filter runs here.",
					validPath(path), selected[path], c.path),
				"Merge it there yourself: "+commandLine([]string{"git", "merge", branch}), nil)
		}
	}
	return nil
}

// change brings the folder's files and index from one commit to another. It overwrites nothing that is not as in from.
func (c *checkout) change(ctx context.Context, from, to string) error {
	t, err := c.tree(ctx)
	if err != nil {
		return err
	}
	// A repository that was copied or restored has files which the index takes for others until it has read them.
	err = c.r.quiet(ctx, t.at, nil, "update-index", "-q", "--refresh")
	if err == nil || exited(err, 1) { // files of filters, which do not run here
		err = c.r.quiet(ctx, t.at, nil, "read-tree", "-m", "-u", from, to)
	}
	if stderrHas(err, "would be overwritten") || stderrHas(err, "not uptodate") {
		return conflict(fmt.Sprintf("In %s a file is in the way: %s.", c.path, firstCause(err)),
			"Move it, or commit it; then try again.", err)
	}
	if stderrHas(err, "index.lock") {
		return conflict(fmt.Sprintf("Another git command is at work in %s.", c.path),
			"Let it end, then try again.", err)
	}
	return err
}

// status runs `git status` and returns the paths that are changed in any way but one, and those whose files alone seem
// modified.
func (r *Repos) status(ctx context.Context, at place, flags ...string) (changed, modified []string, err error) {
	args := slices.Concat([]string{"status", "--porcelain", "-z", "--ignore-submodules=all", "--no-renames"}, flags)
	out, err := r.output(ctx, at, nil, args...)
	for _, entry := range splitZ(out) {
		switch code, path := entry[:min(3, len(entry))], entry[min(3, len(entry)):]; code {
		case " M ":
			modified = append(modified, path)
		default:
			changed = append(changed, path)
		}
	}
	return changed, modified, err
}
