// Package workspace is the sandbox's private clone: made, saved, restored and bundled with the git command.
//
// The clone borrows the objects of the project's mirror, so that a session costs a checkout and no history. The agent
// may do in it what it likes, and nothing here trusts its state: repository and working tree are named explicitly,
// hooks and the file system monitor are off, the user's and the system's git settings are not read, and everything that is
// saved goes through an index of our own. Checkpoint and Bundle leave the agent's index, HEAD and branch as they are.
//
// Refs of our own: refs/background-agents/checkpoint (the last one), refs/background-agents/import/* (what the host
// sent), refs/result/* (what was bundled last).
package workspace

import (
	"os"
	"path/filepath"
	"regexp"
	"sync"

	"background-agents/sandbox/wire"
)

// Workspace is a clone in Dir that borrows from the bare repository Mirror. Its methods are safe for concurrent use;
// those that touch the repository run one after the other.
type Workspace struct {
	Dir    string
	Mirror string
	// Notice, where set before first use, is told in one sentence of each file that a checkpoint leaves out, once each.
	Notice func(text string)

	scratch string
	mu      sync.Mutex
	told    map[string]bool // paths that Notice was told of; at most maxTold
	left    []wire.Only     // what the last snapshot left out
}

const maxTold = 1000

// Open returns the workspace in dir; it touches nothing. scratch is a folder for temporary files and for the index of
// checkpoints; losing it costs time, not work.
func Open(dir, mirror, scratch string) *Workspace {
	return &Workspace{Dir: dir, Mirror: mirror, scratch: scratch, told: map[string]bool{}}
}

func (w *Workspace) gitDir() string { return filepath.Join(w.Dir, ".git") }

// index is the path of the index of checkpoints, kept from one to the next so that only changed files are read again.
func (w *Workspace) index() string { return filepath.Join(w.scratch, "checkpoint.index") }

func (w *Workspace) notice(path, text string) {
	if w.Notice == nil || w.told[path] || len(w.told) >= maxTold {
		return
	}
	w.told[path] = true
	w.Notice(text)
}

// leave notes what the snapshot leaves out.
func (w *Workspace) leave(kind, path, detail string) {
	w.left = append(w.left, wire.Only{Kind: kind, Name: path, Detail: detail})
}

var commitID = regexp.MustCompile(`^([0-9a-f]{40}|[0-9a-f]{64})$`)

// checkIDs refuses what is not a full commit id, so that none can be taken for an option.
func checkIDs(ids ...string) error {
	for _, id := range ids {
		if !commitID.MatchString(id) {
			return &wire.Error{Code: "invalid", Message: "“" + id + "” is not a commit id."}
		}
	}
	return nil
}

func exists(path string) bool {
	_, err := os.Lstat(path)
	return err == nil
}
