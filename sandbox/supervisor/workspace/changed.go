package workspace

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"background-agents/sandbox/wire"
)

// maxFile bounds a file in a checkpoint: what is larger is not part of a change that a person reads, and would have to be carried to
// the host at the end of each turn.
const maxFile = 100 << 20

// maxChanged bounds the files that one checkpoint adds or takes out: the host takes no result with more, and the sandbox would write as
// many objects only for that to be said.
const maxChanged = 100_000

func tooMany() error {
	return &wire.Error{Code: "sandbox_failed", Message: fmt.Sprintf("The working tree has more than %d changed files.", maxChanged),
		Hint: "Ask the agent to delete them, or to list them in .gitignore."}
}

// addChanged brings the index of checkpoints to the state of the working tree.
//
// It lists what changed and adds that, instead of `git add -A`, because add fails as a whole on one unreadable file or on a
// nested repository without a commit. Both cost one pass over the tree. And it keeps an index of its own instead of copying
// the agent's each time, so that what is untracked for long is read once; the price is to follow what the agent began or
// ceased to track.
func (w *Workspace) addChanged(ctx context.Context) error {
	var (
		tracked, hidden map[string]bool
		known, others   string
		shut            []string
		errs            [3]error
		wg              sync.WaitGroup
	)
	wg.Go(func() { tracked, hidden, errs[0] = w.tracked(ctx) })
	wg.Go(func() { known, errs[1] = w.withIndex(ctx, nil, "ls-files", "-z", "--cached") })
	wg.Go(func() { others, shut, errs[2] = w.others(ctx) })
	dirty, err := w.dirty(ctx)
	wg.Wait()
	if err = cmp.Or(err, errs[0], errs[1], errs[2]); err != nil {
		return fmt.Errorf("list the changed files: %w", err)
	}
	w.left = nil
	w.tellShut(shut)
	ours := map[string]bool{}
	for _, p := range split(known) {
		ours[p] = true
	}
	var changed []string
	for _, p := range dirty {
		if !hidden[p] || exists(filepath.Join(w.Dir, p)) { // else sparse checkout: not removed, only not here
			changed = append(changed, p)
		}
	}
	changed = append(changed, split(others)...)
	for p := range tracked {
		if !ours[p] {
			changed = append(changed, p) // an ignored file that the agent added by force, or is listed as untracked too
		}
	}
	if len(changed) > maxChanged {
		return tooMany()
	}
	gone, err := w.ignored(ctx, ours, tracked)
	if err != nil {
		return err
	}
	var paths []string
	for _, p := range changed {
		if w.becameFolder(p) || w.beyondLink(p) {
			gone = append(gone, p)
			continue
		}
		more, err := w.candidates(ctx, p, 0)
		if err != nil {
			return err
		}
		if paths = append(paths, more...); len(paths) > maxChanged {
			return tooMany()
		}
	}
	if len(gone) > 0 {
		if _, err := w.withIndex(ctx, gone, "update-index", "-z", "--force-remove", "--stdin"); err != nil {
			return fmt.Errorf("take out replaced files: %w", err)
		}
	}
	if len(paths) == 0 {
		return nil
	}
	return w.add(ctx, paths)
}

// dirty lists the files that are not as the index of checkpoints has them, as far as their times tell: adding one that
// has the same content still costs little, and looking into all of them first would cost a pass over the tree. They are
// looked into where one would be left out, or all refused, for nothing.
func (w *Workspace) dirty(ctx context.Context) ([]string, error) {
	list := func() ([]string, error) {
		out, err := w.withIndex(ctx, nil, "diff-files", "-z", "--name-only", "--ignore-submodules=dirty")
		return split(out), err
	}
	paths, err := list()
	if err != nil || len(paths) <= maxChanged && !slices.ContainsFunc(paths, w.tooLarge) {
		return paths, err
	}
	if _, err := w.withIndex(ctx, nil, "update-index", "-q", "--refresh"); err != nil && exitCode(err) != 1 {
		return nil, err // 1 says only that files changed
	}
	return list()
}

func (w *Workspace) tooLarge(path string) bool {
	st, err := os.Lstat(filepath.Join(w.Dir, path))
	return err == nil && st.Mode().IsRegular() && st.Size() > maxFile
}

