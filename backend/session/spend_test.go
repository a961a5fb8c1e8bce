package session_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"background-agents/backend/session"
	"background-agents/backend/session/sessiontest"
)

var used = session.Use{Requests: 1, Input: 1000, Output: 100, USD: 0.5}

func (w *world) today() session.Use {
	w.t.Helper()
	day, err := w.Today(context.Background())
	w.must(err)
	return day.Use
}

func TestWhatASessionUsesIsRecordedOnceASecondAndKept(t *testing.T) {
	story(t, nil, func(w *world) {
		id := w.create("")
		w.until(id, session.Idle)
		saves := 0
		w.store.Fail(func(session.Change) error { saves++; return nil })
		for range 500 {
			w.Spend(id, used)
			time.Sleep(time.Millisecond)
		}
		time.Sleep(2 * time.Second)
		synctest.Wait()
		if saves != 1 {
			t.Errorf("%d writes for 500 requests within half a second", saves)
		}
		u := w.get(id).Usage
		if u.Requests != 500 || u.Input != 500_000 || u.Output != 50_000 || u.Cost != 250 || u.Currency != "USD" {
			t.Errorf("usage %+v", u)
		}
		w.Spend(id, used)
		w.reopen() // at once: Close records what waits
		if u := w.get(id).Usage; u.Requests != 501 || u.Cost != 250.5 || w.today().USD != 250.5 {
			t.Errorf("after a restart: %+v, today %+v", u, w.today())
		}
	})
}

func TestUseThatCannotBeRecordedIsRecordedWithTheNext(t *testing.T) {
	story(t, nil, func(w *world) {
		id := w.create("")
		w.until(id, session.Idle)
		w.store.Fail(func(session.Change) error { return errors.New("disk full") })
		w.Spend(id, used)
		time.Sleep(2 * time.Second)
		synctest.Wait()
		w.store.Fail(nil)
		w.Spend(id, used)
		time.Sleep(2 * time.Second)
		w.reopen()
		if u := w.get(id).Usage; u.Requests != 2 || w.today().Requests != 2 {
			t.Errorf("usage %+v, today %+v", u, w.today())
		}
	})
}

func TestDayCountsAllSessionsAndBeginsAnewAtMidnight(t *testing.T) {
	story(t, nil, func(w *world) {
		one, two := w.create(""), w.create("")
		w.until(one, session.Idle)
		w.until(two, session.Idle)
		w.Spend(one, used)
		w.Spend(two, used)
		time.Sleep(2 * time.Second)
		w.must(w.Delete(context.Background(), two, true))
		w.reopen()
		if got := w.today(); got.USD != 1 {
			t.Errorf("today %+v: what a deleted session used counts on", got)
		}
		settings := w.Settings()
		settings.DayBudget = session.Budget{USD: 1}
		w.must(w.SaveSettings(context.Background(), settings))
		code(t, w.Allow(context.Background(), one), session.CodeBudget)
		time.Sleep(24 * time.Hour)
		if got := w.today(); got != (session.Use{}) {
			t.Errorf("the next day begins with %+v", got)
		}
		w.must(w.Allow(context.Background(), one))
	})
}

func TestBudgetEndsTheTurnWithASentenceAndRetryGoesOn(t *testing.T) {
	for outcome, act := range map[string]func(*sessiontest.Turn, error){
		"the agent fails":            func(turn *sessiontest.Turn, err error) { turn.Fail("402 " + err.Error()) },
		"the agent tries for ever":   func(turn *sessiontest.Turn, _ error) { turn.Wait(time.Hour) },
		"the agent makes nothing of": func(turn *sessiontest.Turn, _ error) { turn.Say("m", "I cannot reach my model.") },
	} {
		t.Run(outcome, func(t *testing.T) {
			var mu sync.Mutex
			var here *world
			var id session.ID
			story(t, func(turn *sessiontest.Turn) {
				mu.Lock()
				w, s := here, id
				mu.Unlock()
				if err := w.Allow(context.Background(), s); err != nil {
					act(turn, err)
					return
				}
				w.Spend(s, used)
				turn.Say("m", "Done.")
			}, func(w *world) {
				ctx := context.Background()
				mu.Lock()
				here = w
				mu.Unlock()
				first := w.create("")
				w.until(first, session.Idle)
				mu.Lock()
				id = first
				mu.Unlock()
				w.must(w.SetBudget(ctx, first, &session.Budget{Tokens: 1100}))
				_, err := w.Prompt(ctx, first, session.NewPrompt{Text: "one"})
				w.must(err)
				w.until(first, session.Idle)
				_, err = w.Prompt(ctx, first, session.NewPrompt{Text: "two"})
				w.must(err)
				s := w.until(first, session.Failed)
				if s.Error.Code != session.CodeBudget || s.Error.Message != "The session's budget of 1100 tokens is spent." || !strings.Contains(s.Error.Hint, "--tokens N`") {
					t.Errorf("told %+v", s.Error)
				}
				items, err := w.Items(ctx, first, s.Items, 1)
				w.must(err)
				if it := items[0]; it.Kind != session.KindTurn || it.Result.Stop != "error" || it.Error == nil || it.Error.Code != session.CodeBudget {
					t.Errorf("the transcript ends with %+v", it)
				}
				w.must(w.SetBudget(ctx, first, &session.Budget{Tokens: 5000}))
				w.must(w.Retry(ctx, first))
				w.until(first, session.Idle)
				time.Sleep(2 * time.Second)
				if s = w.get(first); s.Refused != nil || s.Turns != 3 || s.Usage.Requests != 2 {
					t.Errorf("%+v", s)
				}
			})
		})
	}
}

func TestBudgetOfASessionGoesBeforeTheSettings(t *testing.T) {
	story(t, nil, func(w *world) {
		ctx := context.Background()
		id := w.create("")
		w.until(id, session.Idle)
		settings := w.Settings()
		settings.SessionBudget = session.Budget{USD: 0.5}
		w.must(w.SaveSettings(ctx, settings))
		w.must(w.Allow(ctx, id))
		w.Spend(id, used)
		code(t, w.Allow(ctx, id), session.CodeBudget)
		w.must(w.SetBudget(ctx, id, &session.Budget{USD: 2}))
		w.must(w.Allow(ctx, id))
		w.must(w.SetBudget(ctx, id, &session.Budget{})) // none at all
		w.must(w.Allow(ctx, id))
		w.must(w.SetBudget(ctx, id, nil))
		code(t, w.Allow(ctx, id), session.CodeBudget)
		code(t, w.SetBudget(ctx, id, &session.Budget{USD: -1}), session.CodeInvalid)
		settings.DayBudget.Tokens = -1
		code(t, w.SaveSettings(ctx, settings), session.CodeInvalid)
	})
}
