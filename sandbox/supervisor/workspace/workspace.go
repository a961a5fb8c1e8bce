// Package workspace is the sandbox's private clone: made, saved, restored and bundled with the git command.
//
// The clone borrows the objects of the project's mirror, so that a session costs a checkout and no history. The
// agent may do in it what it likes; nothing here trusts its state, and nothing here changes the agent's index, HEAD or branch
// except Ensure, which makes them, and Restore, which is asked to.
package workspace

import (
	"context"
	"io"
	"time"

	"background-agents/sandbox/wire"
)

// Workspace is a clone in Dir that borrows from the bare repository Mirror.
type Workspace struct {
	Dir     string
	Mirror  string
	scratch string // temporary indexes, and the marks of what was finished
}

// Open returns the workspace in dir; it touches nothing. scratch is a folder on a disk that outlives the process.
func Open(dir, mirror, scratch string) *Workspace {
	return &Workspace{Dir: dir, Mirror: mirror, scratch: scratch}
}

// Ensure makes the clone where it is missing, on branch at commit base, and completes one that a crash cut short.
func (w *Workspace) Ensure(ctx context.Context, base, branch, authorName, authorEmail string, out io.Writer) (fresh bool, err error) {
	return false, nil
}

// Hook runs .background-agents/NAME where the project has it.
func (w *Workspace) Hook(ctx context.Context, name string, env []string, limit time.Duration, out io.Writer) (ran bool, err error) {
	return false, nil
}

// Checkpoint saves the whole working tree.
func (w *Workspace) Checkpoint(ctx context.Context) (wire.Checkpoint, error) {
	return wire.Checkpoint{}, nil
}

// Bundle writes what b asks for.
func (w *Workspace) Bundle(ctx context.Context, b wire.Bundle, out io.Writer) error { return nil }

// Import takes the objects of a bundle into the clone.
func (w *Workspace) Import(ctx context.Context, bundle io.Reader) error { return nil }

// Restore brings working tree and branch back to c.
func (w *Workspace) Restore(ctx context.Context, c wire.Checkpoint) error { return nil }

// Apply merges the difference between two commits into the working tree.
func (w *Workspace) Apply(ctx context.Context, from, to string) error { return nil }
