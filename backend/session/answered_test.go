package session_test

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"background-agents/backend/session"
	"background-agents/backend/session/sessiontest"
)

// What fails in a turn is told in the broker's words, which has seen the provider's answer; what the agent makes of it
// are details.
func TestAModelsFailureIsToldInTheBrokersWords(t *testing.T) {
	overloaded := &session.Error{Code: session.CodeModel, Message: "Anthropic is overloaded.", Hint: "Retry in a minute.", Details: "HTTP 529: {} " + canary}
	var mu sync.Mutex
	var here *world
	story(t, func(turn *sessiontest.Turn) {
		mu.Lock()
		w := here
		mu.Unlock()
		var id session.ID
		for _, s := range sessiontest.State(w).Sessions {
			id = s.ID
		}
		switch turn.Prompt.Text {
		case "fails":
			turn.Wait(time.Millisecond)
			w.Answered(id, overloaded)
			turn.Wait(time.Minute) // the agent tries again
			turn.Fail("529 " + canary)
		case "floods":
			turn.Wait(time.Millisecond)
			before := w.get(id).Rev
			for range 1000 {
				w.Answered(id, overloaded)
				w.Answered(id, &session.Error{Code: session.CodeModel, Message: "There is no key."})
			}
			if n := w.get(id).Rev - before; n > 1 {
				t.Errorf("2000 requests that failed at once changed the session %d times", n)
			}
		case "recovers":
			w.Answered(id, overloaded)
			w.Answered(id, nil)
			turn.Fail("I am lost.")
		case "later":
			turn.Fail("I cannot go on.")
		case "well":
			w.Answered(id, overloaded)
			turn.Say("m", "It was overloaded, but here is the answer.")
		}
	}, func(w *world) {
		ctx := context.Background()
		mu.Lock()
		here = w
		mu.Unlock()
		w.set(session.SecretScope{}, "TOKEN", canary)
		id := w.create("")
		w.until(id, session.Idle)
		prompt := func(text string, end session.Status) session.Session {
			t.Helper()
			_, err := w.Prompt(ctx, id, session.NewPrompt{Text: text})
			w.must(err)
			if text == "fails" {
				time.Sleep(time.Second)
				if s := w.get(id); s.Step != "Anthropic is overloaded" {
					t.Errorf("while the agent tries again the session's line is %q", s.Step)
				}
			}
			s := w.until(id, end)
			for _, p := range s.Prompts {
				_, err = w.CancelPrompt(ctx, id, p.ID)
				w.must(err)
			}
			return s
		}
		s := prompt("fails", session.Failed)
		if s.Error == nil || s.Error.Message != overloaded.Message || s.Error.Hint != overloaded.Hint || s.Error.Details != "HTTP 529: {} [secret TOKEN]\n529 [secret TOKEN]" {
			t.Errorf("told %+v", s.Error)
		}
		items, err := w.Items(ctx, id, s.Items, 1)
		w.must(err)
		if it := items[0]; it.Error == nil || *it.Error != *s.Error {
			t.Errorf("the transcript says %+v", it.Error)
		}
		for text, want := range map[string]string{"recovers": "I am lost.", "later": "I cannot go on."} {
			if s := prompt(text, session.Failed); s.Error == nil || s.Error.Message != want {
				t.Errorf("%s: %+v", text, s.Error)
			}
		}
		if s := prompt("well", session.Idle); s.Error != nil {
			t.Errorf("a turn that ended well: %+v", s.Error)
		}
		prompt("floods", session.Idle)
		told := w.told()
		for _, e := range told {
			for _, s := range e.Sessions {
				if s.Error != nil && strings.Contains(s.Error.Details, canary) {
					t.Fatalf("a watcher was told a secret: %+v", s.Error)
				}
			}
		}
	})
}