// tracked lists what the agent tracks, by its own index or, where that is broken, by HEAD; hidden are those that its
// sparse checkout leaves out.
func (w *Workspace) tracked(ctx context.Context) (tracked, hidden map[string]bool, err error) {
	tracked, hidden = map[string]bool{}, map[string]bool{}
	out, err := w.git(ctx, "ls-files", "-z", "-t", "--cached")
	if err == nil && exists(filepath.Join(w.gitDir(), "index")) {
		for _, line := range split(out) {
			if len(line) < 3 {
				continue
			}
			tracked[line[2:]] = true
			if line[0] == 'S' {
				hidden[line[2:]] = true
			}
		}
		return tracked, hidden, nil
	}
	if out, err = w.git(ctx, "ls-tree", "-r", "-z", "--name-only", "HEAD"); err != nil {
		if ctx.Err() != nil {
			return nil, nil, err
		}
		return tracked, hidden, nil // a branch without a commit
	}
	for _, p := range split(out) {
		tracked[p] = true
	}
	return tracked, hidden, nil
}

// ignored returns those of ours that the agent does not track and that are ignored by now.
func (w *Workspace) ignored(ctx context.Context, ours, tracked map[string]bool) ([]string, error) {
	var extra []string
	for p := range ours {
		if !tracked[p] {
			extra = append(extra, p)
		}
	}
	if len(extra) == 0 {
		return nil, nil
	}
	out, err := w.withIndex(ctx, extra, "check-ignore", "-z", "--stdin", "--no-index")
	if err != nil && exitCode(err) != 1 { // 1: none is ignored
		if ctx.Err() != nil {
			return nil, err
		}
		return nil, nil // a path that check-ignore refuses (in a nested repository) is kept
	}
	return split(out), nil
}

// becameFolder reports whether a tracked file is a folder now; a submodule always was one.
func (w *Workspace) becameFolder(path string) bool {
	full := filepath.Join(w.Dir, path)
	st, err := os.Lstat(full)
	return err == nil && st.IsDir() && !strings.HasSuffix(path, "/") && !exists(filepath.Join(full, ".git"))
}

// add adds paths to the index. Where git refuses, it halves them until what it refuses stands alone and is left out:
// git takes a list of paths as a whole or not at all.
func (w *Workspace) add(ctx context.Context, paths []string) error {
	_, err := w.withIndex(ctx, paths, "update-index", "-z", "--add", "--remove", "--replace", "--stdin")
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil || exitCode(err) < 0:
		return fmt.Errorf("add the changed files: %w", err)
	case len(paths) == 1:
		if full(err) {
			return fmt.Errorf("%w (%w)", &wire.Error{Code: "disk_full", Message: "the disk of the sandbox takes no more files.",
				Hint: "Ask the agent to delete what it does not need, then go on."}, err)
		}
		w.notice(paths[0], "“"+paths[0]+"” cannot be saved and is not part of the result: "+reason(err))
		w.leave(wire.OnlyFile, paths[0], "cannot be saved")
		return nil
	}
	half := len(paths) / 2
	if err := w.add(ctx, paths[:half]); err != nil {
		return err
	}
	return w.add(ctx, paths[half:])
}

// beyondLink reports whether one of the folders that path lies in is a symbolic link by now.
func (w *Workspace) beyondLink(path string) bool {
	for dir := filepath.Dir(strings.TrimSuffix(path, "/")); dir != "."; dir = filepath.Dir(dir) {
		if st, err := os.Lstat(filepath.Join(w.Dir, dir)); err == nil && st.Mode()&os.ModeSymlink != 0 {
			return true
		}
	}
	return false
}

// candidates returns what is to be added for a path that git listed: itself, nothing, or the files of a nested repository.
func (w *Workspace) candidates(ctx context.Context, path string, depth int) ([]string, error) {
	if strings.HasSuffix(path, "/") {
		return w.nested(ctx, path, depth)
	}
	if w.tooLarge(path) {
		w.notice(path, fmt.Sprintf("“%s” is larger than %d MB and is not part of the result.", path, maxFile>>20))
		w.leave(wire.OnlyFile, path, fmt.Sprintf("larger than %d MB", maxFile>>20))
		return nil, nil
	}
	return []string{path}, nil
}

// split splits a list whose entries are each ended by NUL.
func split(out string) []string {
	if out = strings.TrimSuffix(out, "\x00"); out == "" {
		return nil
	}
	return strings.Split(out, "\x00")
}

// full reports whether the disk is full, which no skipping of files mends.
func full(err error) bool { return strings.Contains(err.Error(), "No space left on device") }

// reason returns the first line of what git said.
func reason(err error) string {
	var s *gitError
	if !errors.As(err, &s) {
		return err.Error()
	}
	line, _, _ := strings.Cut(strings.TrimPrefix(s.said, "error: "), "\n")
	return line
}
