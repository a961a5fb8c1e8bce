// Package sandboxlink is the host's end of the channel to a sandbox: it follows the supervisor's journal, sends it
// commands, and takes the connections of the agent to its model and to the network.
//
// What it guarantees:
//   - Entries reach the handler in the journal's order, each once after the handler's cursor. A gap or a repetition ends
//     the link with nothing of it delivered; an entry that cannot be meant is delivered as one that was refused.
//   - Entries are acknowledged after the handler has stored them, so a crash of either side loses none.
//   - The supervisor is not trusted: frames, texts, lists, streams and everything that waits here are bounded, and none of
//     its text becomes more than text. It costs the host a bounded amount of memory, whatever it sends.
package sandboxlink

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"sync"
	"time"

	"background-agents/backend/session"
	"background-agents/sandbox/wire"
)

// connectTimeout bounds the greeting; a supervisor that was just started may still be opening its journal. It ends with
// the greeting; else the session says that the sandbox did not answer.
const connectTimeout = 20 * time.Second

// Linker opens links. It implements session.Linker.
type Linker struct {
	Log *slog.Logger // nil for none
}

var _ session.Linker = Linker{}

// Connect implements session.Linker. The link outlives ctx; it owns rw from now on.
func (k Linker) Connect(ctx context.Context, rw io.ReadWriteCloser, h session.LinkHandler) (session.Link, error) {
	return k.connect(ctx, rw, h, connectTimeout)
}

func (k Linker) connect(ctx context.Context, rw io.ReadWriteCloser, h session.LinkHandler, wait time.Duration) (session.Link, error) {
	mux, err := wire.Client(newGuard(rw))
	if err != nil {
		_ = rw.Close()
		return nil, err
	}
	log := k.Log
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	l := &Link{
		handler: h, mux: mux, log: log.With("session", h.Session),
		out: make(chan wire.Frame, maxCalls), ended: make(chan struct{}), done: make(chan struct{}),
		pending: map[uint64]chan wire.Reply{}, inbox: newInbox(),
	}
	l.ctx, l.cancel = context.WithCancel(context.WithoutCancel(ctx))
	shake, cancel := context.WithTimeoutCause(ctx, wait, session.NoAnswer(session.CodeSandbox, "The sandbox", wait,
		"Stop the session and send the prompt again; its files are kept."))
	stop := context.AfterFunc(shake, func() { _ = mux.Close() })
	err = l.greet()
	if !stop() && err == nil {
		err = context.Cause(shake)
	}
	if err != nil {
		if shake.Err() != nil {
			err = context.Cause(shake) // whatever failed then failed for that
		}
		cancel()
		_ = mux.Close()
		l.cancel()
		return nil, fmt.Errorf("greet the supervisor: %w", err)
	}
	cancel()
	l.run()
	return l, nil
}

// greet says where the host is and learns where the journal is.
func (l *Link) greet() error {
	control, err := l.mux.Open(wire.Header{Stream: wire.StreamControl})
	if err != nil {
		return err
	}
	l.control, l.frames = control, wire.NewFrameReader(control)
	at := l.handler.Cursor
	err = wire.WriteFrame(control, wire.Frame{Hello: &wire.Hello{
		Version: wire.Version, Session: string(l.handler.Session), Cursor: wire.Cursor{Epoch: at.Epoch, Seq: at.Seq},
	}})
	if err != nil {
		return err
	}
	f, _, err := l.frames.Next()
	if err != nil {
		return err
	}
	hello := f.Hello
	switch {
	case hello == nil:
		return fmt.Errorf("its first frame is no hello")
	case hello.Version != wire.Version:
		return &session.Error{
			Code:    session.CodeSandbox,
			Message: "This sandbox was made by another version of the application.",
			Hint:    "Stop the session and start it again; its files are kept.",
		}
	case hello.Session != string(l.handler.Session):
		return fmt.Errorf("it serves session %.40q", hello.Session)
	case !properEpoch.MatchString(hello.Cursor.Epoch):
		return fmt.Errorf("its journal has no epoch")
	}
	l.epoch, l.at = hello.Cursor.Epoch, at
	if hello.Cursor.Epoch != at.Epoch {
		l.at = session.Cursor{Epoch: hello.Cursor.Epoch}
	}
	return nil
}

// run starts what the link does. Done is closed when all of it but the handlers of connections has ended.
func (l *Link) run() {
	var wg sync.WaitGroup
	wg.Go(func() { l.fail(l.listen()) })
	wg.Go(func() { l.fail(l.deliver()) })
	wg.Go(func() { l.fail(l.write()) })
	wg.Go(func() { l.fail(l.accept()) })
	go func() {
		wg.Wait()
		close(l.done)
	}()
}
