package session_test

import (
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"background-agents/backend/session"
)

var dockerDown = &session.Error{Code: session.CodeDockerDown, Message: "Docker is not running.", Hint: "Start it."}

// away takes Docker away, and back brings it back.
func (w *world) away() {
	w.engine.Lock()
	w.engine.Down = dockerDown
	w.engine.Unlock()
	w.engine.Tell(session.SandboxEvent{Kind: "engine_down"})
}

func (w *world) back() {
	w.engine.Lock()
	w.engine.Down = nil
	w.engine.Unlock()
	w.engine.Tell(session.SandboxEvent{Kind: "engine_up"})
}

func TestStartWaitsForAnEngineThatWentAway(t *testing.T) {
	story(t, hello, func(w *world) {
		w.engine.StartTime = time.Second
		id := w.create("one")
		time.Sleep(100 * time.Millisecond)
		w.away()
		time.Sleep(10 * time.Second)
		if s := w.get(id); s.Status != session.Starting || s.Step != "Waiting for Docker" {
			t.Fatalf("session is %s: %q, %+v", s.Status, s.Step, s.Error)
		}
		w.back()
		if s := w.until(id, session.Idle); s.Turns != 1 {
			t.Errorf("turns %d", s.Turns)
		}
	})
}

func TestStartThatFailedWithoutTheEngineBeginsAgain(t *testing.T) {
	story(t, hello, func(w *world) {
		w.away()
		id := w.create("one")
		code(t, w.until(id, session.Failed).Error, session.CodeDockerDown)
		time.Sleep(time.Hour)
		w.back()
		if s := w.until(id, session.Idle); s.Turns != 1 || s.Error != nil {
			t.Errorf("turns %d, error %+v", s.Turns, s.Error)
		}
	})
}

// What breaks as the engine goes away is not the fault of what it was doing.
func TestStepThatBrokeWithTheEngineWaitsForIt(t *testing.T) {
	story(t, hello, func(w *world) {
		w.engine.Built, w.engine.BuildTime, w.engine.BuildError = false, time.Second, errors.New("unexpected EOF")
		id := w.create("one")
		time.Sleep(100 * time.Millisecond)
		w.away()
		time.Sleep(5 * time.Second)
		if s := w.get(id); s.Status != session.Starting || s.Step != "Waiting for Docker" {
			t.Fatalf("session is %s: %q, %+v", s.Status, s.Step, s.Error)
		}
		w.engine.Lock()
		w.engine.BuildError = nil
		w.engine.Unlock()
		w.back()
		w.until(id, session.Idle)
	})
}

func TestWhatEndsWhileTheEngineIsAwayIsStoppedLater(t *testing.T) {
	for name, end := range map[string]func(w *world, id session.ID) error{
		"stopped":  func(w *world, id session.ID) error { _ = w.Stop(ctx, id); return nil },
		"archived": func(w *world, id session.ID) error { return w.Archive(ctx, id, false) },
	} {
		t.Run(name, func(t *testing.T) {
			story(t, hello, func(w *world) {
				id := w.create("one")
				w.until(id, session.Idle)
				w.away()
				w.must(end(w, id))
				time.Sleep(time.Minute)
				status := w.get(id).Status
				if status != session.Stopped && status != session.Archived {
					t.Fatalf("session is %s", status)
				}
				w.back()
				time.Sleep(time.Minute)
				sb, err := w.engine.Sandbox(ctx, id)
				w.must(err)
				if s := w.get(id); s.Status != status || s.Sandbox != session.SandboxStopped || sb.State == session.SandboxRunning {
					t.Errorf("session is %s, its sandbox %s (%s)", s.Status, s.Sandbox, sb.State)
				}
			})
		})
	}
}

func TestDeletionWhileTheEngineIsAwayIsDoneLater(t *testing.T) {
	for _, restarted := range []bool{false, true} {
		story(t, hello, func(w *world) {
			id := w.create("one")
			project := w.until(id, session.Idle).Project
			w.away()
			w.must(w.Delete(ctx, id, true))
			w.must(w.RemoveProject(ctx, project))
			if s := w.get(id); s.ID != "" {
				t.Fatalf("it is still listed: %+v", s)
			}
			code(t, w.Stop(ctx, id), session.CodeNotFound)
			if restarted {
				w.reopen()
				if s := w.get(id); s.ID != "" {
					t.Fatalf("after a restart it is back: %+v", s)
				}
			}
			if w.engine.Box(id) == nil {
				t.Fatal("the fake removed a sandbox while it was away")
			}
			w.back()
			time.Sleep(time.Minute)
			synctest.Wait()
			if w.engine.Box(id) != nil {
				t.Error("its sandbox is left")
			}
			if tips, err := w.engine.MirrorTips(ctx, project); err != nil || len(tips) != 0 {
				t.Errorf("the project's mirror is left: %v, %v", tips, err)
			}
			if _, projects, sessions, err := w.store.Load(ctx); err != nil || len(projects)+len(sessions) != 0 {
				t.Errorf("stored are %+v and %+v: %v", projects, sessions, err)
			}
		})
	}
}

func TestStartThatIsCutShortByTheEndOfTheApplicationIsNoFailure(t *testing.T) {
	story(t, hello, func(w *world) {
		w.engine.Built, w.engine.BuildTime = false, 5*time.Second
		id := w.create("one")
		time.Sleep(time.Second)
		w.reopen()
		w.until(id, session.Idle)
		lines := w.transcript(id)
		if strings.Contains(strings.Join(lines, "\n"), "failed") || lines[0] != "phase: image stopped" {
			t.Errorf("transcript is %q", lines)
		}
		items, err := w.Items(ctx, id, 1, 10)
		w.must(err)
		if items[0].Error != nil {
			t.Errorf("it shows %+v", items[0].Error)
		}
	})
}
