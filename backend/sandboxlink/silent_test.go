package sandboxlink

import (
	"context"
	"errors"
	"io"
	"net"
	"testing"
	"time"

	"background-agents/backend/session"
)

// A supervisor that was stopped takes all that it is sent, and says nothing.
func TestASupervisorThatDoesNotAnswerIsGivenUp(t *testing.T) {
	dial := func() net.Conn {
		here, there := net.Pipe()
		go func() { _, _ = io.Copy(io.Discard, there) }()
		t.Cleanup(func() { _ = there.Close() })
		return here
	}
	h := session.LinkHandler{Session: "s1"}
	_, err := Linker{}.connect(t.Context(), dial(), h, 50*time.Millisecond)
	known := session.AsError(err)
	if known == nil || known.Code != session.CodeSandbox ||
		known.Message != "The sandbox did not answer within 50 milliseconds." || known.Hint == "" {
		t.Errorf("%+v", known)
	}
	ctx, stop := context.WithCancel(t.Context())
	time.AfterFunc(20*time.Millisecond, stop)
	if _, err := (Linker{}).Connect(ctx, dial(), h); !errors.Is(err, context.Canceled) ||
		session.CodeOf(err) == session.CodeSandbox {
		t.Errorf("given up by its caller: %v", err)
	}
}
