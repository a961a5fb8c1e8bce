package gitrepo

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"unicode/utf8"

	"background-agents/backend/session"
)

// Inspect finds the repository that path lies in. A linked worktree belongs to the repository of its main checkout:
// Path is that one's, and Branch, Head and Dirty are the worktree's own. Where there is no commit yet, the repository
// comes with an error of CodeEmpty.
func (r *Repos) Inspect(ctx context.Context, path string) (session.Repository, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return session.Repository{}, explain(err)
	}
	info, err := os.Stat(path)
	if err != nil {
		return session.Repository{}, explain(notThere(path, err))
	}
	if !info.IsDir() {
		path = filepath.Dir(path)
	}
	u, here, err := r.discover(ctx, path)
	if err != nil {
		return session.Repository{}, explain(err)
	}
	if !utf8.ValidString(u.path) || !utf8.ValidString(here.path) {
		return session.Repository{}, fail(session.CodeInvalid,
			fmt.Sprintf("The path %s has bytes that are not UTF-8.", validPath(here.path)),
			"Rename the folder so that its name is UTF-8, then add it.", nil)
	}
	if u.shallow() {
		return session.Repository{}, errShallow(u)
	}
	found, err := r.describe(ctx, u, here)
	if err != nil {
		return found, explain(err)
	}
	return found, explain(r.checkComplete(ctx, u, found.Head))
}

func notThere(path string, err error) error {
	if !os.IsNotExist(err) {
		return err
	}
	return fail(session.CodeNotRepository, fmt.Sprintf("There is no folder %s.", path),
		"Choose a folder with a git repository.", err)
}

// discover asks git, which also refuses what belongs to somebody else. here is the linked worktree that path lies in,
// opened as a repository of its own; else it is u.
func (r *Repos) discover(ctx context.Context, path string) (u, here repo, err error) {
	at := place{work: path, configured: true, config: []string{"safe.bareRepository=all"}}
	dir, err := r.line(ctx, at, "rev-parse", "--absolute-git-dir")
	switch {
	case stderrHas(err, "dubious ownership"):
		return u, here, fail(session.CodeInvalid,
			fmt.Sprintf("Git does not trust %s, because it belongs to another user.", path),
			fmt.Sprintf("If you do, run: git config --global --add safe.directory '%s'", path), err)
	case stderrHas(err, "not a git repository"):
		return u, here, fail(session.CodeNotRepository, fmt.Sprintf("%s is not in a git repository.", path),
			"Choose another folder, or run `git init` in it.", err)
	case err != nil:
		return u, here, fmt.Errorf("find repository: %w", err)
	}
	dir = filepath.FromSlash(dir)
	top, hereTop, err := r.topOf(ctx, at, dir)
	if err != nil {
		return u, here, err
	}
	if u, err = openRepo(top); err == nil {
		if here = u; hereTop != "" {
			here, err = openRepo(hereTop)
		}
	}
	if err != nil {
		return u, here, fail(session.CodeNotRepository, fmt.Sprintf("The repository of %s cannot be used.", path),
			"Choose its main folder.", err)
	}
	return u, here, nil
}

// topOf finds the folder that stands for the repository of a git directory: its main checkout, or the directory itself
// where it is bare. worktree is the linked worktree that at.work lies in, "" where it lies in none.
func (r *Repos) topOf(ctx context.Context, at place, dir string) (top, worktree string, err error) {
	common := dir
	if c, err := readPointer(filepath.Join(dir, "commondir"), ""); err == nil {
		common = c
	}
	folder := ""
	if inTree, err := r.line(ctx, at, "rev-parse", "--is-inside-work-tree"); err == nil && inTree == "true" {
		if folder, err = r.line(ctx, at, "rev-parse", "--show-toplevel"); err != nil {
			return "", "", fmt.Errorf("find top folder: %w", err)
		}
		folder = filepath.FromSlash(folder)
	}
	if common == dir && folder != "" {
		return folder, "", nil
	}
	main := r.mainCheckout(ctx, repo{path: common, common: common})
	switch {
	case main != "":
		return main, folder, nil
	case r.isBare(ctx, common):
		if filepath.Base(common) == ".git" {
			return filepath.Dir(common), folder, nil
		}
		return common, folder, nil
	case folder != "": // git cannot name the main checkout: the worktree stands for itself
		return folder, "", nil
	}
	return "", "", fail(session.CodeNotRepository,
		fmt.Sprintf("%s is the git folder of a repository whose files are elsewhere.", common),
		"Choose the folder with the files.", nil)
}

