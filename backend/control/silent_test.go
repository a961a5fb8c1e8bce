package control

import (
	"context"
	"errors"
	"testing"
	"time"

	"background-agents/backend/session"
)

// An application that is stopped takes connections, and answers none.
func TestAnApplicationThatDoesNotAnswerIsToldFromNone(t *testing.T) {
	dir := t.TempDir()
	l, err := Listen(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	_, err = dialWithin(t.Context(), dir, 50*time.Millisecond)
	known := session.AsError(err)
	if !errors.Is(err, ErrSilent) || errors.Is(err, ErrNotRunning) || known.Code != session.CodeTimeout ||
		known.Message != "The running application did not answer within 50 milliseconds." || known.Hint == "" {
		t.Errorf("%+v", known)
	}
	stopped, stop := context.WithCancel(t.Context())
	stop()
	if _, err := Dial(stopped, dir); !errors.Is(err, context.Canceled) {
		t.Errorf("given up by its caller: %v", err)
	}
}
