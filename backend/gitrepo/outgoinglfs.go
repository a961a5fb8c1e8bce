package gitrepo

import (
	"context"
	"os"
	"path/filepath"

	"background-agents/backend/session"
)

// stored are the files of a push that Git LFS stores. The push brings their pointers alone: Git LFS sends contents from a hook, and
// none runs here.
func (out *outgoing) stored(ctx context.Context) (session.StoredFiles, error) {
	found := session.StoredFiles{Paths: []string{}}
	changes, err := out.r.rawDiff(ctx, inside(out.q), out.from, out.s.Result.Commit, false)
	if err != nil {
		return found, explain(err)
	}
	pointers, before := map[string][]byte{}, map[string]bool{}
	for _, c := range changes {
		pointers[c.newID] = nil
		before[c.oldID] = true // the other side has its content: a file that was moved
	}
	if err := out.r.readBlobs(ctx, inside(out.q), pointers, maxPointer); err != nil {
		return found, explain(err)
	}
	for _, c := range changes {
		p, ok := parsePointer(pointers[c.newID])
		if !ok || before[c.newID] {
			continue
		}
		found.Count++
		if !out.holds(p) {
			found.Lost++
		}
		if len(found.Paths) < session.MaxPlanned {
			found.Paths = append(found.Paths, validPath(c.path))
		}
	}
	return found, nil
}

// holds reports whether the user's repository has what a pointer stands for, where Git LFS keeps it unless it is told otherwise:
// lfs/objects/ab/cd/abcd… below the git directory.
func (out *outgoing) holds(p pointer) bool {
	info, err := os.Lstat(filepath.Join(out.u.common, "lfs", "objects", p.oid[:2], p.oid[2:4], p.oid))
	return err == nil && info.Mode().IsRegular() && info.Size() == p.size
}
