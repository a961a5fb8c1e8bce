package session_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"background-agents/backend/session"
	"background-agents/backend/session/sessiontest"
)

var ctx = context.Background()

func hello(t *sessiontest.Turn) {
	t.Say("one", "Hello ")
	t.Say("one", "there.")
	t.Tool("make test", session.ToolRunning, "o")
	t.Tool("make test", session.ToolCompleted, "ok")
	t.Say("two", "Done with "+t.Prompt.Text+".")
}

func TestFromPromptToResult(t *testing.T) {
	story(t, hello, func(w *world) {
		id := w.create("Fix the login")
		s := w.until(id, session.Idle)
		sameLines(t, w.transcript(id),
			"phase: mirror done", "phase: container done", "phase: clone done",
			"prompt: Fix the login", "message: Hello there.", "tool: make test completed ok",
			"message: Done with Fix the login.", "turn: end_turn")
		if s.Branch != "agents/fix-the-login" || s.Worktree == "" || s.Result.Commit == "" || !s.Unread {
			t.Errorf("session is %+v", s)
		}
		if s.Diff != (session.DiffStat{Files: 1, Added: 3, Removed: 1}) || s.Turns != 1 || len(s.Prompts) != 0 {
			t.Errorf("diff %+v, turns %d, prompts %d", s.Diff, s.Turns, len(s.Prompts))
		}
		stored, err := w.Items(ctx, id, 1, 100)
		w.must(err)
		if end := stored[len(stored)-1].Result; end.Tools != 1 {
			t.Errorf("the turn counts %d tools, want 1", end.Tools)
		}
		shown := w.replayed(id)
		for _, it := range stored {
			if shown[it.ID].Text != it.Text || shown[it.ID].Rev != it.Rev || shown[it.ID].DoneAt == 0 {
				t.Errorf("%s is %+v for the watcher, %+v in the store", it.ID, shown[it.ID], it)
			}
		}
	})
}

func TestPromptsRunInOrder(t *testing.T) {
	story(t, func(t *sessiontest.Turn) { t.Wait(time.Second); hello(t) }, func(w *world) {
		id := w.create("one")
		w.until(id, session.Working)
		var ids []session.PromptID
		for _, text := range []string{"two", "three", "four", "five"} {
			p, err := w.Prompt(ctx, id, session.NewPrompt{ID: session.PromptID("p-" + text), Text: text})
			w.must(err)
			ids = append(ids, p.ID)
		}
		again, err := w.Prompt(ctx, id, session.NewPrompt{ID: "p-two", Text: "two"})
		w.must(err)
		if again.ID != "p-two" || len(w.get(id).Prompts) != 5 {
			t.Errorf("a prompt sent twice is queued twice: %+v", w.get(id).Prompts)
		}
		w.must(w.EditPrompt(ctx, id, ids[0], "two, edited"))
		w.must(w.MovePrompt(ctx, id, ids[3], 0)) // before "two", behind the running one
		back, err := w.CancelPrompt(ctx, id, ids[1])
		w.must(err)
		if back.Text != "three" {
			t.Errorf("cancelled prompt gives back %q", back.Text)
		}
		w.until(id, session.Idle)
		var prompts []string
		for _, line := range w.transcript(id) {
			if text, ok := strings.CutPrefix(line, "prompt: "); ok {
				prompts = append(prompts, text)
			}
		}
		sameLines(t, prompts, "one", "five", "two, edited", "four")
		code(t, w.EditPrompt(ctx, id, ids[0], "late"), session.CodeNotFound)
		known, err := w.Prompt(ctx, id, session.NewPrompt{ID: "p-two", Text: "two"})
		w.must(err)
		if synctest.Wait(); known.Text != "two, edited" || len(w.get(id).Prompts) != 0 {
			t.Error("a prompt that ran already runs again")
		}
	})
}

func TestStopInEachState(t *testing.T) {
	working := func(t *sessiontest.Turn) { t.Say("m", "begun"); t.Wait(time.Hour) }
	for _, c := range []struct {
		name   string
		agent  func(*sessiontest.Turn)
		before func(w *world)
		at     session.Status
		then   session.Status
	}{
		{"while the image builds", working, func(w *world) { w.engine.Built, w.engine.BuildTime = false, time.Hour }, session.Starting, session.Stopped},
		{"while the container starts", working, func(w *world) { w.engine.StartTime = time.Hour }, session.Starting, session.Stopped},
		{"while waiting for a place", working, func(w *world) {
			w.must(w.SaveSettings(ctx, session.Settings{Concurrency: 1}))
			w.until(w.create("first"), session.Working)
		}, session.Starting, session.Stopped},
		{"while the agent works", working, func(*world) {}, session.Working, session.Idle},
		{"while the agent asks", func(t *sessiontest.Turn) { t.Ask("rm -rf") }, func(*world) {}, session.NeedsYou, session.Idle},
		{"while nothing runs", hello, func(*world) {}, session.Idle, session.Stopped},
	} {
		t.Run(c.name, func(t *testing.T) {
			story(t, c.agent, func(w *world) {
				c.before(w)
				id := w.create("work")
				w.until(id, c.at)
				_, err := w.Prompt(ctx, id, session.NewPrompt{Text: "next"})
				w.must(err)
				if c.at == session.Idle {
					time.Sleep(time.Second)
					w.until(id, session.Idle)
				}
				began := time.Now()
				w.must(w.Stop(ctx, id))
				s := w.until(id, c.then)
				if took := time.Since(began); took > time.Second {
					t.Errorf("stop took %v", took)
				}
				if c.at != session.Idle && (len(s.Prompts) == 0 || !s.Held) {
					t.Errorf("queue is %+v, held %v: what waited is lost or goes on", s.Prompts, s.Held)
				}
				time.Sleep(time.Minute)
				if got := w.get(id).Status; got != c.then {
					t.Errorf("a minute later the session is %q", got)
				}
			})
		})
	}
}

