package join

import (
	"path/filepath"
	"testing"
	"time"

	"background-agents/backend"
	"background-agents/backend/control"
	"background-agents/backend/session"
)

// TestAProcessThatHoldsTheFolderAndDoesNotAnswer: one that listens and was stopped, and one that does not listen yet.
func TestAProcessThatHoldsTheFolderAndDoesNotAnswer(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "data")
	p := backend.Paths{Data: dir, Env: func(string) string { return "" }}
	holder, err := backend.Open(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = holder.Close() }()
	silent := func(t *testing.T) {
		_, err := openWithin(t.Context(), p, 200*time.Millisecond)
		known := session.AsError(err)
		want := "The application that runs on " + dir + " did not answer within 200 milliseconds."
		if known == nil || known.Code != session.CodeRunning || known.Message != want || known.Hint == "" {
			t.Errorf("%+v", known)
		}
	}
	t.Run("does not listen", silent)
	l, err := control.Listen(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	t.Run("listens", silent)
}
