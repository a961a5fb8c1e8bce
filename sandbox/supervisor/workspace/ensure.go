package workspace

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"background-agents/sandbox/wire"
)

// Marks in the clone's git directory, so that they live and die with it.
const (
	markCloning = "background-agents-cloning" // from before the first step to after the last
	markSetup   = "background-agents-setup"   // until the setup hook has ended well
	markFresh   = "background-agents-fresh"   // until a turn begins in it, or a result was brought back
)

// Settings of the clone, by which Restore and Checkpoint know what it began with.
const (
	settingBranch = "background-agents.branch"
	settingBase   = "background-agents.base"
)

// Clone says what a clone is made of: Branch begins at commit Base.
type Clone struct {
	Base, Branch, AuthorName, AuthorEmail string
	Known                                 wire.Known
}

// Ensure makes the clone where it is missing, on its branch at the base, with checkout progress on out. One that a
// crash cut short is recreated: the agent was not in it yet. Where the agent removed .git, the repository is recreated
// around its files, which stay. fresh is true until the setup hook has ended well in this clone.
func (w *Workspace) Ensure(ctx context.Context, c Clone, out io.Writer) (fresh bool, err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if err := checkIDs(c.Base); err != nil {
		return false, err
	}
	if err := os.MkdirAll(w.scratch, 0o700); err != nil {
		return false, fmt.Errorf("make the scratch folder: %w", err)
	}
	cloning := exists(filepath.Join(w.gitDir(), markCloning))
	if w.begun() && !cloning {
		return w.setupPending(), nil
	}
	if cloning {
		if err := w.empty(); err != nil {
			return false, err
		}
	}
	files, err := os.ReadDir(w.Dir)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return false, fmt.Errorf("read the workspace: %w", err)
	}
	files = slices.DeleteFunc(files, func(f os.DirEntry) bool { return f.Name() == ".git" })
	if err := w.create(ctx, c, cloning || len(files) == 0, out); err != nil {
		return false, err
	}
	return w.setupPending(), nil
}

// begun reports whether there is a repository. A folder with nothing in it is none: a crash came before the first mark.
func (w *Workspace) begun() bool {
	if entries, err := os.ReadDir(w.gitDir()); err == nil {
		return len(entries) > 0
	}
	return exists(w.gitDir())
}

func (w *Workspace) setupPending() bool { return exists(filepath.Join(w.gitDir(), markSetup)) }

// Fresh reports whether the files are those of the base, checked out into an empty folder: no turn has begun among
// them, and no result was brought back. A sandbox that has lost its workspace is told from one that has not by this.
func (w *Workspace) Fresh() bool { return exists(filepath.Join(w.gitDir(), markFresh)) }

// Use says that the files are no longer those of the base.
func (w *Workspace) Use() error {
	err := os.Remove(filepath.Join(w.gitDir(), markFresh))
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	return err
}

