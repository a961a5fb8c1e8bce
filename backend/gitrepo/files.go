package gitrepo

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// checkInTheWay refuses a result that adds a file where there is one that git does not know, such as one that is
// ignored: it may be the user's, and git would replace it.
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
	return conflict(fmt.Sprintf("The file %s in the worktree is not the agent's, and the result has one of that name.",
		validPath(path)),
		"Move your file away, then try again.", nil)
}

// writeFiles brings the files from pub.state to the result, and installs the index that the user's git sees: that of
// the commit, so that the rest shows as uncommitted and untracked.
func (pub *publishing) writeFiles(ctx context.Context) error {
	t, err := pub.tree(ctx)
	if err != nil {
		return err
	}
	if err := pub.dropFetched(ctx, t); err != nil {
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
	if err := pub.ageFiltered(ctx, t); err != nil {
		return fmt.Errorf("write the worktree: %w", err)
	}
	committed := t.index
	if pub.v.Commit != pub.v.Files {
		// Entries that are the same keep what is known of their files, so that the user's git need not read them.
		committed = t.index + ".commit"
		err := pub.r.quiet(ctx, t.at, nil, "read-tree", "-m", "--index-output="+committed, pub.v.Commit)
		if err != nil {
			return fmt.Errorf("write index: %w", err)
		}
	}
	if err := installIndex(ctx, pub.rec.admin(pub.u), committed); err != nil {
		return err
	}
	return os.Rename(t.index, filepath.Join(filepath.Dir(t.index), "index"))
}

// dropFetched removes files that a filter of the user's made and whose content in the repository changes: git would
// take them for changed by the user. Of Git LFS the user's own store has the content, of others the repository.
func (pub *publishing) dropFetched(ctx context.Context, t *tree) error {
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

// filteredAge is how much older than now a file is made that a filter of the user's is meant for.
const filteredAge = 2 * time.Second

// ageFiltered makes the written files for which the user has a filter older than the index. The user's git reads files
// again that are as new as the index, and with its filter it would take them for changed: they are as they are in the
// repository.
func (pub *publishing) ageFiltered(ctx context.Context, t *tree) error {
	if t.user == "" {
		return nil
	}
	filters := pub.r.userFilters(ctx, t.user)
	if len(filters) == 0 {
		return nil
	}
	changes, err := pub.r.rawDiff(ctx, t.beside(), pub.state, pub.v.Files, false)
	if err != nil {
		return err
	}
	var paths []string
	for _, c := range changes {
		if strings.HasPrefix(c.newMode, "100") {
			paths = append(paths, c.path)
		}
	}
	at := pub.r.withAttributes(ctx, place{dir: t.user, tree: t.path, work: t.path})
	selected, err := pub.r.filterOf(ctx, at, paths)
	if err != nil {
		return err
	}
	then, aged := time.Now().Add(-filteredAge), false
	for path, name := range selected {
		if info, err := t.lstat(path); filters[name].clean && err == nil && info.Mode().IsRegular() {
			if err := os.Chtimes(filepath.Join(t.path, filepath.FromSlash(path)), time.Time{}, then); err != nil {
				return err
			}
			aged = true
		}
	}
	if !aged {
		return nil
	}
	return t.refresh(ctx)
}