func TestStoppedSessionResumesWithItsQueue(t *testing.T) {
	story(t, hello, func(w *world) {
		w.engine.StartTime = 10 * time.Second
		id := w.create("work")
		synctest.Wait()
		w.must(w.Stop(ctx, id))
		w.until(id, session.Stopped)
		w.must(w.Resume(ctx, id))
		s := w.until(id, session.Idle)
		if s.Turns != 1 || s.Held {
			t.Errorf("turns %d, held %v", s.Turns, s.Held)
		}
	})
}

func TestStoppedSandboxResumesAtOnce(t *testing.T) {
	story(t, hello, func(w *world) {
		w.engine.StopTime = time.Second
		id := w.create("work")
		for range 3 {
			w.until(id, session.Idle)
			w.must(w.Stop(ctx, id))
			w.must(w.Resume(ctx, id))
			if s := w.until(id, session.Idle); s.Sandbox != session.SandboxRunning {
				t.Errorf("sandbox is %q", s.Sandbox)
			}
		}
		if got := w.engine.Starts[id]; got != 4 {
			t.Errorf("%d containers were started, want 4", got)
		}
	})
}

func TestPermissionFirstAnswerWins(t *testing.T) {
	answer := ""
	story(t, func(t *sessiontest.Turn) { answer = t.Ask("push") }, func(w *world) {
		id := w.create("push it")
		w.until(id, session.NeedsYou)
		w.must(w.Answer(ctx, id, "push", "no"))
		code(t, w.Answer(ctx, id, "push", "yes"), session.CodeConflict)
		w.until(id, session.Idle)
		if answer != "no" {
			t.Errorf("the agent got %q", answer)
		}
		sameLines(t, w.transcript(id)[4:], "permission: push no", "turn: end_turn")
	})
}

func TestStricterPolicyHoldsFromTheNextTurn(t *testing.T) {
	story(t, hello, func(w *world) {
		id := w.create("one")
		w.until(id, session.Idle)
		w.must(w.SetPolicy(ctx, id, session.Ask))
		_, err := w.Prompt(ctx, id, session.NewPrompt{Text: "two"})
		w.must(err)
		time.Sleep(time.Second)
		s := w.until(id, session.Idle)
		if w.engine.Starts[id] != 2 || s.Turns != 2 || s.Interrupted {
			t.Errorf("the sandbox started %d times for %d turns: an agent that was told to ask nothing asks nothing", w.engine.Starts[id], s.Turns)
		}
		w.must(w.SetPolicy(ctx, id, session.AllowEdits)) // both ask: the supervisor answers by the policy in force
		_, err = w.Prompt(ctx, id, session.NewPrompt{Text: "three"})
		w.must(err)
		time.Sleep(time.Second)
		if s := w.until(id, session.Idle); w.engine.Starts[id] != 2 || s.Turns != 3 {
			t.Errorf("the sandbox started %d times for %d turns", w.engine.Starts[id], s.Turns)
		}
	})
}

func TestTenSessionsShareTwoPlaces(t *testing.T) {
	story(t, func(t *sessiontest.Turn) { t.Wait(time.Second) }, func(w *world) {
		w.must(w.SaveSettings(ctx, session.Settings{Concurrency: 2}))
		var ids []session.ID
		for range 10 {
			ids = append(ids, w.create("work"))
		}
		time.Sleep(100 * time.Millisecond)
		synctest.Wait()
		busy, waiting := 0, 0
		for _, id := range ids {
			switch s := w.get(id); {
			case s.Queued:
				waiting++
			case s.Status == session.Working:
				busy++
			}
		}
		if busy != 2 || waiting != 8 {
			t.Errorf("%d work and %d wait, want 2 and 8", busy, waiting)
		}
		branches := map[string]bool{}
		for _, id := range ids {
			branches[w.until(id, session.Idle).Branch] = true
		}
		if len(branches) != 10 {
			t.Errorf("ten sessions have %d branches", len(branches))
		}
	})
}

