// Package join finds the backend that a window or `bga` works with: the one that a running application has open, else
// one of its own, which it then lets others join.
//
// So there is one backend to a data folder at any time, and every way in sees the same sessions.
package join

import (
	"context"
	"errors"
	"fmt"
	"time"

	"background-agents/backend"
	"background-agents/backend/control"
	"background-agents/backend/session"
)

// Backend is what was found. Own says that it was opened here: what waits in queues goes on only while it is open.
type Backend struct {
	session.Operations
	Own     bool
	Version string
	close   func() error
}

// Close lets go of the backend. Sandboxes go on with their turns.
func (b *Backend) Close() error { return b.close() }

// joinWait is how long Open waits for a process that holds the data folder and does not answer: it is opening the
// backend, or closing it. The wait ends when that process answers or has ended, or with the sentence that it did not
// answer; joinCheck is how often it is looked for.
const (
	joinWait  = 20 * time.Second
	joinCheck = 100 * time.Millisecond
)

// Open joins the backend of p.Data, or opens it.
func Open(ctx context.Context, p backend.Paths) (*Backend, error) {
	return openWithin(ctx, p, joinWait)
}

func openWithin(ctx context.Context, p backend.Paths, wait time.Duration) (*Backend, error) {
	for end := time.Now().Add(wait); ; {
		c, err := control.Dial(ctx, p.Data)
		if err == nil {
			return &Backend{Operations: c, Version: c.Hello.Version, close: c.Close}, nil
		}
		if !errors.Is(err, control.ErrNotRunning) && !errors.Is(err, control.ErrSilent) {
			return nil, err
		}
		b, err := own(ctx, p)
		if err == nil {
			return b, nil
		}
		// Another process took the lock between the two; it will listen in a moment.
		if session.CodeOf(err) != session.CodeRunning {
			return nil, err
		}
		if time.Now().After(end) {
			silent := session.NoAnswer(session.CodeRunning, "The application that runs on "+p.Data, wait,
				"Quit it, or end its process, and try again.")
			silent.Err = errors.Join(silent.Err, err)
			return nil, silent
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(joinCheck):
		}
	}
}

func own(ctx context.Context, p backend.Paths) (*Backend, error) {
	b, err := backend.Open(ctx, p)
	if err != nil {
		return nil, err
	}
	l, err := control.Listen(p.Data)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("listen for bga: %w", err), b.Close())
	}
	serving, stop := context.WithCancel(context.WithoutCancel(ctx))
	served := make(chan error, 1)
	go func() { served <- control.Serve(serving, l, b) }()
	return &Backend{Operations: b, Own: true, Version: control.Version, close: func() error {
		stop()
		return errors.Join(<-served, b.Close())
	}}, nil
}
