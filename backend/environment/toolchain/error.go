package toolchain

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	"strings"
	"syscall"

	"background-agents/backend/session"
)

// What can go wrong with an index or an archive.
var (
	errNoArch    = errors.New("there is none for this processor")
	errNoVersion = errors.New("its maker does not list this version")
	errIndex     = errors.New("the index of its maker is not in the expected format")
	errTooLarge  = errors.New("it is larger than expected")
	errSum       = errors.New("the checksum differs")
	errHost      = errors.New("it leads to a host that is not its maker's")
	errLate      = errors.New("it took too long")
)

// statusError is an answer other than 200.
type statusError struct {
	host string
	code int
}

func (e *statusError) Error() string { return fmt.Sprintf("%s answered %d", e.host, e.code) }

// explain says what a failed fetch of label ("Go 1.25.4") means to its user.
func explain(label, arch string, err error) error {
	var known *session.Error
	var status *statusError
	told := &session.Error{Code: session.CodeTool, Err: err, Hint: "Retry. The session can go on without this tool."}
	switch {
	case err == nil:
		return nil
	case errors.As(err, &known), errors.Is(err, context.Canceled):
		return err
	case errors.Is(err, errSum):
		told.Code = session.CodeToolRefused
		told.Message = "The archive of " + label + " is not the one its maker published: its checksum differs."
		told.Hint = "Retry. If it stays so, something between you and its maker changes downloads: do not use this archive."
	case errors.Is(err, errHost), errors.Is(err, errTooLarge), errors.Is(err, errIndex):
		told.Code = session.CodeToolRefused
		told.Message = label + " could not be fetched: " + sentence(err) + "."
		told.Hint = "Update Background Agents, which may know a new address, or choose another version."
	case errors.Is(err, errNoArch):
		told.Code = session.CodeNotFound
		told.Message = "There is no " + label + " for " + arch + " processors."
		told.Hint = "Choose another version."
	case errors.Is(err, errNoVersion), errors.As(err, &status) && status.code == 404:
		told.Code = session.CodeNotFound
		told.Message = label + " could not be fetched: its maker does not have this version."
		told.Hint = "Choose another version."
	case errors.Is(err, syscall.ENOSPC):
		told.Code = session.CodeDiskFull
		told.Message = "The disk is full, so " + label + " could not be fetched."
		told.Hint = "Free space, then Retry."
	case errors.Is(err, os.ErrPermission):
		told.Message = label + " could not be stored: " + sentence(err) + "."
	case errors.Is(err, errLate), errors.Is(err, context.DeadlineExceeded):
		told.Code = session.CodeTimeout
		told.Message = label + " could not be fetched: it took longer than " + session.Spell(Limit) + "."
		told.Hint = "Check your connection, then Retry."
	default:
		told.Message = label + " could not be fetched: " + sentence(err) + "."
		if offline(err) {
			told.Hint = "Check your connection and proxy, then Retry. The session can go on without this tool."
		}
	}
	return told
}

// offline reports whether the maker was not reached, or the connection to it ended.
func offline(err error) bool {
	var network net.Error
	return errors.As(err, &network) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, syscall.ECONNRESET)
}

// sentence is an error's text as part of a sentence: one line of bounded length.
func sentence(err error) string {
	var request *url.Error // its text begins with the whole address
	if errors.As(err, &request) {
		err = request.Err
	}
	text := strings.Join(strings.Fields(err.Error()), " ")
	if len(text) > 300 {
		text = strings.ToValidUTF8(text[:300], "") + "..."
	}
	return strings.TrimRight(text, ". ")
}
