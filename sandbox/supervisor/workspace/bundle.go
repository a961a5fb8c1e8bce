package workspace

import (
	"bytes"
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

// The refs of a bundle to the host.
const (
	refCommit = "refs/result/commit"
	refFiles  = "refs/result/files"
)

const refImport = "refs/background-agents/import/"

// maxHave bounds how many commits of the host are considered; those beyond only cost bytes.
const maxHave = 4096

// Bundle writes a git bundle of b.Checkpoint with both refs, without what b.Have reaches, to out. Commits in Have that
// are not here are passed over. Where Files is in Have there is nothing to send and nothing is written: an empty
// answer.
//
// The header is written here and only the pack by git, because `git bundle create` leaves out a ref whose commit the
// host has already (Commit, in a turn without a commit), and a fetch of that ref would then fail.
func (w *Workspace) Bundle(ctx context.Context, b wire.Bundle, out io.Writer) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	c := b.Checkpoint
	if err := checkIDs(c.Commit, c.Files); err != nil {
		return err
	}
	if slices.Contains(b.Have, c.Files) {
		return nil
	}
	have, err := w.mustHave(ctx, c, b.Have...)
	if err != nil {
		return err
	}
	keep := fmt.Sprintf("update %s %s\nupdate %s %s\n", refCommit, c.Commit, refFiles, c.Files)
	if _, err := w.run(ctx, command{args: []string{"update-ref", "--stdin"}, stdin: strings.NewReader(keep)}); err != nil {
		return fmt.Errorf("keep the result: %w", err)
	}
	var head, revs bytes.Buffer
	head.WriteString("# v2 git bundle\n")
	if len(c.Commit) == 64 {
		head.Reset()
		head.WriteString("# v3 git bundle\n@object-format=sha256\n")
	}
	fmt.Fprintf(&revs, "%s\n%s\n", c.Commit, c.Files)
	for _, h := range have {
		fmt.Fprintf(&head, "-%s\n", h)
		fmt.Fprintf(&revs, "^%s\n", h)
	}
	fmt.Fprintf(&head, "%s %s\n%s %s\n\n", c.Commit, refCommit, c.Files, refFiles)
	if _, err := out.Write(head.Bytes()); err != nil {
		return fmt.Errorf("send the bundle: %w", err)
	}
	if _, err := w.run(ctx, command{args: []string{"pack-objects", "--revs", "--stdout", "--thin", "--delta-base-offset", "-q"}, stdin: &revs, stdout: out}); err != nil {
		return fmt.Errorf("send the bundle: %w", err)
	}
	return nil
}

// mustHave reports an error where a checkpoint's commits are not here. It returns those of more that are commits here.
func (w *Workspace) mustHave(ctx context.Context, c wire.Checkpoint, more ...string) ([]string, error) {
	more = more[:min(len(more), maxHave)]
	ids := append([]string{c.Commit, c.Files}, more...)
	if err := checkIDs(ids...); err != nil {
		return nil, err
	}
	out, err := w.run(ctx, command{args: []string{"cat-file", "--batch-check=%(objectname) %(objecttype)"}, stdin: strings.NewReader(strings.Join(ids, "\n") + "\n")})
	if err != nil {
		return nil, fmt.Errorf("look up commits: %w", err)
	}
	here := map[string]bool{}
	for _, line := range strings.Split(out, "\n") {
		if id, ok := strings.CutSuffix(line, " commit"); ok {
			here[id] = true
		}
	}
	if !here[c.Commit] || !here[c.Files] {
		return nil, &wire.Error{Code: "not_found", Message: "That state is not in the sandbox any more.", Hint: "It is kept on the host and is sent again on the next try."}
	}
	more = slices.DeleteFunc(slices.Clone(more), func(id string) bool { return !here[id] })
	slices.Sort(more)
	return slices.Compact(more), nil
}

// Import takes the objects of a bundle into the clone and keeps them by refs of our own. An empty one is nothing to
// take.
func (w *Workspace) Import(ctx context.Context, bundle io.Reader) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if err := os.MkdirAll(w.scratch, 0o700); err != nil {
		return fmt.Errorf("make the scratch folder: %w", err)
	}
	path := filepath.Join(w.scratch, "import.bundle")
	f, err := os.Create(path)
	if err != nil {
		return fmt.Errorf("receive the bundle: %w", err)
	}
	defer os.Remove(path)
	n, err := io.Copy(f, bundle)
	if err = errors.Join(err, f.Close()); err != nil {
		return fmt.Errorf("receive the bundle: %w", err)
	}
	if n == 0 {
		return nil
	}
	if _, err := w.git(ctx, "fetch", "-q", "--no-tags", "--no-write-fetch-head", "--no-recurse-submodules", "--", path, "+refs/*:"+refImport+"*"); err != nil {
		return fmt.Errorf("take the bundle's objects: %w", err)
	}
	w.moveBase(ctx)
	return nil
}
