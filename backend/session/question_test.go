package session_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"background-agents/backend/session"
	"background-agents/backend/session/sessiontest"
)

// doing are the states in which a sandbox may ask about a host.
var doing = []struct {
	name  string
	agent func(*sessiontest.Turn)
	at    session.Status
}{
	{"while a hook runs", hello, session.Starting},
	{"while nothing runs but in the background", hello, session.Idle},
	{"while the agent works", func(t *sessiontest.Turn) { t.Wait(time.Hour) }, session.Working},
	{"after a turn that failed", func(t *sessiontest.Turn) { t.Fail("no answer") }, session.Failed},
}

// in runs f on a session that does what is said.
func in(t *testing.T, f func(w *world, id session.ID, at session.Status)) {
	for _, c := range doing {
		t.Run(c.name, func(t *testing.T) {
			story(t, c.agent, func(w *world) {
				if c.at == session.Starting {
					w.engine.StartTime = time.Hour
				}
				id := w.create("work")
				w.until(id, c.at)
				w.must(w.Seen(ctx, id))
				f(w, id, c.at)
			})
		})
	}
}

// ask lets the session's sandbox ask about a host, until ctx ends.
func (w *world) ask(ctx context.Context, id session.ID, host string) (request string, answer chan bool) {
	w.t.Helper()
	answer = make(chan bool, 1)
	go func() { answer <- w.AskHost(ctx, id, session.HostRequest{Host: host}) }()
	synctest.Wait()
	items, err := w.Items(ctx, id, 1, 100)
	w.must(err)
	return items[len(items)-1].Permission.ID, answer
}

// is fails where the session's watchers see something else.
func (w *world) is(id session.ID, status, does session.Status, questions int) {
	w.t.Helper()
	synctest.Wait()
	if s := w.get(id); s.Status != status || s.Does() != does || s.Questions != questions {
		w.t.Fatalf("it is %s and does %s, with %d questions; want %s, %s, %d", s.Status, s.Does(), s.Questions, status, does, questions)
	}
	last := session.Session{}
	for _, e := range w.told() {
		for _, s := range e.Sessions {
			if s.ID == id {
				last = s
			}
		}
	}
	if last.Status != status || last.Does() != does {
		w.t.Fatalf("who watched all along sees %s, %s", last.Status, last.Does())
	}
}

func TestSessionWithAnOpenQuestionNeedsItsUser(t *testing.T) {
	in(t, func(w *world, id session.ID, at session.Status) {
		one, first := w.ask(ctx, id, "one.example.com")
		w.is(id, session.NeedsYou, at, 1)
		if !w.get(id).Unread {
			w.t.Error("it is not marked as unread")
		}
		w.must(w.Seen(ctx, id))
		two, second := w.ask(ctx, id, "two.example.com")
		w.is(id, session.NeedsYou, at, 2)
		if !w.get(id).Unread {
			w.t.Error("the second question is not marked as unread")
		}
		w.must(w.Answer(ctx, id, one, "once"))
		w.is(id, session.NeedsYou, at, 1)
		w.must(w.Answer(ctx, id, two, "no"))
		w.is(id, at, at, 0)
		if !<-first || <-second {
			w.t.Error("the answers are mixed up")
		}
	})
}

func TestQuestionThatTimesOutNeedsNobody(t *testing.T) {
	in(t, func(w *world, id session.ID, at session.Status) {
		asking, cancel := context.WithTimeout(ctx, 10*time.Second)
		defer cancel()
		_, answer := w.ask(asking, id, "example.com")
		w.is(id, session.NeedsYou, at, 1)
		if <-answer {
			w.t.Error("nobody said yes")
		}
		w.is(id, at, at, 0)
	})
}

func TestQuestionOutlivesAChangeThatIsRefused(t *testing.T) {
	in(t, func(w *world, id session.ID, at session.Status) {
		request, answer := w.ask(ctx, id, "example.com")
		if err := w.EditPrompt(ctx, id, "nothing", "text"); err == nil {
			w.t.Fatal("a prompt that is not there is changed")
		}
		w.must(w.Rename(ctx, id, "Another name"))
		w.is(id, session.NeedsYou, at, 1)
		w.must(w.Answer(ctx, id, request, "once"))
		if !<-answer {
			w.t.Error("it was answered with no")
		}
	})
}

func TestQuestionEndsWithTheApplication(t *testing.T) {
	in(t, func(w *world, id session.ID, at session.Status) {
		request, answer := w.ask(ctx, id, "example.com")
		w.is(id, session.NeedsYou, at, 1)
		w.reopen()
		if err := w.EditPrompt(ctx, id, "nothing", "text"); err == nil { // what is refused in between makes no difference
			w.t.Fatal("a prompt that is not there is changed")
		}
		if <-answer {
			w.t.Error("nobody said yes")
		}
		w.is(id, at, at, 0)
		code(w.t, w.Answer(ctx, id, request, "once"), session.CodeConflict)
	})
}

