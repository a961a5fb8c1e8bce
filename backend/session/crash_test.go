package session_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"background-agents/backend/session"
	"background-agents/backend/session/sessiontest"
)

// counted fails unless the transcript has one message for each turn, with every chunk exactly once.
func counted(t *testing.T, w *world, id session.ID, turns, n int) {
	t.Helper()
	want := &strings.Builder{}
	for i := range n {
		fmt.Fprintf(want, "%d ", i)
	}
	found := 0
	for _, line := range w.transcript(id) {
		if text, ok := strings.CutPrefix(line, "message: "); ok {
			found++
			if text != strings.TrimSpace(want.String()) {
				t.Fatalf("message is %q", text)
			}
		}
	}
	if found != turns {
		t.Fatalf("%d messages, want %d: %q", found, turns, w.transcript(id))
	}
}

func TestApplicationMayBeKilledAtAnyMoment(t *testing.T) {
	story(t, func(t *sessiontest.Turn) { t.Count(200) }, func(w *world) {
		id := w.create("one")
		for i := range 3 {
			_, err := w.Prompt(ctx, id, session.NewPrompt{ID: session.PromptID(fmt.Sprint("p", i)), Text: "more"})
			w.must(err)
		}
		for range 100 {
			time.Sleep(rand.N(12 * time.Millisecond))
			w.reopen()
		}
		w.until(id, session.Idle)
		counted(t, w, id, 4, 200)
		if s := w.get(id); s.Turns != 4 || s.Interrupted || w.engine.Starts[id] != 1 {
			t.Errorf("turns %d, interrupted %v, containers started %d", s.Turns, s.Interrupted, w.engine.Starts[id])
		}
	})
}

func TestChannelMayBreakAtAnyMoment(t *testing.T) {
	story(t, func(t *sessiontest.Turn) { t.Count(500) }, func(w *world) {
		id := w.create("one")
		w.until(id, session.Working)
		for range 100 {
			time.Sleep(rand.N(10 * time.Millisecond))
			w.engine.Cut(id)
		}
		w.until(id, session.Idle)
		counted(t, w, id, 1, 500)
	})
}

func TestStoreMayFailAtAnyMoment(t *testing.T) {
	story(t, func(t *sessiontest.Turn) { t.Count(300) }, func(w *world) {
		id := w.create("one")
		w.until(id, session.Working)
		w.store.Fail(func(c session.Change) error {
			if len(c.Deltas) > 0 && rand.N(4) == 0 {
				return errors.New("disk full")
			}
			return nil
		})
		w.until(id, session.Idle)
		counted(t, w, id, 1, 300)
	})
}

func TestKilledContainerInterruptsTheTurn(t *testing.T) {
	first := true
	story(t, func(t *sessiontest.Turn) {
		t.Say("m", "begun")
		if first {
			first = false
			t.Wait(time.Hour)
		}
	}, func(w *world) {
		id := w.create("one")
		w.until(id, session.Working)
		w.engine.Kill(id)
		time.Sleep(time.Second)
		s := w.until(id, session.Idle)
		if !s.Interrupted || len(s.Prompts) != 0 || s.Sandbox != session.SandboxRunning {
			t.Fatalf("session is %+v", s)
		}
		w.must(w.Resume(ctx, id))
		if s := w.until(id, session.Idle); s.Interrupted || s.Turns != 2 {
			t.Errorf("after Resume: turns %d, interrupted %v", s.Turns, s.Interrupted)
		}
	})
}

func TestRemovedSandboxGetsTheLastResultBack(t *testing.T) {
	story(t, func(t *sessiontest.Turn) {
		t.Say("m", "begun")
		if t.Prompt.Text == "two" {
			t.Wait(time.Hour)
		}
	}, func(w *world) {
		id := w.create("one")
		result := w.until(id, session.Idle).Result
		_, err := w.Prompt(ctx, id, session.NewPrompt{Text: "two"})
		w.must(err)
		w.until(id, session.Working)
		time.Sleep(time.Second)
		w.must(w.engine.Remove(ctx, id)) // `docker rm -f` and `docker volume rm`
		time.Sleep(time.Second)
		s := w.until(id, session.Idle)
		box := w.engine.Box(id)
		if !s.Interrupted || box.Imported != 1 || len(box.Restored) != 1 || box.Restored[0] != result.Files {
			t.Fatalf("interrupted %v, imported %d, restored %v", s.Interrupted, box.Imported, box.Restored)
		}
		lines := w.transcript(id)
		if !strings.Contains(strings.Join(lines, "\n"), "turn: interrupted") {
			t.Errorf("transcript is %q", lines)
		}
	})
}

// A container that comes back while its volumes are being removed may keep its home, and the journal in it, and lose
// its workspace.
func TestLostWorkspaceGetsTheLastResultBack(t *testing.T) {
	story(t, func(t *sessiontest.Turn) { t.Say("m", "begun") }, func(w *world) {
		id := w.create("one")
		result := w.until(id, session.Idle).Result
		w.must(w.Stop(ctx, id))
		w.until(id, session.Stopped)
		box := w.engine.Box(id)
		box.Empty()
		w.works(id)
		if now := w.engine.Box(id); now != box || box.Imported != 1 || len(box.Restored) != 1 || box.Restored[0] != result.Files {
			t.Fatalf("imported %d, restored %v", box.Imported, box.Restored)
		}
	})
}

