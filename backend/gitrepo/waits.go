package gitrepo

import (
	"context"
	"time"

	"background-agents/backend/session"
)

// What git is waited for. Each wait ends with the end of the command, or as it says here.
const (
	// pushTime and fetchTime bound commands that talk to a remote: then it is said that the remote was too slow. A
	// transfer that stands still ends before that (stillTime).
	pushTime  = 15 * time.Minute
	fetchTime = 10 * time.Minute
	// receiveTime bounds the checks of one result: then it is said that it could not be checked.
	receiveTime = 15 * time.Minute
	// dirtyTime bounds the search for uncommitted changes: then there count to be none, as for a repository that is on
	// a slow disk.
	dirtyTime = 10 * time.Second
	// suggestTime bounds the search for repositories: then those count that were found.
	suggestTime = 3 * time.Second
	// lockWait is how long another git command in the worktree is waited for: then it is said that there is one. For
	// the lock of a session's branch, which no command of ours holds then, it is taken to be left behind.
	lockWait = 3 * time.Second
	// lockCheck is how often a lock is looked at while it is waited for.
	lockCheck = 20 * time.Millisecond
	// agingWait bounds the wait for the second to end in which a file of the user's was written. A file of a later
	// time, which is one of the future, is not waited for: the merge then says that it is in the way.
	agingWait = 3 * time.Second
	// outputWait is how long a program that git started may keep git's output open when git itself has ended, or was
	// ended. What comes later is not read.
	outputWait = 5 * time.Second
)

// limited bounds what is done under the returned context. Where the time is not enough, the error of the commands under
// it says what was not done in it, and what to do.
func limited(ctx context.Context, d time.Duration, what, hint string) (context.Context, context.CancelFunc) {
	return context.WithTimeoutCause(ctx, d, fail(session.CodeTimeout, what+" within "+session.Spell(d)+".", hint,
		context.DeadlineExceeded))
}
