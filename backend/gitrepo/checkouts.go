package gitrepo

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"background-agents/backend/session"
)

// checkout is one of the user's folders in which a branch is checked out.
type checkout struct {
	r      *Repos
	u      repo
	path   string // the folder with the files; "" where git cannot name it
	dir    string // its git directory, "" where a worktree's folder is gone or does not name it
	branch string
}

// A worktree that is just being added, by another session or by the user's own git, has files that are still empty: git
// then fails to list any. It is listed again, listTries times in all.
const (
	listTries = 20
	listPause = 50 * time.Millisecond
)

func (r *Repos) listWorktrees(ctx context.Context, u repo) (out []byte, err error) {
	for range listTries {
		out, err = r.output(ctx, u.place(), nil, "worktree", "list", "--porcelain", "-z")
		if !stderrHas(err, "failed to read") {
			break
		}
		select {
		case <-time.After(listPause):
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	return out, err
}

// checkouts lists where branches are checked out. `git worktree list` names the folder of a linked worktree, but for
// the main checkout it prints the git directory when that is not called .git: so the main checkout is looked up by
// mainCheckout.
func (r *Repos) checkouts(ctx context.Context, u repo) ([]checkout, error) {
	out, err := r.listWorktrees(ctx, u)
	if err != nil {
		return nil, fmt.Errorf("list worktrees: %w", err)
	}
	var list []checkout
	main, path := true, ""
	for _, field := range splitZ(out) {
		switch name, value, _ := strings.Cut(field, " "); {
		case field == "":
			main = false // an empty field ends each entry; the main checkout is the first
		case name == "worktree":
			path = filepath.FromSlash(value)
		case name == "branch":
			c := checkout{r: r, u: u, path: path, branch: strings.TrimPrefix(value, "refs/heads/")}
			if main {
				if r.isBare(ctx, u.common) { // its HEAD names a branch, but no folder has the branch's files
					continue
				}
				c.dir, c.path = u.common, r.mainCheckout(ctx, u)
			} else {
				c.dir, _ = readPointer(filepath.Join(path, ".git"), "gitdir: ")
			}
			list = append(list, c)
		}
	}
	return list, nil
}

// mainCheckout asks git for the folder whose files belong to the repository's own HEAD. It returns "" where no folder
// is known that git says this of: a folder with a `.git` file or link can be anywhere, and nothing in the git directory
// names it.
func (r *Repos) mainCheckout(ctx context.Context, u repo) string {
	if tree, err := r.line(ctx, place{dir: u.common}, "config", "--get", "core.worktree"); err == nil && tree != "" {
		if !filepath.IsAbs(tree) {
			tree = filepath.Join(realPath(u.common), tree)
		}
		if info, err := os.Stat(tree); err == nil && info.IsDir() {
			return filepath.Clean(tree)
		}
		return ""
	}
	candidates := []string{u.path}
	if filepath.Base(u.common) == ".git" {
		candidates = append(candidates, filepath.Dir(u.common))
	}
	for _, folder := range slices.Compact(candidates) {
		if r.isCheckoutOf(ctx, folder, u.common) {
			return folder
		}
	}
	return ""
}

// isCheckoutOf asks git whether folder is the top of a checkout whose git directory is dir.
func (r *Repos) isCheckoutOf(ctx context.Context, folder, dir string) bool {
	at := place{work: folder, configured: true}
	top, err := r.line(ctx, at, "rev-parse", "--show-toplevel")
	if err != nil || !sameFile(filepath.FromSlash(top), folder) {
		return false
	}
	found, err := r.line(ctx, at, "rev-parse", "--absolute-git-dir")
	return err == nil && sameFile(filepath.FromSlash(found), dir)
}

// isBare reports whether a git directory has no checkout of its own.
func (r *Repos) isBare(ctx context.Context, dir string) bool {
	at := place{work: dir, configured: true, config: []string{"safe.bareRepository=all"}}
	bare, err := r.line(ctx, at, "rev-parse", "--is-bare-repository")
	return err == nil && bare == "true"
}

func realPath(path string) string {
	if real, err := filepath.EvalSymlinks(path); err == nil {
		return real
	}
	return path
}

// findCheckout returns where a branch is checked out, nil where it is not.
func (r *Repos) findCheckout(ctx context.Context, u repo, branch string) (*checkout, error) {
	list, err := r.checkouts(ctx, u)
	if err != nil {
		return nil, err
	}
	for _, c := range list {
		if c.branch != branch || c.path != "" && !exists(c.path) {
			continue
		}
		if c.path == "" {
			return nil, conflict(fmt.Sprintf("%s is checked out, but git can't tell in which folder: its git folder %s is apart from its files.", branch, u.common),
				"Add the project from the folder with the files, or merge into another branch.", nil)
		}
		if rel, err := filepath.Rel(r.worktreeRoot(), c.path); err == nil && filepath.IsLocal(rel) {
			return nil, fail(session.CodeInvalid, fmt.Sprintf("%s is the branch of another session.", branch), "Choose a branch of your own.", nil)
		}
		if !c.dirBelongs() || sameFile(c.path, c.dir) {
			continue // another folder has taken the place of a worktree that is gone
		}
		return &c, nil
	}
	return nil, nil
}

// dirBelongs reports whether the checkout's git directory is the repository's own or one of its worktrees/.
func (c checkout) dirBelongs() bool {
	return sameFile(c.dir, c.u.common) || sameFile(filepath.Dir(c.dir), filepath.Join(c.u.common, "worktrees"))
}
