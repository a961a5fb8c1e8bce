package gitrepo

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// checkInTheWay refuses a result that adds a file where there is one that git does not know, such as one that is ignored: it
// may be the user's, and git would replace it.
func (pub *publishing) checkInTheWay(ctx context.Context, t *tree) error {
	changes, err := pub.r.rawDiff(ctx, t.beside(), pub.state, pub.v.Files, false)
	if err != nil {
		return err
	}
	replaced := map[string]bool{} // files that go, or become something else
	for _, c := range changes {
		if c.status != "added" {
			replaced[c.path] = true
		}
	}
	folders := map[string]bool{".": true} // known to be folders, or to come
	for _, c := range changes {
		if c.status != "added" {
			continue
		}
		for dir := filepath.ToSlash(filepath.Dir(c.path)); !folders[dir]; dir = filepath.ToSlash(filepath.Dir(dir)) {
			if info, err := os.Lstat(filepath.Join(t.path, dir)); err == nil && !info.IsDir() && !replaced[dir] {
				return pub.inTheWay(dir)
			}
			folders[dir] = true
		}
		info, err := t.lstat(c.path)
		if err != nil {
			continue
		}
		if !info.IsDir() {
			return pub.inTheWay(c.path)
		}
		err = filepath.WalkDir(filepath.Join(t.path, c.path), func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			if rel, err := filepath.Rel(t.path, path); err != nil || !replaced[filepath.ToSlash(rel)] {
				return pub.inTheWay(filepath.ToSlash(rel))
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func (pub *publishing) inTheWay(path string) error {
	return conflict(fmt.Sprintf("The file %s in the worktree is not the agent's, and the result has one of that name.", validPath(path)),
		"Move your file away, then try again.", nil)
}

// writeFiles brings the files from pub.state to the result, and installs the index that the user's git sees: that of the
// commit, so that the rest shows as uncommitted and untracked.
func (pub *publishing) writeFiles(ctx context.Context) error {
	t, err := pub.tree(ctx)
	if err != nil {
		return err
	}
	if err := pub.dropFetchedLFS(ctx, t); err != nil {
		return err
	}
	_ = os.Remove(t.index + ".lock")
	err = pub.r.quiet(ctx, t.at, nil, "read-tree", "-m", "-u", pub.state, pub.v.Files)
	if stderrHas(err, "not uptodate") || stderrHas(err, "would be overwritten") || stderrHas(err, "would be lost") {
		return conflict("A file in the worktree was changed just now.", "Try again when nothing changes it.", err)
	}
	if err != nil {
		return fmt.Errorf("write the worktree: %w", err)
	}
	committed := t.index
	if pub.v.Commit != pub.v.Files {
		// Entries that are the same keep what is known of their files, so that the user's git need not read them.
		committed = t.index + ".commit"
		if err := pub.r.quiet(ctx, t.at, nil, "read-tree", "-m", "--index-output="+committed, pub.v.Commit); err != nil {
			return fmt.Errorf("write index: %w", err)
		}
	}
	if err := installIndex(ctx, pub.rec.admin(pub.u), committed); err != nil {
		return err
	}
	return os.Rename(t.index, filepath.Join(filepath.Dir(t.index), "index"))
}

// dropFetchedLFS removes fetched files whose pointer changes: git would take them for changed by the user. Their content
// is in the user's own store of Git LFS.
func (pub *publishing) dropFetchedLFS(ctx context.Context, t *tree) error {
	if len(pub.fetched) == 0 {
		return nil
	}
	changes, err := pub.r.rawDiff(ctx, t.beside(), pub.state, pub.v.Files, false, pub.fetched...)
	for _, c := range changes {
		if removeErr := os.Remove(filepath.Join(t.path, c.path)); removeErr != nil && !os.IsNotExist(removeErr) {
			return removeErr
		}
	}
	return err
}
