package workspace

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"background-agents/sandbox/wire"
)

const refCheckpoint = "refs/background-agents/checkpoint"

// Checkpoint saves the whole working tree, untracked files included and ignored ones not, as a commit above HEAD.
// Where nothing is uncommitted Files equals Commit; where nothing changed since the last checkpoint it is that one.
//
// It works in whatever state the agent left: in the middle of a rebase or merge (conflicted files are saved as they lie there), on
// a detached HEAD, with an index.lock left behind. Left out, each with a Notice: files over 100 MB, files that cannot be
// read, and nested repositories that are clones of something else; the files of nested repositories without a remote are
// taken as ordinary files.
func (w *Workspace) Checkpoint(ctx context.Context) (wire.Checkpoint, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	head, last, err := w.heads(ctx)
	if err != nil {
		return wire.Checkpoint{}, err
	}
	tree, err := w.snapshot(ctx)
	if err != nil {
		return wire.Checkpoint{}, err
	}
	c := wire.Checkpoint{Commit: head.id, Files: head.id}
	switch {
	case tree == head.tree:
	case last.id != "" && last.tree == tree && last.parent == head.id:
		return wire.Checkpoint{Commit: head.id, Files: last.id}, nil
	default:
		const who, mail = "Background Agents", "background-agents@localhost"
		c.Files, err = w.run(ctx, command{args: []string{"commit-tree", tree, "-p", head.id, "-m", "Checkpoint"}, env: []string{
			"GIT_AUTHOR_NAME=" + who, "GIT_AUTHOR_EMAIL=" + mail, "GIT_COMMITTER_NAME=" + who, "GIT_COMMITTER_EMAIL=" + mail}})
		if err != nil {
			return wire.Checkpoint{}, fmt.Errorf("save the checkpoint: %w", err)
		}
	}
	if _, err := w.git(ctx, "update-ref", refCheckpoint, c.Files); err != nil {
		return wire.Checkpoint{}, fmt.Errorf("keep the checkpoint: %w", err)
	}
	return c, nil
}

// commit is a commit with its tree and first parent.
type commit struct{ id, tree, parent string }

// heads returns what the agent works on and the last checkpoint, where there is one. On a branch without a commit, the
// session's own branch or its base stands for HEAD.
func (w *Workspace) heads(ctx context.Context) (head, last commit, err error) {
	if _, err := w.git(ctx, "rev-parse", "--git-dir"); err != nil {
		return head, last, w.unusable(err)
	}
	candidates := []string{"HEAD"}
	if b, err := w.git(ctx, "config", settingBranch); err == nil {
		candidates = append(candidates, "refs/heads/"+b)
	}
	if b, err := w.git(ctx, "config", settingBase); err == nil {
		candidates = append(candidates, b)
	}
	for _, c := range candidates {
		head, err = w.commit(ctx, c)
		if err == nil {
			break
		}
		if ctx.Err() != nil {
			return head, last, err
		}
	}
	if err != nil {
		return head, last, w.unusable(err)
	}
	last, _ = w.commit(ctx, refCheckpoint) // none yet, or the agent removed it
	return head, last, nil
}

func (w *Workspace) commit(ctx context.Context, name string) (commit, error) {
	out, err := w.git(ctx, "rev-list", "-1", "--no-commit-header", "--format=%H %T %P", name, "--")
	if err != nil {
		return commit{}, err
	}
	f := strings.Fields(out)
	if len(f) < 2 {
		return commit{}, errors.New("git rev-list: no commit")
	}
	return commit{id: f[0], tree: f[1], parent: strings.Join(f[2:min(3, len(f))], "")}, nil
}

// unusable is the error for a repository that the agent removed or broke.
func (w *Workspace) unusable(err error) error {
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	what := "is damaged"
	if !exists(w.gitDir()) {
		what = "was removed"
	}
	return fmt.Errorf("%w (%v)", &wire.Error{Code: "sandbox_failed", Message: "The git repository in the sandbox " + what + ", so this state cannot be saved.",
		Hint: "Ask the agent to put it right, or restart the session: the repository is then made again around the files that are there."}, err)
}

// snapshot writes the working tree's files to the object database and returns the tree's id.
func (w *Workspace) snapshot(ctx context.Context) (tree string, err error) {
	if err := w.prepareIndex(ctx); err != nil {
		return "", err
	}
	if err = w.addChanged(ctx); err == nil {
		tree, err = w.withIndex(ctx, nil, "write-tree")
	}
	if err == nil || ctx.Err() != nil {
		return tree, err
	}
	// An index that went bad is made anew, once: it is only a cache.
	if rmErr := os.Remove(w.index()); rmErr != nil {
		return "", err
	}
	if _, err := w.withIndex(ctx, nil, "read-tree", "HEAD"); err != nil {
		return "", w.unusable(err)
	}
	if err := w.addChanged(ctx); err != nil {
		return "", err
	}
	return w.withIndex(ctx, nil, "write-tree")
}

// prepareIndex sees to it that there is an index of ours: the agent's as a start, or what HEAD holds.
func (w *Workspace) prepareIndex(ctx context.Context) error {
	if err := os.MkdirAll(w.scratch, 0o700); err != nil {
		return fmt.Errorf("make the scratch folder: %w", err)
	}
	os.Remove(w.index() + ".lock") // ours alone, so from a crash
	if exists(w.index()) {
		return nil
	}
	if err := copyIndex(filepath.Join(w.gitDir(), "index"), w.index()); err == nil {
		if _, err := w.withIndex(ctx, nil, "ls-files", "--unmerged"); err == nil {
			return nil
		}
	}
	os.Remove(w.index())
	_, err := w.withIndex(ctx, nil, "read-tree", "HEAD")
	return err
}

// withIndex runs git on the index of checkpoints; stdin is a list of paths, each ended by NUL.
func (w *Workspace) withIndex(ctx context.Context, paths []string, args ...string) (string, error) {
	c := command{args: args, env: []string{"GIT_INDEX_FILE=" + w.index()}}
	if paths != nil {
		c.stdin = strings.NewReader(strings.Join(paths, "\x00") + "\x00")
	}
	return w.run(ctx, c)
}
