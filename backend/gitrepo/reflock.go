package gitrepo

import (
	"context"
	"os"
	"path/filepath"
	"time"
)

// waitForRefLock waits for the lock file of a session's branch to go, and removes one that stays: git holds it for
// microseconds, and the session's lock, held here, is inherited by every git command of ours.
func (r *Repos) waitForRefLock(ctx context.Context, u repo, ref string) bool {
	lock := filepath.Join(u.common, filepath.FromSlash(ref)+".lock")
	for deadline := time.Now().Add(lockWait); exists(lock); {
		if time.Now().After(deadline) {
			return os.Remove(lock) == nil
		}
		select {
		case <-ctx.Done():
			return false
		case <-time.After(lockCheck):
		}
	}
	return true
}
