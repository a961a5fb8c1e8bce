package main

import (
	"context"
	"testing"

	"background-agents/backend/control"
	"background-agents/backend/session"
)

// ending is a backend whose process ends while it is asked, a number of times.
type ending struct {
	session.Operations
	left *int
}

func (e ending) Watch(_ context.Context, f func(session.Event)) error {
	if *e.left--; *e.left >= 0 {
		return &session.Error{Code: session.CodeInternal, Message: "The application ended while it was asked.", Err: control.ErrGone}
	}
	f(session.Event{State: true})
	return context.Canceled
}

func TestStateIsAskedForAgainWhenTheApplicationEnds(t *testing.T) {
	for left, want := range map[int]bool{0: true, 1: true, 3: true, 100: false} {
		opened := 0
		c := &cli{open: func(context.Context) (*access, error) {
			opened++
			return &access{Operations: ending{left: &left}, close: func() error { opened--; return nil }}, nil
		}}
		at, err := c.ops(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if e, err := state(t.Context(), at); (err == nil && e.State) != want || opened != 1 {
			t.Errorf("state is %+v, %v; %d backends are open", e, err, opened)
		}
	}
}
