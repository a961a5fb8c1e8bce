package control

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"background-agents/backend/session"
)

func TestExecCarriesStreamsAndExitCode(t *testing.T) {
	c, _ := running(t, &recorder{})
	in := strings.Repeat("line\n", 500_000) // more than two frames
	var out, errOut bytes.Buffer
	code, err := c.Exec(t.Context(), "abc", session.Exec{Command: []string{"cat"}, Stdin: strings.NewReader(in), Stdout: &out, Stderr: &errOut})
	if err != nil || code != 7 || out.String() != in || errOut.String() != "done" {
		t.Fatalf("code %d, %d bytes, %q, %v", code, out.Len(), errOut.String(), err)
	}
	out.Reset()
	if _, err := c.Exec(t.Context(), "abc", session.Exec{Command: []string{"flood"}, Stdout: &out}); err != nil || out.Len() != 5<<20 {
		t.Fatalf("%d bytes, %v", out.Len(), err)
	}
}

func TestExecEndsWithItsCallerAndTellsErrors(t *testing.T) {
	r := &recorder{gone: make(chan struct{}), err: &session.Error{Code: session.CodeNotFound, Message: "No such session."}}
	c, _ := running(t, r)
	if _, err := c.Exec(t.Context(), "abc", session.Exec{Command: []string{"x"}}); session.CodeOf(err) != session.CodeNotFound {
		t.Fatalf("got %v", err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, err := c.Exec(ctx, "abc", session.Exec{Command: []string{"hang"}}); !errors.Is(err, context.DeadlineExceeded) {
		t.Fatalf("got %v", err)
	}
	select {
	case <-r.gone:
	case <-time.After(5 * time.Second):
		t.Fatal("the command goes on for a caller who has gone")
	}
}
