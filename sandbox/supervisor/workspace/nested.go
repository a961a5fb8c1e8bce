package workspace

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"background-agents/sandbox/wire"
)

// maxNested bounds how deep repositories in repositories are followed.
const maxNested = 3

// nested returns the files of a repository that the agent made inside the working tree, where it has no remote (a
// project template that ran `git init`). A clone of something else is left out, and so is a linked worktree: it would hold
// every file of the project a second time.
func (w *Workspace) nested(ctx context.Context, path string, depth int) ([]string, error) {
	dir := filepath.Join(w.Dir, path)
	if isLinked(dir) {
		w.notice(path, "“"+path+"” is a linked worktree"+onBranch(dir)+". Its files are not part of the result.")
		return nil, nil
	}
	_, err := w.run(ctx, command{dir: dir, args: []string{"config", "--local", "--get-regexp", `^remote\.`}})
	if err == nil || depth >= maxNested {
		w.notice(path, "“"+path+"” is a git repository of its own and is not part of the result.")
		if work := w.workIn(ctx, dir); work != "" {
			w.leave(wire.OnlyRepository, path, work)
		}
		return nil, ctx.Err()
	}
	out, shut, err := w.list(ctx, command{dir: dir, args: []string{"ls-files", "-z", "--cached", "--others", "--exclude-standard"}})
	if err != nil {
		if ctx.Err() != nil {
			return nil, err
		}
		w.notice(path, "“"+path+"” is a git repository that cannot be read, and is not part of the result.")
		w.leave(wire.OnlyRepository, path, "cannot be read")
		return nil, nil
	}
	for i := range shut {
		shut[i] = path + shut[i]
	}
	w.tellShut(shut)
	if n := w.count(ctx, dir, "--all"); n > 0 {
		w.leave(wire.OnlyRepository, path, commits(n)+"; its files are part of the result")
	}
	var paths []string
	seen := map[string]bool{} // a conflicted file is listed once for each side
	for _, p := range split(out) {
		if seen[p] || !exists(filepath.Join(dir, p)) {
			continue
		}
		seen[p] = true
		more, err := w.candidates(ctx, path+p, depth+1)
		if err != nil {
			return nil, err
		}
		paths = append(paths, more...)
	}
	return paths, nil
}

// linkedDir returns the git directory of a linked worktree, of whatever repository.
func linkedDir(dir string) (string, bool) {
	b, err := os.ReadFile(filepath.Join(dir, ".git"))
	if err != nil {
		return "", false
	}
	gitDir, ok := strings.CutPrefix(strings.TrimSpace(string(b)), "gitdir: ")
	if !ok {
		return "", false
	}
	if !filepath.IsAbs(gitDir) {
		gitDir = filepath.Join(dir, gitDir)
	}
	return gitDir, exists(filepath.Join(gitDir, "commondir"))
}

func isLinked(dir string) bool {
	_, ok := linkedDir(dir)
	return ok
}

// onBranch says which branch a linked worktree is on.
func onBranch(dir string) string {
	gitDir, _ := linkedDir(dir)
	head, err := os.ReadFile(filepath.Join(gitDir, "HEAD"))
	if err != nil {
		return ""
	}
	name, ok := strings.CutPrefix(strings.TrimSpace(string(head)), "ref: refs/heads/")
	if !ok {
		return ""
	}
	return " of the branch " + name
}

// workIn says what a repository holds that none of its remotes has; "" where it is nothing.
func (w *Workspace) workIn(ctx context.Context, dir string) string {
	var work []string
	if n := w.count(ctx, dir, "--branches", "--tags", "HEAD", "--not", "--remotes"); n > 0 {
		work = append(work, commits(n))
	}
	if n := w.uncommitted(ctx, dir); n > 0 {
		work = append(work, files(n)+" not committed")
	}
	return strings.Join(work, ", ")
}

// count counts commits of the repository in dir; 0 where that cannot be told.
func (w *Workspace) count(ctx context.Context, dir string, revs ...string) int {
	out, err := w.run(ctx, command{dir: dir, args: append([]string{"rev-list", "--count", "--ignore-missing"}, revs...)})
	if err != nil {
		return 0
	}
	n, _ := strconv.Atoi(out)
	return n
}

// uncommitted counts the changed files of the working tree dir; a new folder counts as one.
func (w *Workspace) uncommitted(ctx context.Context, dir string) int {
	out, err := w.run(ctx, command{dir: dir, args: []string{"status", "--porcelain", "-z", "--no-renames", "--ignore-submodules=all"}})
	if err != nil {
		return 0
	}
	return len(split(out))
}

func commits(n int) string { return plural(n, "commit") }
func files(n int) string   { return plural(n, "file") }

func plural(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// others lists the files that the index of checkpoints lacks, and the folders that could not be read.
func (w *Workspace) others(ctx context.Context) (list string, shut []string, err error) {
	return w.list(ctx, command{args: []string{"ls-files", "-z", "--others", "--exclude-standard"}, env: []string{"GIT_INDEX_FILE=" + w.index()}})
}

// maxWarned bounds what is read of git's warnings.
const maxWarned = 1 << 20

// list runs a command that lists files. git passes over folders that it cannot read with no more than a warning.
func (w *Workspace) list(ctx context.Context, c command) (out string, shut []string, err error) {
	said := &tail{max: maxWarned}
	c.stderr = said
	out, err = w.run(ctx, c)
	for line := range strings.Lines(said.String()) {
		name, ok := strings.CutPrefix(line, "warning: could not open directory '")
		if i := strings.LastIndex(name, "': "); ok && i >= 0 {
			shut = append(shut, strings.TrimSuffix(name[:i], "/")+"/")
		}
	}
	return out, shut, err
}

// tellShut tells of folders that could not be read.
func (w *Workspace) tellShut(shut []string) {
	for _, path := range shut {
		if st, err := os.Lstat(filepath.Join(w.Dir, path)); errors.Is(err, fs.ErrNotExist) || err == nil && !st.IsDir() {
			continue // it went while git looked
		}
		w.notice(path, "“"+path+"” cannot be read, so what is in it is not part of the result.")
		w.leave(wire.OnlyFolder, path, "cannot be read")
	}
}
