package workspace

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"background-agents/sandbox/wire"
)

const refCheckpoint = "refs/background-agents/checkpoint"

// Checkpoint saves the whole working tree, untracked files included and ignored ones not, as a commit above HEAD.
// Where nothing is uncommitted Files equals Commit; where nothing changed since the last checkpoint it is that one.
//
// It works in whatever state the agent left: in the middle of a rebase or merge (conflicted files are saved as they lie
// there), on a detached HEAD, with an index.lock left behind. Left out, each with a Notice: files over 100 MB, files
// and folders that cannot be read, linked worktrees, and nested repositories that are clones of something else; the
// files of nested repositories without a remote are taken as ordinary files. Content, not a file's time, decides what
// changed.
func (w *Workspace) Checkpoint(ctx context.Context) (wire.Checkpoint, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	var head, last commit
	var headErr error
	looked := make(chan struct{})
	go func() {
		head, last, headErr = w.heads(ctx)
		close(looked)
	}()
	tree, err := w.snapshot(ctx)
	<-looked
	if headErr != nil {
		return wire.Checkpoint{}, headErr
	}
	if err != nil {
		return wire.Checkpoint{}, err
	}
	if tree, err = w.unwritten(ctx, head.tree, tree); err != nil {
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
	found, err := w.commits(ctx, "HEAD", refCheckpoint)
	if err != nil {
		return head, last, w.unusable(err)
	}
	if head, last = found[0], found[1]; head.id != "" {
		return head, last, nil
	}
	branch, err := w.git(ctx, "config", settingBranch)
	if err != nil {
		return head, last, w.unusable(err)
	}
	base, err := w.git(ctx, "config", settingBase)
	if err != nil {
		return head, last, w.unusable(err)
	}
	if found, err = w.commits(ctx, "refs/heads/"+branch, base); err != nil {
		return head, last, w.unusable(err)
	}
	for _, c := range found {
		if c.id != "" {
			return c, last, nil
		}
	}
	return head, last, w.unusable(errors.New("no commit is left"))
}

// commits looks up names; one that is no commit gives the zero value.
func (w *Workspace) commits(ctx context.Context, names ...string) ([]commit, error) {
	var in strings.Builder
	for _, n := range names {
		in.WriteString(n + "^{commit}\n")
	}
	out, err := w.run(ctx, command{args: []string{"cat-file", "--batch"}, stdin: strings.NewReader(in.String())})
	if err != nil {
		return nil, err
	}
	found := make([]commit, len(names))
	for i := range found {
		line, rest, _ := strings.Cut(out, "\n")
		f := strings.Fields(line)
		if len(f) != 3 || f[1] != "commit" {
			out = rest // "NAME missing"
			continue
		}
		size, err := strconv.Atoi(f[2])
		if err != nil || size > len(rest) {
			return nil, errors.New("git cat-file: answer cut short")
		}
		found[i].id = f[0]
		head, _, _ := strings.Cut(rest[:size], "\n\n") // the message follows
		for _, field := range strings.Split(head, "\n") {
			key, value, _ := strings.Cut(field, " ")
			switch {
			case key == "tree":
				found[i].tree = value
			case key == "parent" && found[i].parent == "":
				found[i].parent = value
			}
		}
		out = strings.TrimPrefix(rest[size:], "\n")
	}
	return found, nil
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
	return fmt.Errorf("%w (%w)", &wire.Error{Code: "sandbox_failed", Message: "The git repository in the sandbox " + what + ", so this state cannot be saved.",
		Hint: "Ask the agent to put it right, or restart the session: the repository is then recreated around the files that are there."}, err)
}

// snapshot writes the working tree's files to the object database and returns the tree's id.
func (w *Workspace) snapshot(ctx context.Context) (tree string, err error) {
	if err := w.prepareIndex(ctx); err != nil {
		return "", err
	}
	if err = w.addChanged(ctx); err == nil {
		tree, err = w.withIndex(ctx, nil, "write-tree")
	}
	var told *wire.Error
	if err == nil || ctx.Err() != nil || errors.As(err, &told) {
		return tree, err
	}
	// An index that went bad is recreated, once: it is only a cache.
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