func TestIdleContainerKilledBehindOurBackIsNoticed(t *testing.T) {
	story(t, hello, func(w *world) {
		id := w.create("one")
		w.until(id, session.Idle)
		w.engine.Kill(id)
		s := w.until(id, session.Stopped)
		if s.Sandbox != session.SandboxStopped {
			t.Errorf("sandbox is %q", s.Sandbox)
		}
		_, err := w.Prompt(ctx, id, session.NewPrompt{Text: "two"})
		w.must(err)
		if s := w.until(id, session.Idle); s.Turns != 2 {
			t.Errorf("turns %d", s.Turns)
		}
	})
}

func TestTurnSurvivesARestartOfTheEngine(t *testing.T) {
	story(t, func(t *sessiontest.Turn) { t.Count(2000) }, func(w *world) {
		id := w.create("one")
		w.until(id, session.Working)
		w.engine.Lock()
		w.engine.Down = &session.Error{Code: session.CodeDockerDown, Message: "Docker is not running.", Hint: "Start it."}
		w.engine.Unlock()
		w.engine.Cut(id)
		time.Sleep(time.Second)
		synctest.Wait()
		if s := w.get(id); s.Status != session.Working || s.Step != "Waiting for Docker" {
			t.Fatalf("session is %q: %q", s.Status, s.Step)
		}
		w.engine.Lock()
		w.engine.Down = nil
		w.engine.Unlock()
		w.until(id, session.Idle)
		counted(t, w, id, 1, 2000)
	})
}

func TestChangesAreShownBeforeTheWorktreeHasThem(t *testing.T) {
	story(t, hello, func(w *world) {
		w.git.Publishing = func(ctx context.Context) { <-ctx.Done() }
		id := w.create("one")
		time.Sleep(time.Minute)
		shown := w.get(id)
		it, err := w.store.Item(ctx, id, "turn-1")
		w.must(err)
		if shown.Status != session.Working || shown.Result.Commit == "" || shown.Diff.Files != 1 || it.Result.Diff.Files != 1 || shown.Worktree != "" {
			t.Fatalf("session %+v, turn %+v", shown, it.Result)
		}
		w.close() // what was accepted is not asked for again
		w.git.Publishing = nil
		w.open()
		s := w.until(id, session.Idle)
		if len(w.git.Received) != 1 || s.Worktree == "" || s.Result.Commit != shown.Result.Commit || s.Pending != nil {
			t.Errorf("received %d times, session %+v", len(w.git.Received), s)
		}
	})
}

func TestRefusedResultEndsTheTurnWithTheReason(t *testing.T) {
	story(t, hello, func(w *world) {
		w.git.Refuse = &session.Error{Code: session.CodeQuarantine, Message: "The result has a file named .git/config.", Hint: "Nothing was written."}
		id := w.create("one")
		s := w.until(id, session.Idle)
		it, err := w.store.Item(ctx, id, "turn-1")
		w.must(err)
		if it.Error == nil || it.Error.Code != session.CodeQuarantine || s.Worktree != "" || s.Result.Commit != "" {
			t.Errorf("turn's error is %+v, session %+v", it.Error, s)
		}
	})
}

func TestSlowWatcherGetsTheStateAgain(t *testing.T) {
	story(t, func(t *sessiontest.Turn) { t.Count(6000) }, func(w *world) {
		id := w.create("one")
		states, first := 0, true
		block, done := make(chan struct{}), make(chan struct{})
		go func() {
			defer close(done)
			_ = w.Watch(ctx, func(e session.Event) {
				if e.State {
					states++
				}
				if first {
					first = false
					<-block
				}
			})
		}()
		w.until(id, session.Idle)
		close(block)
		synctest.Wait()
		if states < 2 {
			t.Errorf("a watcher that fell behind got the state %d times", states)
		}
		w.close()
		<-done
		w.open()
	})
}

func TestSandboxWithoutSessionIsStoppedAndKept(t *testing.T) {
	story(t, hello, func(w *world) {
		w.must(w.engine.EnsureSandbox(ctx, session.SandboxSpec{Session: "stranger"}))
		w.reopen()
		sb, err := w.engine.Sandbox(ctx, "stranger")
		w.must(err)
		if sb.State != session.SandboxStopped {
			t.Errorf("sandbox is %q", sb.State)
		}
	})
}

func TestAlmostFullDiskIsSaidBeforeAnythingStarts(t *testing.T) {
	story(t, hello, func(w *world) {
		w.Room = func() (session.Room, error) { return session.Room{Bytes: 300 << 20}, nil }
		id := w.create("one")
		s := w.until(id, session.Failed)
		code(t, s.Error, session.CodeDiskFull)
		if !strings.Contains(s.Error.Message, "300 MB") || w.engine.Box(id) != nil {
			t.Errorf("error is %q", s.Error.Message)
		}
	})
}
