package main

import (
	"bytes"
	"context"
	"strings"
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

// writes is a backend that can be read, and whose process ends at each change.
type writes struct {
	session.Operations
	renamed *int
}

func (w writes) Watch(_ context.Context, f func(session.Event)) error {
	f(session.Event{State: true, Sessions: []session.Session{{ID: "aaaaaaaa", Title: "one"}}})
	return context.Canceled
}

func (w writes) Rename(context.Context, session.ID, string) error {
	*w.renamed++
	return &session.Error{Code: session.CodeInternal, Message: "The application ended while it was asked.", Hint: "Ask again.", Err: control.ErrGone}
}

// What may have been done is not done a second time: the user decides.
func TestAChangeIsNotRepeatedWhenTheApplicationEnds(t *testing.T) {
	renamed, opened := 0, 0
	var said bytes.Buffer
	c := &cli{in: strings.NewReader(""), out: &said, err: &said, open: func(context.Context) (*access, error) {
		opened++
		return &access{Operations: writes{renamed: &renamed}, close: func() error { return nil }}, nil
	}}
	code := c.run(t.Context(), []string{"rename", "aaaaaaaa", "two"})
	if code != exitError || renamed != 1 || opened != 1 || !strings.Contains(said.String(), "The application ended while it was asked.") {
		t.Errorf("exit %d, renamed %d times by %d backends: %s", code, renamed, opened, said.String())
	}
}