func (r *Repos) describe(ctx context.Context, u, here repo) (session.Repository, error) {
	found := session.Repository{Path: u.path, Name: nameOf(u), Bare: u.bare, Submodules: []string{}}
	if here.path != u.path {
		found.Worktree = here.path
	}
	at := place{dir: here.dir}
	found.Branch, _ = r.line(ctx, at, "symbolic-ref", "-q", "--short", "HEAD")
	found.Head, _ = r.line(ctx, at, "rev-parse", "-q", "--verify", "HEAD^{commit}")
	if remote, err := r.line(ctx, at, "config", "--get", "remote.origin.url"); err == nil {
		found.Remote = withoutCredentials(remote)
	}
	if found.Head == "" {
		if found.Branch == "" {
			return found, fail(session.CodeNotRepository,
				fmt.Sprintf("%s is damaged: its HEAD names no commit.", u.path), "Run `git fsck` in it.", nil)
		}
		if any, _ := r.line(ctx, u.place(), "for-each-ref", "--count=1", "refs/heads", "refs/remotes"); any == "" {
			return found, errEmpty(u)
		}
	}
	attributes, _ := r.output(ctx, at, nil, "cat-file", "blob", "HEAD:.gitattributes")
	found.LFS = bytes.Contains(attributes, []byte("filter=lfs"))
	if found.Head != "" {
		paths, _ := r.submodules(ctx, u, found.Head) // checkComplete says what is missing
		found.Submodules = append(found.Submodules, paths[:min(len(paths), maxSubmodules)]...)
	}
	found.Dirty = found.Head != "" && (found.Worktree != "" || !r.isBare(ctx, u.common)) && r.dirty(ctx, here)
	return found, ctx.Err()
}

// nameOf is what a repository is called: its folder, or for a bare one in a folder such as .bare the folder above.
func nameOf(u repo) string {
	name := strings.TrimSuffix(filepath.Base(u.path), ".git")
	if u.bare && (name == "" || name == "bare" || name == "git" || strings.HasPrefix(name, ".")) {
		return filepath.Base(filepath.Dir(u.path))
	}
	return name
}

func errEmpty(u repo) error {
	return fail(session.CodeEmpty, fmt.Sprintf("%s has no commit yet, so there is nothing to start from.", u.path),
		"Make a first commit; Background Agents can make an empty one for you.", nil)
}

// dirty reports uncommitted changes, as far as they are found within dirtyTime. Filters do not run: a file of which
// only a filter can tell counts as changed.
func (r *Repos) dirty(ctx context.Context, u repo) bool {
	ctx, cancel := context.WithTimeout(ctx, dirtyTime)
	defer cancel()
	at := place{dir: u.dir, tree: u.path, work: u.path, config: r.withoutFilters(ctx, u)}
	excludes, err := r.line(ctx, place{dir: u.dir, configured: true}, "config", "--type=path", "--get",
		"core.excludesFile")
	if err == nil {
		at.config = append(at.config, "core.excludesFile="+excludes)
	}
	at = r.withAttributes(ctx, at)
	changed, modified, err := r.status(ctx, at)
	if err != nil || len(changed) > 0 {
		return len(changed) > 0
	}
	s, err := r.sift(ctx, at, modified)
	return err != nil || len(s.edited) > 0 || len(s.unsure) > 0
}

// withoutFilters overrides each filter that the repository's own configuration names: .gitattributes selects them.
func (r *Repos) withoutFilters(ctx context.Context, u repo) []string {
	names, _ := r.output(ctx, place{dir: u.dir}, nil, "config", "-z", "--name-only", "--get-regexp",
		`^filter\..*\.(clean|smudge|process|required)$`)
	var config []string
	for _, name := range splitZ(names) {
		switch {
		case strings.HasSuffix(name, ".required"):
			config = append(config, name+"=false")
		case !strings.Contains(name, "="): // such a name cannot be overridden, nor selected by an attribute
			config = append(config, name+"=")
		}
	}
	return config
}

// checkComplete refuses a partial clone that lacks something of commit's history.
func (r *Repos) checkComplete(ctx context.Context, u repo, commit string) error {
	if commit == "" || !r.partial(ctx, u) {
		return nil
	}
	lacking := false
	err := r.run(ctx, u.place(), nil, func(out io.Reader) error {
		b := make([]byte, 32<<10)
		for {
			n, err := out.Read(b)
			if bytes.IndexByte(b[:n], '?') >= 0 {
				lacking = true
				return errEnough
			}
			if errors.Is(err, io.EOF) {
				return nil
			}
			if err != nil {
				return err
			}
		}
	}, "rev-list", "--objects", "--no-object-names", "--missing=print", commit)
	if lacking {
		return errPartial(u, err)
	}
	return err
}

func (r *Repos) partial(ctx context.Context, u repo) bool {
	return r.quiet(ctx, place{dir: u.dir}, nil, "config", "--get-regexp",
		`^(extensions\.partialclone|remote\..*\.promisor)$`) == nil
}

// withoutCredentials removes what a URL may hold of name and password; for ssh the name is part of the address.
func withoutCredentials(remote string) string {
	u, err := url.Parse(remote)
	if err != nil || u.Scheme == "" || u.User == nil {
		if err != nil && strings.Contains(remote, "://") {
			scheme, rest, _ := strings.Cut(remote, "://")
			return scheme + "://" + rest[strings.LastIndex(rest, "@")+1:]
		}
		return remote
	}
	if strings.Contains(u.Scheme, "ssh") {
		u.User = url.User(u.User.Username())
	} else {
		u.User = nil
	}
	return u.String()
}