func TestSessionThatEndsAsksNothing(t *testing.T) {
	for name, end := range map[string]struct {
		by   func(w *world, id session.ID) error
		then session.Status
	}{
		"stopped":  {func(w *world, id session.ID) error { return w.Stop(ctx, id) }, session.Stopped},
		"archived": {func(w *world, id session.ID) error { return w.Archive(ctx, id, false) }, session.Archived},
		"deleted":  {func(w *world, id session.ID) error { return w.Delete(ctx, id, true) }, ""},
	} {
		t.Run(name, func(t *testing.T) {
			in(t, func(w *world, id session.ID, at session.Status) {
				if at == session.Working && name == "archived" || at == session.Failed && name == "stopped" {
					w.t.Skip("it goes on")
				}
				request, answer := w.ask(ctx, id, "example.com")
				began := time.Now()
				w.must(end.by(w, id))
				if end.then == "" {
					if _, err := w.Items(ctx, id, 1, 1); session.CodeOf(err) != session.CodeNotFound {
						w.t.Errorf("its items are still there: %v", err)
					}
				} else if at == session.Working { // the turn ended, what runs in the background goes on
					w.is(id, session.NeedsYou, session.Idle, 1)
					w.must(w.Stop(ctx, id))
				}
				if <-answer || time.Since(began) > time.Second {
					w.t.Errorf("who asked was told after %v", time.Since(began))
				}
				if end.then != "" {
					w.is(id, end.then, end.then, 0)
					time.Sleep(time.Minute)
					if sb, err := w.engine.Sandbox(ctx, id); err == nil && sb.State == session.SandboxRunning {
						w.t.Error("its sandbox goes on")
					}
					code(w.t, w.Answer(ctx, id, request, "once"), session.CodeConflict)
				}
			})
		})
	}
}

func TestHostQuestionOutlivesTheTurn(t *testing.T) {
	story(t, func(t *sessiontest.Turn) { t.Wait(time.Second) }, func(w *world) {
		id := w.create("start a server")
		w.until(id, session.Working)
		request, answer := w.ask(ctx, id, "example.com")
		time.Sleep(2 * time.Second)
		w.is(id, session.NeedsYou, session.Idle, 1)
		w.must(w.Answer(ctx, id, request, "once"))
		if !<-answer {
			t.Error("the answer did not arrive")
		}
		w.is(id, session.Idle, session.Idle, 0)
	})
}

func TestPermissionAndHostQuestionTogether(t *testing.T) {
	answer := ""
	story(t, func(t *sessiontest.Turn) { answer = t.Ask("push"); t.Wait(time.Minute) }, func(w *world) {
		id := w.create("push it")
		w.until(id, session.NeedsYou)
		request, _ := w.ask(ctx, id, "example.com")
		w.is(id, session.NeedsYou, session.Working, 2)
		w.must(w.Answer(ctx, id, "push", "yes"))
		w.is(id, session.NeedsYou, session.Working, 1)
		w.must(w.Answer(ctx, id, request, "no"))
		w.is(id, session.Working, session.Working, 0)
		if answer != "yes" {
			t.Errorf("the agent got %q", answer)
		}
	})
}

func TestPermissionOutlivesTheApplicationAndNeedsItsUserStill(t *testing.T) {
	story(t, func(t *sessiontest.Turn) { t.Ask("push") }, func(w *world) {
		id := w.create("push it")
		w.until(id, session.NeedsYou)
		w.reopen()
		w.is(id, session.NeedsYou, session.Working, 1)
		w.must(w.Answer(ctx, id, "push", "yes"))
		w.until(id, session.Idle)
	})
}

func TestSandboxThatAsksIsNotStoppedAsIdle(t *testing.T) {
	story(t, hello, func(w *world) {
		settings := w.Settings()
		settings.IdleMinutes = 1
		w.must(w.SaveSettings(ctx, settings))
		id := w.create("work")
		w.until(id, session.Idle)
		request, _ := w.ask(ctx, id, "example.com")
		time.Sleep(9 * time.Minute)
		w.is(id, session.NeedsYou, session.Idle, 1)
		w.must(w.Answer(ctx, id, request, "no"))
		time.Sleep(3 * time.Minute)
		w.is(id, session.Stopped, session.Stopped, 0)
	})
}

func TestAgentCannotAskInTheNameOfTheApplication(t *testing.T) {
	story(t, func(t *sessiontest.Turn) { t.Say("m", "so"); t.Ask("host:abcdefgh") }, func(w *world) {
		id := w.create("work")
		w.until(id, session.Working)
		time.Sleep(time.Second)
		w.is(id, session.Working, session.Working, 0)
		w.must(w.Stop(ctx, id))
		w.until(id, session.Idle)
	})
}

// Where the sandbox cannot be reached the agent cannot be answered: what is to be done first is said.
func TestFailureGoesBeforeAPermissionThatNobodyCanAnswer(t *testing.T) {
	story(t, func(t *sessiontest.Turn) { t.Ask("push") }, func(w *world) {
		w.set(session.SecretScope{}, "TOKEN", "s3cret-canary-value")
		id := w.create("push it")
		w.until(id, session.NeedsYou)
		w.vault.Fail(&session.Error{Code: session.CodeKeychainLock, Message: "Locked."})
		w.reopen()
		w.until(id, session.Failed)
		w.is(id, session.Failed, session.Failed, 0)
		w.vault.Fail(nil)
		w.must(w.Retry(ctx, id))
		w.until(id, session.NeedsYou)
		w.is(id, session.NeedsYou, session.Working, 1)
		w.must(w.Answer(ctx, id, "push", "yes"))
		w.until(id, session.Idle)
	})
}
