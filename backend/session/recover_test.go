package session_test

import (
	"context"
	"errors"
	"io"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"background-agents/backend/session"
	"background-agents/backend/session/sessiontest"
)

// Whatever happens to a sandbox, the application or Docker, a session can be used afterwards. These tests know the
// Manager alone.

// prompt sends another prompt and waits for the end of its turn.
func (w *world) prompt(id session.ID, text string) session.Session {
	w.t.Helper()
	_, err := w.Prompt(ctx, id, session.NewPrompt{Text: text})
	w.must(err)
	for range 6000 {
		synctest.Wait()
		s := w.get(id)
		if s.Status == session.Failed || s.Status == session.Idle && len(s.Prompts) == 0 && s.Pending == nil {
			return s
		}
		time.Sleep(10 * time.Millisecond)
	}
	w.t.Fatalf("the prompt %q does not end: %+v", text, w.get(id))
	return session.Session{}
}

// works fails unless another prompt has a turn that ends well.
func (w *world) works(id session.ID) session.Session {
	w.t.Helper()
	s := w.prompt(id, "more")
	if s.Status != session.Idle || s.Error != nil || s.Held || s.Interrupted || s.Sandbox != session.SandboxRunning {
		w.t.Fatalf("after another prompt the session is %s (%+v), held %v, interrupted %v, sandbox %s", s.Status, s.Error, s.Held, s.Interrupted, s.Sandbox)
	}
	return s
}

// long works for an hour on its first prompt, and for a moment on those that follow.
func long(t *sessiontest.Turn) {
	t.Say("m", "begun "+t.Prompt.Text)
	if t.Prompt.Text == "long" {
		t.Wait(time.Hour)
	}
}

func TestSessionWorksAfterAStopBeforeItsSandboxWasFound(t *testing.T) {
	story(t, long, func(w *world) {
		id := w.create("long")
		w.until(id, session.Working)
		time.Sleep(time.Second)
		w.close()
		w.engine.Lock()
		w.engine.Down = &session.Error{Code: session.CodeDockerDown, Message: "Docker is not running.", Hint: "Start it."}
		w.engine.Unlock()
		w.open() // it does not find the sandbox
		w.must(w.Stop(ctx, id))
		w.engine.Lock()
		w.engine.Down = nil
		w.engine.Unlock()
		s := w.works(id)
		if s.Turns != 2 || s.Result.Commit == "" {
			t.Errorf("turns %d, result %+v", s.Turns, s.Result)
		}
		lines := strings.Join(w.transcript(id), "\n")
		if strings.Count(lines, "turn: cancelled") != 1 || strings.Count(lines, "turn: end_turn") != 1 || strings.Contains(lines, "turn: interrupted") {
			t.Errorf("transcript is\n%s", lines)
		}
	})
}

func TestSessionWorksAfterItsSandboxWasStoppedForTheDisk(t *testing.T) {
	story(t, long, func(w *world) {
		var free atomic.Int64
		free.Store(2 << 30)
		w.close()
		w.room = func() (session.Room, error) { return session.Room{Bytes: free.Load()}, nil }
		w.open()
		id := w.create("long")
		w.until(id, session.Working)
		time.Sleep(5 * time.Second)
		free.Store(300 << 20)
		w.until(id, session.Stopped)
		time.Sleep(time.Minute)
		free.Store(2 << 30)
		w.works(id)
	})
}

// A prompt that the sandbox had, and of whose turn nothing was heard yet, is given once.
func TestPromptThatWasTakenBackByStopRunsOnce(t *testing.T) {
	story(t, long, func(w *world) {
		id := w.create("one")
		w.until(id, session.Idle)
		w.store.Fail(func(c session.Change) error { // nothing of the turn is stored
			if c.Session != nil && c.Session.Cursor.Seq > 5 && c.Session.Sandbox != session.SandboxStopped {
				return errors.New("the disk is full")
			}
			return nil
		})
		_, err := w.Prompt(ctx, id, session.NewPrompt{Text: "long"})
		w.must(err)
		time.Sleep(time.Second)
		w.must(w.Stop(ctx, id))
		w.store.Fail(nil)
		time.Sleep(time.Minute)
		w.works(id)
		if lines := strings.Join(w.transcript(id), "\n"); strings.Count(lines, "prompt: long") != 1 {
			t.Errorf("transcript is\n%s", lines)
		}
	})
}

