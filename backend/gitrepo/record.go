package gitrepo

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"background-agents/backend/session"
)

// record is what is known of a session's branch and worktree. It is stored before what it announces is done, so that
// the next start after a crash can tell our half-done work from the user's. The index beside it holds Files with the
// state of the worktree's files, by which the user's changes are found.
type record struct {
	Branch   string `json:"branch"`
	Worktree string `json:"worktree"`
	Admin    string `json:"admin"` // name of the worktree's folder in the repository's worktrees/
	// Commit and Files are what branch and worktree hold.
	Commit string `json:"commit"`
	Files  string `json:"files"`
	// NextCommit and NextFiles are set while they are being brought to another result.
	NextCommit string `json:"nextCommit,omitempty"`
	NextFiles  string `json:"nextFiles,omitempty"`
	// Sent is the worktree, with the user's changes, as it was last sent to the agent.
	Sent string `json:"sent,omitempty"`
}

func (r *Repos) loadRecord(s session.Session) (record, error) {
	var rec record
	b, err := os.ReadFile(filepath.Join(r.sessionDir(s), "record.json"))
	if errors.Is(err, os.ErrNotExist) {
		return rec, nil
	}
	if err == nil {
		err = json.Unmarshal(b, &rec)
	}
	if err != nil {
		return rec, fmt.Errorf("read record of worktree: %w", err)
	}
	return rec, nil
}

func (r *Repos) saveRecord(s session.Session, rec record) error {
	dir := r.sessionDir(s)
	b, err := json.Marshal(rec)
	if err == nil {
		err = os.MkdirAll(dir, 0o700)
	}
	if err == nil {
		err = writeFile(filepath.Join(dir, "record.json"), b)
	}
	if err != nil {
		return explain(fmt.Errorf("write record of worktree: %w", err))
	}
	return nil
}

// trees are the results that the worktree may rightly hold in whole or in part.
func (rec record) trees(more ...string) []string {
	var list []string
	for _, id := range append([]string{rec.Commit, rec.Files, rec.NextCommit, rec.NextFiles}, more...) {
		if id != "" {
			list = append(list, id)
		}
	}
	return list
}
