package control

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"sync/atomic"
	"testing"

	"background-agents/backend/session"
)

// An application that ends after it was asked may have done what was asked: the client says so, and asks nothing a
// second time.
func TestACallIsNeverSentTwice(t *testing.T) {
	dir := t.TempDir()
	l, err := Listen(dir)
	if err != nil {
		t.Fatal(err)
	}
	var asked atomic.Int32
	srv := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/hello" {
			_ = json.NewEncoder(w).Encode(Hello{Protocol: Protocol})
			return
		}
		_, _ = io.Copy(io.Discard, r.Body)
		asked.Add(1)
		panic(http.ErrAbortHandler) // as where its process ends
	})}
	go func() { _ = srv.Serve(l) }()
	defer srv.Close()
	c, err := Dial(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	for name, call := range map[string]func() error{
		"Rename": func() error { return c.Rename(t.Context(), "s", "title") },
		"Stop":   func() error { return c.Stop(t.Context(), "s") },
		"Prompt": func() error { _, err := c.Prompt(t.Context(), "s", session.NewPrompt{Text: "x"}); return err },
		"Create": func() error { _, err := c.Create(t.Context(), session.NewSession{}); return err },
	} {
		asked.Store(0)
		if err := call(); !errors.Is(err, ErrGone) || session.AsError(err).Hint == "" {
			t.Errorf("%s: %v", name, err)
		}
		if n := asked.Load(); n != 1 {
			t.Errorf("%s was sent %d times", name, n)
		}
	}
}