func TestLastResultIsBroughtBackAfterACrashInBetween(t *testing.T) {
	story(t, hello, func(w *world) {
		id := w.create("one")
		result := w.until(id, session.Idle).Result
		w.must(w.engine.Remove(ctx, id)) // `docker system prune`
		w.store.Fail(func(c session.Change) error {
			if c.Session != nil && c.Session.Cursor.Epoch != "" && w.engine.Box(id) != nil && w.engine.Box(id).Imported > 0 {
				return errors.New("the application has ended")
			}
			return nil
		})
		w.git.Bringing = func(ctx context.Context) { <-ctx.Done() } // the application ends before the result is there
		_, err := w.Prompt(ctx, id, session.NewPrompt{Text: "two"})
		w.must(err)
		time.Sleep(time.Minute)
		if before := w.get(id); before.Cursor.Epoch == "" && w.engine.Box(id) == nil {
			t.Fatal("the sandbox was not recreated")
		}
		w.close()
		w.store.Fail(nil)
		w.git.Bringing = nil
		w.open()
		w.until(id, session.Idle)
		if box := w.engine.Box(id); len(box.Restored) != 1 || box.Restored[0] != result.Files {
			t.Errorf("restored %v, want %s", box.Restored, result.Files)
		}
	})
}

// failing is a linker whose agents cannot be started, as after a setup hook that fails.
type failing struct {
	sessiontest.Linker
	err *error
}

type failingLink struct {
	session.Link
	err *error
}

func (l failing) Connect(ctx context.Context, rw io.ReadWriteCloser, h session.LinkHandler) (session.Link, error) {
	link, err := l.Linker.Connect(ctx, rw, h)
	return failingLink{link, l.err}, err
}

func (l failingLink) Start(ctx context.Context, spec session.StartSpec) error {
	if *l.err != nil {
		return *l.err
	}
	return l.Link.Start(ctx, spec)
}

func TestPromptAfterAFailedSetupFailsOrStarts(t *testing.T) {
	var hook error = &session.Error{Code: session.CodeHook, Message: "setup.sh ended with exit status 3.", Hint: "Fix it."}
	setup := hook
	with(t, failing{err: &setup}, hello, func(w *world) {
		id := w.create("one")
		code(t, w.until(id, session.Failed).Error, session.CodeHook)
		for range 3 {
			time.Sleep(time.Minute)
			if s := w.prompt(id, "again"); s.Status != session.Failed || session.CodeOf(s.Error) != session.CodeHook {
				t.Fatalf("session is %s: %+v", s.Status, s.Error)
			}
		}
		setup = nil
		w.works(id)
	})
}

func TestStopOfAFailedSessionStopsItsSandbox(t *testing.T) {
	fails := true
	story(t, func(t *sessiontest.Turn) {
		if t.Say("m", "begun"); fails {
			t.Fail("The repository is gone.")
		}
	}, func(w *world) {
		id := w.create("one")
		w.until(id, session.Failed)
		w.must(w.Stop(ctx, id))
		synctest.Wait()
		s := w.get(id)
		sb, err := w.engine.Sandbox(ctx, id)
		w.must(err)
		if s.Sandbox != session.SandboxStopped || sb.State == session.SandboxRunning {
			t.Fatalf("sandbox is %s, %s", s.Sandbox, sb.State)
		}
		time.Sleep(time.Hour)
		if got := w.engine.Starts[id]; got != 1 {
			t.Errorf("the sandbox was started %d times", got)
		}
		fails = false
		w.works(id)
	})
}

// A sandbox whose start failed does not run for ever.
func TestSandboxOfAFailedStartIsStoppedWhenItIdles(t *testing.T) {
	var setup error = &session.Error{Code: session.CodeHook, Message: "setup.sh ended with exit status 3.", Hint: "Fix it."}
	with(t, failing{err: &setup}, hello, func(w *world) {
		id := w.create("one")
		w.until(id, session.Failed)
		time.Sleep(32 * time.Minute)
		synctest.Wait()
		if s := w.get(id); s.Sandbox != session.SandboxStopped || s.Status != session.Failed || s.Error == nil {
			t.Errorf("session is %s, its sandbox %s", s.Status, s.Sandbox)
		}
	})
}

// A turn whose end is asked for and never comes is ended with its sandbox.
func TestTurnThatDoesNotEndIsEnded(t *testing.T) {
	story(t, func(t *sessiontest.Turn) {
		if t.Say("m", "begun"); t.Prompt.Text == "long" {
			t.Stubborn()
			t.Wait(time.Hour)
		}
	}, func(w *world) {
		id := w.create("long")
		w.until(id, session.Working)
		time.Sleep(time.Second)
		w.must(w.Stop(ctx, id))
		time.Sleep(time.Minute)
		w.until(id, session.Stopped)
		w.works(id)
	})
}
