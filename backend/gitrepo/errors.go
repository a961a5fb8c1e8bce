package gitrepo

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strings"
	"syscall"

	"background-agents/backend/session"
)

// gitError is a git command that ended with an error. Stderr is bounded by maxStderr.
type gitError struct {
	command string // the subcommand
	code    int
	stderr  string
	err     error
}

func (e *gitError) Error() string {
	text := strings.TrimSpace(e.stderr)
	if text == "" {
		text = e.err.Error()
	}
	return fmt.Sprintf("git %s: %s", e.command, text)
}

func (e *gitError) Unwrap() error { return e.err }

// stderrHas reports whether err is a git command that said one of the texts. Commands run with LC_ALL=C.
func stderrHas(err error, texts ...string) bool {
	var e *gitError
	said := func(text string) bool { return strings.Contains(e.stderr, text) }
	return errors.As(err, &e) && slices.ContainsFunc(texts, said)
}

// exited reports whether err is a git command that ended with code.
func exited(err error, code int) bool {
	var e *gitError
	return errors.As(err, &e) && e.code == code
}

func fail(code session.Code, message, hint string, cause error) error {
	return &session.Error{Code: code, Message: message, Hint: hint, Err: cause}
}

func invalid(message string) error {
	return fail(session.CodeInvalid, message, "", nil)
}

func refused(format string, args ...any) error {
	return fail(session.CodeQuarantine, "The result was refused: "+fmt.Sprintf(format, args...)+".",
		"Nothing of it was taken over. Look at what the agent did, then ask it to undo that.", nil)
}

func conflict(message, hint string, cause error) error {
	return fail(session.CodeConflict, message, hint, cause)
}

func missing(path string, cause error) error {
	return fail(session.CodeRepoMissing, fmt.Sprintf("There is no repository at %s any more.", path),
		"Move it back. Or say where it is now, in the project's settings or with: bga project move "+commandLine([]string{path})+" NEW_PATH.", cause)
}

// explain turns causes that every command can have into what a user is told.
func explain(err error) error {
	if err == nil {
		return nil
	}
	var told *session.Error
	switch {
	case errors.As(err, &told):
		return err
	case errors.Is(err, context.DeadlineExceeded):
		return fail(session.CodeTimeout, "Git did not end in time.", "Try again when the computer is less busy.", err)
	case errors.Is(err, context.Canceled):
		return fail(session.CodeCancelled, "Cancelled.", "", err)
	case errors.Is(err, syscall.ENOSPC), stderrHas(err, "No space left on device"):
		return fail(session.CodeDiskFull, "The disk is full.", "Free some space, then try again.", err)
	case errors.Is(err, fs.ErrPermission), stderrHas(err, "Permission denied"):
		return fail(session.CodeInvalid, "A file or folder of the repository cannot be read or written: permission denied.",
			"Give your user access to it, then try again.", err)
	}
	return err
}

func exists(path string) bool {
	_, err := os.Lstat(path)
	return err == nil
}

// notStarted says why there is no git command.
func notStarted(command string, err error) error {
	return fmt.Errorf("git %s: %w", command, NotFound(err))
}

// NotFound returns the error of a program that could not be started as what it means where that was git, and is not
// installed.
func NotFound(err error) error {
	if !errors.Is(err, exec.ErrNotFound) {
		return err
	}
	hint := "Install git " + Oldest + " or newer, then try again: https://git-scm.com/downloads"
	if runtime.GOOS == "linux" {
		hint = "Install git " + Oldest + " or newer, then try again: `sudo apt install git` on Debian and Ubuntu."
	}
	return fail(session.CodeInternal, "The git command was not found.", hint, err)
}

// Oldest is the oldest git that is known to do.
const Oldest = "2.39"
