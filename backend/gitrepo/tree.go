package gitrepo

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"background-agents/backend/session"
)

// tree is a worktree's files, seen by git with the quarantine as its git directory and an index of ours: neither the
// user's repository nor its configuration is open while they are written or scanned.
type tree struct {
	r     *Repos
	at    place
	path  string
	index string
	// user is the folder's git directory in the user's repository, "" for none. It is asked for what the user's git
	// knows of the files, and never written.
	user string
	// fetched are files that filters of the user's made of what the index has, found by changed.
	fetched []string
}

// droppings are untracked files that editors and systems leave in every folder that they open. They are no change of
// the user's; where one is in the way of a result, it still is not overwritten.
var droppings = []string{".DS_Store", "Thumbs.db", "desktop.ini", ".idea/", ".vs/", "*.swp", "*.swo", "*~", ".#*",
	"#*#", ".directory"}

// treeConfig is what of the user's configuration says how files look on this disk.
var treeConfig = `^core\.(autocrlf|eol|safecrlf|filemode|symlinks|ignorecase|precomposeunicode|checkstat|trustctime)$`

func (r *Repos) openTree(ctx context.Context, u repo, q, path, index string) (*tree, error) {
	t := &tree{r: r, path: path, index: index, at: place{dir: q, tree: path, work: path, index: index, hostile: true}}
	user := place{dir: u.common, configured: true}
	out, _ := r.output(ctx, user, nil, "config", "-z", "--get-regexp", treeConfig)
	for _, field := range splitZ(out) {
		name, value, given := strings.Cut(field, "\n")
		if !given {
			value = "true"
		}
		t.at.config = append(t.at.config, name+"="+value)
	}
	if excludes, err := r.line(ctx, user, "config", "--type=path", "--get", "core.excludesFile"); err == nil {
		t.at.config = append(t.at.config, "core.excludesFile="+excludes)
	}
	return t, ctx.Err()
}

// refresh brings what the index knows of the files' times up to date.
func (t *tree) refresh(ctx context.Context) error {
	_ = os.Remove(t.index + ".lock") // the session's lock is held: it is a leftover
	err := t.r.quiet(ctx, t.at, nil, "update-index", "-q", "--refresh")
	if exited(err, 1) { // some are changed
		return nil
	}
	return err
}

// changed lists the paths that differ from the index, and those that are not in it.
func (t *tree) changed(ctx context.Context, u repo) ([]string, error) {
	if err := t.refresh(ctx); err != nil {
		return nil, fmt.Errorf("look for changes: %w", err)
	}
	out, err := t.r.output(ctx, t.at, nil, "diff-files", "--raw", "-z", "--no-abbrev", "--no-renames",
		"--ignore-submodules=all")
	if err != nil {
		return nil, fmt.Errorf("look for changes: %w", err)
	}
	changes, err := parseChanges(splitZ(out))
	if err != nil {
		return nil, err
	}
	paths, err := t.withoutFiltered(ctx, changes)
	if err != nil {
		return nil, err
	}
	args := []string{"ls-files", "--others", "--exclude-standard", "-z"}
	if exclude := filepath.Join(u.common, "info", "exclude"); exists(exclude) {
		args = append(args, "--exclude-from="+exclude)
	}
	for _, d := range droppings {
		args = append(args, "--exclude="+d)
	}
	if out, err = t.r.output(ctx, t.at, nil, args...); err != nil {
		return nil, fmt.Errorf("look for new files: %w", err)
	}
	for _, path := range splitZ(out) {
		if !strings.HasSuffix(path, "/") { // a repository of its own that the user made there
			paths = append(paths, path)
		}
	}
	return paths, nil
}

// stage brings paths of the index to what the files are. A file over Limits.Blob is refused.
func (t *tree) stage(ctx context.Context, paths []string) error {
	var there, gone []string
	for _, path := range paths {
		info, err := t.lstat(path)
		switch {
		case err != nil:
			gone = append(gone, path)
		case info.Mode().IsRegular() && info.Size() > t.r.config.Limits.Blob:
			return fail(session.CodeInvalid, fmt.Sprintf("%s in the worktree is larger than %d MB.", validPath(path),
				t.r.config.Limits.Blob>>20),
				"Move it out of the worktree, or have git ignore it.", nil)
		default:
			there = append(there, path)
		}
	}
	for _, step := range []struct {
		paths []string
		flag  string
	}{{gone, "--force-remove"}, {there, "--replace"}} {
		if len(step.paths) == 0 {
			continue
		}
		input := strings.NewReader(strings.Join(step.paths, "\x00") + "\x00")
		err := t.r.quiet(ctx, t.at, input, "update-index", "--add", "--remove", step.flag, "-z", "--stdin")
		if err != nil {
			return fmt.Errorf("read changed files: %w", err)
		}
	}
	return nil
}

// lstat looks at a path without following a link in it: what lies behind one is not in the worktree.
func (t *tree) lstat(path string) (os.FileInfo, error) {
	for i := range len(path) {
		if path[i] == '/' {
			if info, err := os.Lstat(filepath.Join(t.path, path[:i])); err != nil || !info.IsDir() {
				return nil, os.ErrNotExist
			}
		}
	}
	return os.Lstat(filepath.Join(t.path, path))
}

// beside is where commands run that look at index and objects only; the worktree may be missing.
func (t *tree) beside() place {
	at := t.at
	at.tree, at.work = "", ""
	return at
}

// write stores the index as a tree object.
func (t *tree) write(ctx context.Context) (string, error) {
	return t.r.line(ctx, t.beside(), "write-tree")
}

// reset makes the index hold what, "" for nothing, without a look at the files.
func (t *tree) reset(ctx context.Context, what string) error {
	_ = os.Remove(t.index + ".lock")
	if err := os.Remove(t.index); err != nil && !os.IsNotExist(err) {
		return err
	}
	if what == "" {
		what = "--empty"
	}
	return t.r.quiet(ctx, t.beside(), nil, "read-tree", what)
}

// emptyTree is the tree of nothing.
func (t *tree) emptyTree(ctx context.Context) (string, error) {
	return t.r.line(ctx, t.beside(), "mktree")
}
