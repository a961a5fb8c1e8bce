package session

import (
	"context"
	"fmt"
	"strings"
)

// maxNamed bounds the submodules that are named in one sentence.
const maxNamed = 10

// EmptySubmodules says which folders are empty in a sandbox, "" where none is.
func EmptySubmodules(paths []string) string {
	if len(paths) == 0 {
		return ""
	}
	names := strings.Join(paths[:min(len(paths), maxNamed)], ", ")
	if more := len(paths) - maxNamed; more > 0 {
		names += fmt.Sprintf(" and %d more", more)
	}
	return "Submodules are not copied into the sandbox. These folders are empty there: " + names + "."
}

// saySubmodules tells the user in the transcript of a new clone which of its folders are empty. A session works without
// that.
func (r *runner) saySubmodules(ctx context.Context, link Link, s Session, p Project) error {
	if link.Epoch() == s.Cursor.Epoch && !s.Bare {
		return nil // the clone is there already
	}
	paths, err := r.m.Git.Submodules(ctx, p, s.BaseCommit)
	if err != nil {
		r.m.Log.Warn("list submodules", "session", r.id, "err", err)
		return nil
	}
	text := EmptySubmodules(paths)
	if text == "" {
		return nil
	}
	_, err = r.m.update(ctx, r.id, func(_ *Session, b *batch) error {
		notice(b, text)
		return nil
	})
	return err
}
