package session_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"background-agents/backend/session"
	"background-agents/backend/session/sessiontest"
)

// nearlyFull is a session whose transcript has room for some MB more.
func (w *world) nearlyFull() session.ID {
	w.t.Helper()
	id := w.create("hello")
	w.until(id, session.Idle)
	w.close()
	_, _, all, err := w.store.Load(ctx)
	w.must(err)
	s := all[slices.IndexFunc(all, func(s session.Session) bool { return s.ID == id })]
	if s.Stored < 500 || s.Stored > 20_000 {
		w.t.Errorf("a short turn counts %d bytes", s.Stored)
	}
	s.Stored = session.MaxTranscript - 4<<20
	w.must(w.store.Save(ctx, session.Change{Session: &s}))
	w.open()
	return id
}

// talk says 1 MB after the other where it is asked to, until it is stopped.
func talk(t *sessiontest.Turn) {
	for t.Prompt.Text == "talk" {
		for range 16 {
			t.Say("m", strings.Repeat("x", 64<<10))
		}
		t.Wait(time.Millisecond)
	}
	t.Say("m", "hello")
}

// deaf is talk that does not end when it is told to.
func deaf(t *sessiontest.Turn) {
	defer func() {
		if e := recover(); e != nil {
			time.Sleep(time.Minute)
			panic(e)
		}
	}()
	talk(t)
}

func TestATranscriptThatIsFullEndsTheTurn(t *testing.T) {
	for name, c := range map[string]struct {
		turn func(*sessiontest.Turn)
		ends session.Status
	}{
		"an agent that hears it brings its work out": {talk, session.Failed},
		"one that does not is stopped":               {deaf, session.Stopped},
	} {
		t.Run(name, func(t *testing.T) {
			story(t, c.turn, func(w *world) {
				id := w.nearlyFull()
				before := w.get(id).Result
				_, err := w.Prompt(ctx, id, session.NewPrompt{Text: "talk"})
				w.must(err)
				began := time.Now()
				s := w.until(id, c.ends)
				if took := time.Since(began); took > 15*time.Second {
					t.Errorf("it took %v", took)
				}
				if sb, err := w.engine.Sandbox(ctx, id); err != nil || c.ends == session.Stopped && sb.State == session.SandboxRunning {
					t.Errorf("the sandbox is %q (%v)", sb.State, err)
				}
				if over := s.Stored - session.MaxTranscript; over < 0 || over > 2<<20 {
					t.Errorf("it holds %d bytes more than it may", over)
				}
				if c.ends == session.Failed && (session.CodeOf(s.Error) != session.CodeTranscriptFull || s.Result.Commit == before.Commit) {
					t.Errorf("the turn ended with %+v, the result is %+v", s.Error, s.Result)
				}
				told := false
				for it, err := range session.Backward(ctx, w, s, 100) {
					w.must(err)
					told = told || it.Kind == session.KindNotice && strings.Contains(it.Text, "is full")
				}
				if !told {
					t.Error("the user is not told")
				}
				_, err = w.Prompt(ctx, id, session.NewPrompt{Text: "talk"})
				code(t, err, session.CodeTranscriptFull)
				code(t, w.Resume(ctx, id), session.CodeTranscriptFull)
				w.must(w.Delete(ctx, id, true))
				time.Sleep(time.Minute)
			})
		})
	}
}

// What replaces an item's text takes no more room than the text.
func TestAnItemThatIsWrittenAnewCountsOnce(t *testing.T) {
	story(t, func(t *sessiontest.Turn) {
		for range 100 {
			t.Tool("build", session.ToolRunning, strings.Repeat("x", 100<<10))
		}
		t.Tool("build", session.ToolCompleted, strings.Repeat("x", 100<<10))
	}, func(w *world) {
		id := w.create("build")
		if s := w.until(id, session.Idle); s.Stored < 100<<10 || s.Stored > 120<<10 {
			t.Errorf("100 KB count as %d bytes", s.Stored)
		}
		before := w.get(id).Stored
		w.reopen()
		_, err := w.Prompt(ctx, id, session.NewPrompt{Text: "again"})
		w.must(err)
		time.Sleep(time.Second)
		if s := w.until(id, session.Idle); s.Stored < before+100<<10 || s.Stored > 2*before {
			t.Errorf("twice that counts as %d bytes", s.Stored)
		}
	})
}
