package control

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"

	"background-agents/backend/session"
)

// ErrGone is in the chain of an error that a call gets when the application ends while it is being asked.
var ErrGone = errors.New("the application ended")

// ErrNotRunning is in the chain of the error that Dial gives where no application answers.
var ErrNotRunning = errors.New("no application is running")

// ErrSilent is in the chain of the error that Dial gives where an application takes the connection and does not answer.
var ErrSilent = errors.New("the application does not answer")

var statusOf = map[session.Code]int{
	session.CodeInvalid:  http.StatusBadRequest,
	session.CodeNotFound: http.StatusNotFound,
	session.CodeConflict: http.StatusConflict,
	session.CodeUnsaved:  http.StatusConflict,
}

func writeError(w http.ResponseWriter, err error) {
	e := session.AsError(err)
	status, ok := statusOf[e.Code]
	if !ok {
		status = http.StatusInternalServerError
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(e)
}

// readError returns the error that a response holds.
func readError(resp *http.Response) error {
	raw, err := io.ReadAll(io.LimitReader(resp.Body, 1<<20))
	if err != nil {
		return gone(err)
	}
	var e session.Error
	if json.Unmarshal(raw, &e) != nil || e.Code == "" {
		return internal("The running application answered with "+resp.Status+".", nil)
	}
	return &e
}

func gone(cause error) error {
	return &session.Error{
		Code:    session.CodeInternal,
		Message: "The application ended while it was asked.",
		Hint:    "What it had accepted is kept. Ask again.",
		Err:     errors.Join(ErrGone, cause),
	}
}

func internal(message string, cause error) error {
	return &session.Error{
		Code: session.CodeInternal, Message: message,
		Hint: "Quit the application and start it again.", Err: cause,
	}
}
