package app

import (
	"context"
	"errors"
	"sync"
	"time"

	"background-agents/backend/control"
	"background-agents/backend/session"
)

// opened is a backend that was found, and how to let go of it.
type opened interface {
	session.Operations
	Close() error
}

// door opens the backend when it is first needed, and again when it was lost. The window, the tray and the
// notifications all go through it, and none of them waits for another's failure.
type door struct {
	open func(ctx context.Context) (opened, error)

	mu     sync.Mutex
	ctx    context.Context
	in     opened
	err    error
	closed bool
}

func newDoor(ctx context.Context, open func(ctx context.Context) (opened, error)) *door {
	return &door{ctx: ctx, open: open}
}

// ops returns the backend. After a failure it gives the same failure again until retry is called.
func (d *door) ops() (session.Operations, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	switch {
	case d.closed:
		return nil, &session.Error{Code: session.CodeCancelled, Message: "The application is closing.", Hint: "Start it again."}
	case d.in != nil:
		return d.in, nil
	case d.err == nil:
		d.in, d.err = d.open(d.ctx)
	}
	if d.err != nil {
		d.in = nil
		return nil, d.err
	}
	return d.in, nil
}

// retry makes the next ops try again where the last one failed.
func (d *door) retry() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.err = nil
}

// lost lets go of a backend that was another process's and has gone with it.
func (d *door) lost(ops session.Operations, err error) {
	if !errors.Is(err, control.ErrGone) {
		return
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.in != nil && session.Operations(d.in) == ops {
		_ = d.in.Close()
		d.in = nil
	}
}

// close lets go of the backend for good.
func (d *door) close() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.closed = true
	if d.in == nil {
		return nil
	}
	err := d.in.Close()
	d.in = nil
	return err
}

// reopenPause is the pause before a backend that was lost is watched again. It ends with the application.
const reopenPause = 2 * time.Second

// follow calls f with the state and every change until ctx ends, and begins again when the backend was lost.
func (d *door) follow(ctx context.Context, f func(session.Operations, session.Event)) {
	for {
		ops, err := d.ops()
		if err == nil {
			err = ops.Watch(ctx, func(e session.Event) { f(ops, e) })
			d.lost(ops, err)
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(reopenPause):
		}
	}
}
