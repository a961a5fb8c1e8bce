package sqlite

import (
	"errors"
	"os"

	driver "github.com/glebarez/go-sqlite"

	"background-agents/backend/session"
)

// SQLite's result codes, https://www.sqlite.org/rescode.html; the low byte of an extended code is its primary one.
const (
	resultBusy     = 5
	resultReadOnly = 8
	resultCorrupt  = 11
	resultFull     = 13
	resultCantOpen = 14
	resultNotADB   = 26
)

// explain turns what SQLite answers into a sentence, where a user can do something about it.
func explain(err error) error {
	var e *driver.Error
	if !errors.As(err, &e) {
		if errors.Is(err, os.ErrPermission) {
			return denied(err)
		}
		return err
	}
	switch e.Code() & 0xff {
	case resultCorrupt, resultNotADB:
		return damaged(err)
	case resultFull:
		return &session.Error{
			Code: session.CodeDiskFull, Err: err,
			Message: "The disk is full: nothing more can be saved.",
			Hint:    "Free some space; Settings, Storage shows what sessions take.",
		}
	case resultReadOnly, resultCantOpen:
		return denied(err)
	case resultBusy:
		return &session.Error{
			Code: session.CodeRunning, Err: err,
			Message: "Another program holds the database.",
			Hint:    "Close it, and try again.",
		}
	}
	return err
}

func damaged(err error) error {
	return &session.Error{
		Code: session.CodeDatabase, Err: err,
		Message: "The database is damaged.",
		Hint:    "It was left as it is. Restore it from a backup, or move it away to begin with an empty one: branches and worktrees are in git.",
	}
}

func denied(err error) error {
	return &session.Error{
		Code: session.CodeDatabase, Err: err,
		Message: "The database cannot be opened for writing.",
		Hint:    "Check who owns the application's data folder and that its disk is not read-only, or choose another folder with BGA_HOME.",
	}
}

func newer(have, know int) error {
	return &session.Error{
		Code:    session.CodeNewerDatabase,
		Message: "The database was written by a newer version of Background Agents.",
		Hint:    "Update the application, or choose another folder with BGA_HOME. Nothing was changed.",
		Err:     errVersion{have, know},
	}
}
