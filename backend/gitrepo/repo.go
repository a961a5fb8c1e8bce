package gitrepo

import (
	"bufio"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"background-agents/backend/session"
)

// repo is a user's repository, found on disk without asking git.
type repo struct {
	path   string // top folder, or the bare repository itself
	dir    string // its git directory
	common string // where refs, objects and configuration are: other than dir in a linked worktree
	bare   bool
	format string // sha1 or sha256
}

// open finds a project's repository, CodeRepoMissing where it is not there any more. It never looks above p.Path: a
// repository that a deleted one lay in is not meant.
func (r *Repos) open(p session.Project) (repo, error) {
	if err := checkIDs(p, nil); err != nil {
		return repo{}, err
	}
	u, err := openRepo(p.Path)
	if err != nil {
		return repo{}, missing(p.Path, err)
	}
	return u, nil
}

func openRepo(path string) (repo, error) {
	u := repo{path: path, format: "sha1"}
	dotGit := filepath.Join(path, ".git")
	info, err := os.Stat(dotGit)
	switch {
	case err == nil && info.IsDir():
		u.dir = dotGit
	case err == nil:
		if u.dir, err = readPointer(dotGit, "gitdir: "); err != nil {
			return u, err
		}
	case isGitDir(path):
		u.dir, u.bare = path, true
	default:
		return u, fmt.Errorf("open repository: %w", os.ErrNotExist)
	}
	u.common = u.dir
	if common, err := readPointer(filepath.Join(u.dir, "commondir"), ""); err == nil {
		u.common = common
	}
	if !isGitDir(u.common) {
		return u, fmt.Errorf("open repository: %s is no git directory", u.common)
	}
	if config, err := os.ReadFile(filepath.Join(u.common, "config")); err == nil {
		for line := range strings.Lines(strings.ToLower(string(config))) {
			name, value, _ := strings.Cut(line, "=")
			if strings.TrimSpace(name) == "objectformat" && strings.Contains(value, "sha256") {
				u.format = "sha256"
			}
		}
	}
	return u, nil
}

// readPointer returns the path in a one-line file such as .git of a worktree, relative to the file's folder.
func readPointer(file, prefix string) (string, error) {
	b, err := os.ReadFile(file)
	if err != nil {
		return "", err
	}
	path, ok := strings.CutPrefix(strings.TrimRight(string(b), "\r\n"), prefix)
	if !ok || path == "" {
		return "", fmt.Errorf("%s points nowhere", file)
	}
	if !filepath.IsAbs(path) {
		path = filepath.Join(realPath(filepath.Dir(file)), path)
	}
	return filepath.Clean(path), nil
}

func isGitDir(dir string) bool {
	for _, name := range []string{"HEAD", "objects", "refs"} {
		if !exists(filepath.Join(dir, name)) {
			return false
		}
	}
	return true
}

// place is where commands run that read or write the user's refs and objects.
func (u repo) place() place { return place{dir: u.common} }

// objectDirs are the repository's object directories, its own first. Those that it borrows are named too, because git
// follows no relative path in an alternate of an alternate. At most 20.
func (u repo) objectDirs() []string {
	dirs := []string{filepath.Join(u.common, "objects")}
	for i := 0; i < len(dirs) && len(dirs) < 20; i++ {
		f, err := os.Open(filepath.Join(dirs[i], "info", "alternates"))
		if err != nil {
			continue
		}
		for lines := bufio.NewScanner(f); lines.Scan(); {
			path := lines.Text()
			if path == "" || path[0] == '#' {
				continue
			}
			if !filepath.IsAbs(path) {
				path = filepath.Join(dirs[i], path)
			}
			dirs = append(dirs, filepath.Clean(path))
		}
		_ = f.Close()
	}
	return dirs
}

// shallow reports whether the repository's history is cut off.
func (u repo) shallow() bool {
	info, err := os.Stat(filepath.Join(u.common, "shallow"))
	return err == nil && info.Size() > 0
}

func errShallow(u repo) error {
	return fail(session.CodeInvalid, fmt.Sprintf("%s is a shallow clone: most of its history is not there.", u.path),
		"Run `git fetch --unshallow` in it, then try again.", nil)
}

func errPartial(u repo, cause error) error {
	return fail(session.CodeInvalid, fmt.Sprintf("%s is a partial clone: some of its files are only on the server.", u.path),
		"Run `git fetch --refetch --no-filter` in it, then try again.", cause)
}