func TestErrorsHaveSentenceHintAndRetry(t *testing.T) {
	docker := &session.Error{Code: session.CodeDockerDown, Message: "Docker is not running.", Hint: "Start it."}
	for _, c := range []struct {
		name   string
		breaks func(e *sessiontest.Engine)
		mends  func(e *sessiontest.Engine)
		want   session.Code
	}{
		{"no engine", func(e *sessiontest.Engine) { e.Down = docker }, func(e *sessiontest.Engine) { e.Down = nil }, session.CodeDockerDown},
		{"image does not build", func(e *sessiontest.Engine) {
			e.Built, e.BuildError = false, &session.Error{Code: session.CodeImage, Message: "The image could not be built.", Hint: "Retry."}
		}, func(e *sessiontest.Engine) { e.BuildError = nil }, session.CodeImage},
		{"anything else", func(e *sessiontest.Engine) { e.Built, e.BuildError = false, errors.New("boom") }, func(e *sessiontest.Engine) { e.BuildError = nil }, session.CodeInternal},
	} {
		t.Run(c.name, func(t *testing.T) {
			story(t, hello, func(w *world) {
				w.engine.Lock()
				c.breaks(w.engine)
				w.engine.Unlock()
				id := w.create("work")
				s := w.until(id, session.Failed)
				code(t, s.Error, c.want)
				if len(s.Prompts) != 1 {
					t.Fatalf("prompts are %+v", s.Prompts)
				}
				w.engine.Lock()
				c.mends(w.engine)
				w.engine.Unlock()
				w.must(w.Retry(ctx, id))
				if s := w.until(id, session.Idle); s.Turns != 1 || s.Error != nil {
					t.Errorf("after Retry: %+v", s)
				}
			})
		})
	}
}

func TestFailedTurnKeepsTheQueueAndRetriesItsPrompt(t *testing.T) {
	fails := true
	story(t, func(t *sessiontest.Turn) {
		t.Wait(time.Second)
		if t.Say("m", t.Prompt.Text); fails {
			t.Fail("The model is overloaded.")
		}
	}, func(w *world) {
		id := w.create("one")
		w.until(id, session.Working)
		_, err := w.Prompt(ctx, id, session.NewPrompt{Text: "two"})
		w.must(err)
		s := w.until(id, session.Failed)
		if s.Error.Code != session.CodeModel || len(s.Prompts) != 1 || !s.Held {
			t.Fatalf("session is %+v", s)
		}
		fails = false
		w.must(w.Retry(ctx, id))
		w.until(id, session.Idle)
		var said []string
		for _, line := range w.transcript(id) {
			if strings.HasPrefix(line, "message") || strings.HasPrefix(line, "turn") {
				said = append(said, line)
			}
		}
		sameLines(t, said, "message: one", "turn: error", "message: one", "turn: end_turn", "message: two", "turn: end_turn")
	})
}

func TestIdleSandboxStopsAndStartsAgain(t *testing.T) {
	story(t, hello, func(w *world) {
		id := w.create("one")
		w.until(id, session.Idle)
		time.Sleep(29 * time.Minute)
		if got := w.get(id).Sandbox; got != session.SandboxRunning {
			t.Fatalf("after 29 minutes the sandbox is %q", got)
		}
		time.Sleep(2 * time.Minute)
		synctest.Wait()
		if s := w.get(id); s.Sandbox != session.SandboxStopped || s.Status != session.Stopped {
			t.Fatalf("after 31 minutes: %q, sandbox %q", s.Status, s.Sandbox)
		}
		_, err := w.Prompt(ctx, id, session.NewPrompt{Text: "two"})
		w.must(err)
		if s := w.until(id, session.Idle); s.Turns != 2 || s.Conversation != "conversation" {
			t.Errorf("turns %d, conversation %q", s.Turns, s.Conversation)
		}
	})
}

func TestDeleteListsWhatWouldBeLost(t *testing.T) {
	story(t, hello, func(w *world) {
		id := w.create("one")
		w.until(id, session.Idle)
		w.git.Losses = []string{"2 commits on agents/one"}
		err := w.Delete(ctx, id, false)
		code(t, err, session.CodeUnsaved)
		if !strings.Contains(err.Error(), "2 commits") || w.get(id).ID == "" {
			t.Errorf("delete says %q", err)
		}
		w.must(w.Delete(ctx, id, true))
		_, err = w.Items(ctx, id, 1, 10)
		code(t, err, session.CodeNotFound)
		if w.engine.Box(id) != nil || len(w.git.Forgotten) != 1 {
			t.Error("something of the session is left")
		}
	})
}

func TestEmptyRepositoryIsOfferedAFirstCommit(t *testing.T) {
	story(t, hello, func(w *world) {
		w.git.Empty = true
		_, err := w.AddProject(ctx, "/code/new")
		code(t, err, session.CodeEmpty)
		p, err := w.InitProject(ctx, "/code/new")
		w.must(err)
		if again, err := w.AddProject(ctx, "/code/new"); err != nil || again.ID != p.ID {
			t.Errorf("project is %+v: %v", again, err)
		}
	})
}
