package session_test

import (
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"background-agents/backend/session"
)

func TestDeletedSessionsAndProjectsTakeTheirSecretsAlong(t *testing.T) {
	story(t, hello, func(w *world) {
		id := w.create("one")
		s := w.until(id, session.Idle)
		w.set(session.SecretScope{Session: id}, "A", canary)
		w.set(session.SecretScope{Project: s.Project}, "B", canary)
		locked := &session.Error{Code: session.CodeKeychainLock, Message: "The keychain is locked.", Hint: "Unlock it."}
		w.vault.Fail(locked)
		code(t, w.Delete(ctx, id, true), session.CodeKeychainLock)
		if w.get(id).ID == "" {
			t.Fatal("the session is gone, and its secret is not")
		}
		w.vault.Fail(nil)
		w.must(w.Delete(ctx, id, true))
		w.must(w.RemoveProject(ctx, s.Project))
		for _, name := range []string{"secret/session/" + string(id) + "/A", "secret/project/" + string(s.Project) + "/B"} {
			if _, err := w.vault.Get(ctx, name); session.CodeOf(err) != session.CodeNotFound {
				t.Errorf("%s: %v", name, err)
			}
		}
	})
}

func TestWithoutAKeychainOnlySessionsThatNeedItFail(t *testing.T) {
	for _, state := range []session.Code{session.CodeNoKeychain, session.CodeKeychainLock, session.CodeKeychainSlow, session.CodeNotFound} {
		t.Run(string(state), func(t *testing.T) {
			story(t, hello, func(w *world) {
				p, err := w.AddProject(ctx, "/code/shop")
				w.must(err)
				without := w.create("without")
				w.until(without, session.Idle)
				w.set(session.SecretScope{Project: p.ID}, "TOKEN", canary)
				w.close() // nothing is known any more
				w.vault.Fail(&session.Error{Code: state, Message: "The keychain says no.", Hint: "Do something."})
				w.open()
				id := w.create("with")
				s := w.until(id, session.Failed)
				if s.Error == nil || s.Error.Hint == "" || !strings.Contains(s.Error.Message, "TOKEN") || s.Error.Code == session.CodeNotFound {
					t.Errorf("it says %+v", s.Error)
				}
				if box := w.engine.Box(id); box != nil && box.Started.Base != "" {
					t.Error("its agent was started all the same")
				}
				other, err := w.AddProject(ctx, "/code/other")
				w.must(err)
				free, err := w.Create(ctx, session.NewSession{Project: other.ID, Prompt: session.NewPrompt{Text: "free"}})
				w.must(err)
				w.until(free.ID, session.Idle)
				w.vault.Fail(nil)
				w.must(w.Retry(ctx, id))
				w.until(id, session.Idle)
				if env := delivered(w.engine.Box(id).Started); !slices.Contains(env, "TOKEN="+canary) {
					t.Errorf("after Retry the environment is %q", env)
				}
				_, err = w.Prompt(ctx, without, session.NewPrompt{Text: "go on"})
				w.must(err)
				w.until(without, session.Idle)
			})
		})
	}
}

func TestFiftySessionsAskASilentKeychainOnce(t *testing.T) {
	story(t, hello, func(w *world) {
		w.must(w.SaveSettings(ctx, session.Settings{Concurrency: 64}))
		w.set(session.SecretScope{}, "TOKEN", canary)
		w.close()
		w.vault.Delay(time.Hour)
		w.open()
		var ids []session.ID
		for range 50 {
			ids = append(ids, w.create("work"))
		}
		time.Sleep(6 * time.Second)
		synctest.Wait()
		for _, id := range ids {
			if s := w.get(id); s.Status != session.Failed || s.Error.Code != session.CodeKeychainSlow {
				t.Fatalf("after 6 s a session is %q: %+v", s.Status, s.Error)
			}
		}
		w.vault.Delay(10 * time.Millisecond)
		for _, id := range ids {
			w.must(w.Retry(ctx, id))
		}
		for _, id := range ids {
			w.until(id, session.Idle)
		}
		if n := w.vault.Asked("secret/global/TOKEN"); n > 51 {
			t.Errorf("the keychain was asked %d times", n)
		}
	})
}