// create makes the repository, and checks out the files where checkout is set; else it takes those that are there.
func (w *Workspace) create(ctx context.Context, c Clone, checkout bool, out io.Writer) error {
	base, branch := c.Base, c.Branch
	if err := os.MkdirAll(w.gitDir(), 0o755); err != nil {
		return fmt.Errorf("make the workspace: %w", err)
	}
	mark := filepath.Join(w.gitDir(), markCloning)
	if err := os.WriteFile(mark, nil, 0o644); err != nil {
		return fmt.Errorf("mark the clone: %w", err)
	}
	format := "sha1"
	if len(base) == 64 {
		format = "sha256"
	}
	if _, err := w.git(ctx, "init", "-q", "--template=", "--object-format="+format); err != nil {
		return err
	}
	for _, dir := range []string{"info", "hooks"} { // what scripts expect, without git's sample hooks
		if err := os.MkdirAll(filepath.Join(w.gitDir(), dir), 0o755); err != nil {
			return fmt.Errorf("set up the clone: %w", err)
		}
	}
	if err := w.borrow(); err != nil {
		return err
	}
	if _, err := w.git(ctx, "cat-file", "-e", base+"^{commit}"); err != nil {
		return &wire.Error{Code: "base_missing", Message: "The commit to start from, " + base[:12] + ", is not in the project's mirror.",
			Hint: "Start the session again: the mirror is then brought up to date."}
	}
	steps := [][]string{
		{"config", "user.name", c.AuthorName}, {"config", "user.email", c.AuthorEmail}, {"config", "gc.auto", "0"},
		{"config", settingBranch, branch}, {"config", settingBase, base},
		{"update-ref", "refs/heads/" + branch, base}, {"symbolic-ref", "HEAD", "refs/heads/" + branch},
	}
	for _, s := range steps {
		if (s[1] == "user.name" || s[1] == "user.email") && s[2] == "" {
			continue
		}
		if _, err := w.git(ctx, s...); err != nil {
			return fmt.Errorf("set up the clone: %w", err)
		}
	}
	if err := w.know(ctx, c); err != nil {
		fmt.Fprintf(out, "The base's own name and its tags could not be set up: %v\n", err) // work goes on without
	}
	if !checkout {
		if _, err := w.git(ctx, "reset", "-q"); err != nil {
			return err
		}
		return os.Remove(mark)
	}
	if _, err := w.run(ctx, command{args: []string{"checkout", "-f", "--progress", branch}, stderr: out}); err != nil {
		return fmt.Errorf("check out the files: %w", err)
	}
	if err := copyIndex(filepath.Join(w.gitDir(), "index"), w.index()); err != nil {
		return err
	}
	for _, name := range []string{markSetup, markFresh} {
		if err := os.WriteFile(filepath.Join(w.gitDir(), name), nil, 0o644); err != nil {
			return fmt.Errorf("mark the clone: %w", err)
		}
	}
	return os.Remove(mark)
}

// borrow points the clone to the mirror's objects, and to where its history was cut off.
func (w *Workspace) borrow() error {
	info := filepath.Join(w.gitDir(), "objects", "info")
	if err := os.MkdirAll(info, 0o755); err != nil {
		return fmt.Errorf("borrow the mirror's objects: %w", err)
	}
	if err := os.WriteFile(filepath.Join(info, "alternates"), []byte(filepath.Join(w.Mirror, "objects")+"\n"), 0o644); err != nil {
		return fmt.Errorf("borrow the mirror's objects: %w", err)
	}
	shallow, err := os.ReadFile(filepath.Join(w.Mirror, "shallow"))
	if err != nil || len(strings.TrimSpace(string(shallow))) == 0 {
		return nil //nolint:nilerr // without the file the whole history is there
	}
	return os.WriteFile(filepath.Join(w.gitDir(), "shallow"), shallow, 0o644)
}

// empty removes all that is in the workspace but the mark, so that a crash here is seen by the next Ensure too.
func (w *Workspace) empty() error {
	for _, dir := range []string{w.Dir, w.gitDir()} {
		entries, err := os.ReadDir(dir)
		if err != nil {
			return fmt.Errorf("read the workspace: %w", err)
		}
		for _, e := range entries {
			if e.Name() == ".git" || e.Name() == markCloning {
				continue
			}
			if err := os.RemoveAll(filepath.Join(dir, e.Name())); err != nil {
				return fmt.Errorf("clear the workspace: %w", err)
			}
		}
	}
	return nil
}

// copyIndex copies an index with its time of change, by which git tells which entries it must read again.
func copyIndex(from, to string) error {
	b, err := os.ReadFile(from)
	if err != nil {
		return fmt.Errorf("copy the index: %w", err)
	}
	st, err := os.Stat(from)
	if err != nil {
		return fmt.Errorf("copy the index: %w", err)
	}
	if err := os.WriteFile(to, b, 0o600); err != nil {
		return fmt.Errorf("copy the index: %w", err)
	}
	return os.Chtimes(to, st.ModTime(), st.ModTime())
}
