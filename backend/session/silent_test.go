package session_test

import (
	"context"
	"io"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"background-agents/backend/session"
	"background-agents/backend/session/sessiontest"
)

// silent is a linker whose supervisors can be made to stop, as by SIGSTOP: they take connections and answer nothing.
type silent struct {
	sessiontest.Linker
	gate *gate
}

type gate struct{ stopped chan struct{} }

type silentLink struct {
	session.Link
	gate *gate
}

func (l silent) Connect(ctx context.Context, rw io.ReadWriteCloser, h session.LinkHandler) (session.Link, error) {
	link, err := l.Linker.Connect(ctx, rw, h)
	return silentLink{link, l.gate}, err
}

// pass waits while the supervisor is stopped.
func (l silentLink) pass(ctx context.Context) error {
	if l.gate.stopped == nil {
		return nil
	}
	select {
	case <-l.gate.stopped:
		return nil
	case <-l.Done():
		return io.ErrClosedPipe
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (l silentLink) Prompt(ctx context.Context, p session.PromptCommand) error {
	if err := l.pass(ctx); err != nil {
		return err
	}
	return l.Link.Prompt(ctx, p)
}

func (l silentLink) Start(ctx context.Context, s session.StartSpec) error {
	if err := l.pass(ctx); err != nil {
		return err
	}
	return l.Link.Start(ctx, s)
}

func (l silentLink) Cancel(ctx context.Context) error {
	if err := l.pass(ctx); err != nil {
		return err
	}
	return l.Link.Cancel(ctx)
}

func TestSupervisorThatDoesNotAnswerIsSaidAndCanBeStopped(t *testing.T) {
	g := &gate{}
	with(t, silent{gate: g}, long, func(w *world) {
		id := w.create("one")
		w.until(id, session.Idle)
		g.stopped = make(chan struct{})
		_, err := w.Prompt(ctx, id, session.NewPrompt{Text: "two"})
		w.must(err)
		time.Sleep(30 * time.Second)
		synctest.Wait()
		if s := w.get(id); s.Status != session.Working || !strings.Contains(s.Step, "does not answer") {
			t.Errorf("after 30 s the session is %s: %q", s.Status, s.Step)
		}
		w.must(w.Stop(ctx, id))
		s := w.until(id, session.Stopped)
		if s.Sandbox != session.SandboxStopped || len(s.Prompts) != 1 || !s.Held {
			t.Errorf("sandbox %s, prompts %+v, held %v", s.Sandbox, s.Prompts, s.Held)
		}
		close(g.stopped)
		g.stopped = nil
		w.works(id)
	})
}

func TestSupervisorThatGoesOnIsNotLost(t *testing.T) {
	g := &gate{}
	with(t, silent{gate: g}, long, func(w *world) {
		id := w.create("one")
		w.until(id, session.Idle)
		g.stopped = make(chan struct{})
		_, err := w.Prompt(ctx, id, session.NewPrompt{Text: "two"})
		w.must(err)
		time.Sleep(2 * time.Minute)
		close(g.stopped)
		if s := w.until(id, session.Idle); s.Turns != 2 || s.Step != "" {
			t.Errorf("turns %d, step %q", s.Turns, s.Step)
		}
	})
}

func TestStopOfATurnWhoseSupervisorDoesNotAnswerEndsTheSandbox(t *testing.T) {
	g := &gate{}
	with(t, silent{gate: g}, long, func(w *world) {
		id := w.create("long")
		w.until(id, session.Working)
		time.Sleep(time.Second)
		g.stopped = make(chan struct{})
		began := time.Now()
		w.must(w.Stop(ctx, id))
		w.until(id, session.Stopped)
		if took := time.Since(began); took > 10*time.Second {
			t.Errorf("it took %v", took)
		}
		g.stopped = nil
		w.works(id)
	})
}

func TestStopOfAStartThatDoesNotAnswerReturns(t *testing.T) {
	g := &gate{}
	with(t, silent{gate: g}, long, func(w *world) {
		g.stopped = make(chan struct{})
		id := w.create("one")
		time.Sleep(time.Minute)
		began := time.Now()
		w.must(w.Stop(ctx, id))
		w.until(id, session.Stopped)
		if took := time.Since(began); took > 10*time.Second {
			t.Errorf("it took %v", took)
		}
		g.stopped = nil
		w.works(id)
	})
}
