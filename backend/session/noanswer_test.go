package session_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"background-agents/backend/session"
)

func TestAWaitThatEndsSaysWhoDidNotAnswerAndForHowLong(t *testing.T) {
	for waited, want := range map[time.Duration]string{
		5 * time.Second:        "Docker did not answer within 5 seconds.",
		time.Minute:            "Docker did not answer within 1 minute.",
		90 * time.Second:       "Docker did not answer within 90 seconds.",
		2 * time.Hour:          "Docker did not answer within 2 hours.",
		500 * time.Millisecond: "Docker did not answer within 500 milliseconds.",
		1500 * time.Nanosecond: "Docker did not answer within 1.5µs.",
	} {
		err := session.NoAnswer(session.CodeDockerDown, "Docker", waited, "Start it.")
		if err.Message != want || err.Hint != "Start it." || !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%s: %q, %q", waited, err.Message, err.Hint)
		}
	}
}
