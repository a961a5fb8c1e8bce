package workspace

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"background-agents/sandbox/wire"
)

// Restore brings working tree and branch back to c: HEAD on the session's branch at c.Commit, the files as in c.Files,
// what is in Files but not in Commit uncommitted. A merge or rebase that was going on is forgotten. Untracked files
// that are not in Files are removed; ignored ones, and repositories inside the tree, stay.
func (w *Workspace) Restore(ctx context.Context, c wire.Checkpoint) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if err := checkIDs(c.Commit, c.Files); err != nil {
		return err
	}
	if _, err := w.mustHave(ctx, c); err != nil {
		return err
	}
	branch, err := w.git(ctx, "config", settingBranch)
	if err != nil {
		return w.unusable(err)
	}
	for _, left := range []string{"index.lock", "HEAD.lock", "MERGE_HEAD", "MERGE_MODE", "MERGE_MSG", "CHERRY_PICK_HEAD", "REVERT_HEAD",
		"AUTO_MERGE", "rebase-merge", "rebase-apply", "sequencer"} {
		if err := os.RemoveAll(filepath.Join(w.gitDir(), left)); err != nil {
			return fmt.Errorf("clear what was going on: %w", err)
		}
	}
	if _, err := w.git(ctx, "read-tree", "--reset", "-u", c.Files); err != nil {
		if err := w.openFolders(ctx); err != nil {
			return fmt.Errorf("restore the files: %w", err)
		}
		// The index may be what is broken: do without.
		if rmErr := os.Remove(filepath.Join(w.gitDir(), "index")); rmErr != nil {
			return inWay(err)
		}
		if _, err := w.git(ctx, "read-tree", "--reset", "-u", c.Files); err != nil {
			return inWay(err)
		}
	}
	if _, err := w.git(ctx, "clean", "-fdq"); err != nil {
		if err := w.openFolders(ctx); err != nil {
			return fmt.Errorf("restore the files: %w", err)
		}
		if _, err := w.git(ctx, "clean", "-fdq"); err != nil {
			return inWay(err)
		}
	}
	for _, args := range [][]string{
		{"update-ref", "refs/heads/" + branch, c.Commit},
		{"symbolic-ref", "HEAD", "refs/heads/" + branch},
		{"reset", "-q"},
		{"update-ref", refCheckpoint, c.Files},
	} {
		if _, err := w.git(ctx, args...); err != nil {
			return fmt.Errorf("restore the files: %w", err)
		}
	}
	return w.Use()
}

// Apply merges the difference between two commits into the working tree and leaves it uncommitted. On conflicts it
// changes nothing, and the error (code conflict) names the files.
func (w *Workspace) Apply(ctx context.Context, from, to string) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if err := checkIDs(from, to); err != nil {
		return err
	}
	if _, err := w.mustHave(ctx, wire.Checkpoint{Commit: from, Files: to}); err != nil {
		return err
	}
	head, _, err := w.heads(ctx)
	if err != nil {
		return err
	}
	ours, err := w.snapshot(ctx)
	if err != nil {
		return err
	}
	if ours, err = w.unwritten(ctx, head.tree, ours); err != nil {
		return err
	}
	merged, err := w.merge(ctx, from, to, ours)
	if err != nil {
		return err
	}
	// Two-tree merge from the index of checkpoints, which holds what lies in the tree: git refuses where a file changed
	// since.
	if _, err := w.withIndex(ctx, nil, "read-tree", "-m", "-u", ours, merged); err != nil {
		if ctx.Err() != nil || exitCode(err) < 0 {
			return fmt.Errorf("apply the changes: %w", err)
		}
		return conflict([]string{reason(err)})
	}
	return nil
}

// merge returns the tree of from..to merged into the tree ours. Commits made for it give git the merge base: this git
// (2.39) has no option to name it.
func (w *Workspace) merge(ctx context.Context, from, to, ours string) (string, error) {
	env := []string{"GIT_AUTHOR_NAME=x", "GIT_AUTHOR_EMAIL=x", "GIT_COMMITTER_NAME=x", "GIT_COMMITTER_EMAIL=x"}
	make := func(args ...string) (string, error) {
		id, err := w.run(ctx, command{args: append([]string{"commit-tree", "-m", "merge"}, args...), env: env})
		if err != nil {
			return "", fmt.Errorf("prepare the merge: %w", err)
		}
		return id, nil
	}
	base, err := make(from + "^{tree}")
	if err != nil {
		return "", err
	}
	a, err := make("-p", base, ours)
	if err != nil {
		return "", err
	}
	b, err := make("-p", base, to+"^{tree}")
	if err != nil {
		return "", err
	}
	out, err := w.git(ctx, "merge-tree", "--write-tree", "-z", "--name-only", "--no-messages", a, b)
	if exitCode(err) == 1 {
		fields := split(out)
		return "", conflict(fields[min(1, len(fields)):])
	}
	if err != nil {
		return "", fmt.Errorf("merge the changes: %w", err)
	}
	return strings.TrimRight(out, "\x00\n"), nil
}

// maxNamed bounds how many files an error names.
const maxNamed = 20

func conflict(files []string) error {
	more := ""
	if len(files) > maxNamed {
		more = fmt.Sprintf(" and %d more", len(files)-maxNamed)
		files = files[:maxNamed]
	}
	return &wire.Error{Code: "conflict", Message: "Your changes and the agent's touch the same lines: " + strings.Join(files, ", ") + more + ".",
		Hint: "Nothing was changed in the sandbox. Send these changes as a comment, or wait for the agent to finish and merge them yourself."}
}
