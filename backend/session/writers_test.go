package session_test

import (
	"testing"
	"testing/synctest"

	"background-agents/backend/session"
)

func TestSecondWriterOfSettingsIsRefused(t *testing.T) {
	story(t, hello, func(w *world) {
		one, two := w.Settings(), w.Settings()
		one.Theme, two.DayBudget.USD = "dark", 5
		w.must(w.SaveSettings(ctx, one))
		err := w.SaveSettings(ctx, two)
		code(t, err, session.CodeConflict)
		if session.AsError(err).Hint == "" || w.Settings().Theme != "dark" || w.Settings().DayBudget.USD != 0 {
			t.Errorf("settings are %+v after %v", w.Settings(), err)
		}
		two = w.Settings()
		two.DayBudget.USD = 5
		w.must(w.SaveSettings(ctx, two))
		if s := w.Settings(); s.Theme != "dark" || s.DayBudget.USD != 5 {
			t.Errorf("settings are %+v", s)
		}
	})
}

func TestSecondWriterOfAProjectIsRefused(t *testing.T) {
	story(t, hello, func(w *world) {
		p, err := w.AddProject(ctx, "/code/shop")
		w.must(err)
		one, two := p, p
		one.Defaults.Network, two.Name = session.Offline, "other"
		w.must(w.SetHost(ctx, p.ID, session.HostRule{Host: "evil.example"})) // what SaveProject does not change is no conflict
		w.must(w.SaveProject(ctx, one))
		code(t, w.SaveProject(ctx, two), session.CodeConflict)
		now, err := w.AddProject(ctx, "/code/shop")
		w.must(err)
		if now.Name != p.Name || now.Defaults.Network != session.Offline || len(now.Hosts) != 1 {
			t.Errorf("project is %+v", now)
		}
	})
}

// A new session changes nothing of its project, whatever happens to it in between.
func TestNewSessionLeavesItsProjectAsItIs(t *testing.T) {
	story(t, hello, func(w *world) {
		p, err := w.AddProject(ctx, "/code/shop")
		w.must(err)
		synctest.Wait() // its files are read in the background
		w.git.Resolving = func() {
			w.must(w.SetHost(ctx, p.ID, session.HostRule{Host: "evil.example"}))
			_, err := w.SetSecret(ctx, session.SecretScope{Project: p.ID}, "TOKEN", session.DeliverEnv, session.NewSecret("a-long-secret-value"))
			w.must(err)
		}
		s, err := w.Create(ctx, session.NewSession{Project: p.ID, Prompt: session.NewPrompt{Text: "one"}, Network: session.OpenNetwork, Policy: session.Ask, Mode: "plan"})
		w.must(err)
		w.git.Resolving = nil
		now, err := w.AddProject(ctx, "/code/shop")
		w.must(err)
		if len(now.Hosts) != 1 || len(now.Secrets) != 1 || now.Defaults != (session.Defaults{}) {
			t.Errorf("project is %+v", now)
		}
		next, err := w.Create(ctx, session.NewSession{Project: p.ID, Prompt: session.NewPrompt{Text: "one"}})
		w.must(err)
		if next.Network != session.Guarded || next.Policy != session.AllowAll || next.Mode != "" {
			t.Errorf("the next session has %s, %s, %q", next.Network, next.Policy, next.Mode)
		}
		if stored := w.get(next.ID); next.Branch != stored.Branch || next.Branch == s.Branch {
			t.Errorf("Create returned the branch %q, stored is %q, and the other session has %q", next.Branch, stored.Branch, s.Branch)
		}
	})
}

func TestSessionOfAProjectThatIsRemovedMeanwhileIsRefused(t *testing.T) {
	story(t, hello, func(w *world) {
		p, err := w.AddProject(ctx, "/code/shop")
		w.must(err)
		synctest.Wait()
		w.git.Resolving = func() { w.must(w.RemoveProject(ctx, p.ID)) }
		_, err = w.Create(ctx, session.NewSession{Project: p.ID, Prompt: session.NewPrompt{Text: "one"}})
		code(t, err, session.CodeNotFound)
	})
}
