package session_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"background-agents/backend/session"
	"background-agents/backend/session/sessiontest"
)

const canary = "s3cr3t-canary-0123456789"

// set sets a secret of the environment.
func (w *world) set(at session.SecretScope, name, value string) {
	w.t.Helper()
	_, err := w.SetSecret(ctx, at, name, session.DeliverEnv, session.NewSecret(value))
	w.must(err)
}

// delivered returns the secrets that a sandbox was started with.
func delivered(spec session.StartSpec) []string {
	var all []string
	for _, s := range spec.Secrets {
		name := s.Name
		if s.Delivery == session.DeliverFile {
			name += " file"
		}
		all = append(all, name+"="+s.Value.Reveal())
	}
	return all
}

func (w *world) names(at session.SecretScope) []string {
	w.t.Helper()
	list, err := w.Secrets(ctx, at)
	w.must(err)
	names := []string{}
	for _, e := range list {
		where := "global"
		switch {
		case e.Session != "":
			where = "session"
		case e.Project != "":
			where = "project"
		}
		names = append(names, e.Name+" "+where+" "+string(e.Delivery))
	}
	return names
}

func TestTheMostSpecificSecretIsDelivered(t *testing.T) {
	story(t, hello, func(w *world) {
		id := w.create("one")
		project := w.get(id).Project
		w.until(id, session.Idle)
		ofSession, ofProject := session.SecretScope{Session: id}, session.SecretScope{Project: project}
		w.set(session.SecretScope{}, "TOKEN", "of everyone")
		w.set(session.SecretScope{}, "token", "lower case")
		w.set(ofProject, "TOKEN", "of the project")
		w.set(ofProject, "OTHER", "other value")
		w.set(ofSession, "TOKEN", "of the session")
		_, err := w.SetSecret(ctx, ofProject, "CERT", session.DeliverFile, session.NewSecret("line\nline\n"))
		w.must(err)
		sameLines(t, w.names(session.SecretScope{}), "TOKEN global env", "token global env")
		sameLines(t, w.names(ofSession), "CERT project file", "OTHER project env", "TOKEN session env",
			"TOKEN project env", "TOKEN global env", "token global env")
		if !w.get(id).Outdated {
			t.Error("the sandbox runs with what was before, and nobody says so")
		}

		w.must(w.Stop(ctx, id))
		w.until(id, session.Stopped)
		w.must(w.Resume(ctx, id))
		w.until(id, session.Idle)
		spec := w.engine.Box(id).Started
		sameLines(t, delivered(spec), "CERT file=line\nline\n", "OTHER=other value", "TOKEN=of the session",
			"token=lower case")
		if w.get(id).Outdated {
			t.Error("after the restart the sandbox is still said to be outdated")
		}

		w.must(w.DeleteSecret(ctx, ofSession, "TOKEN"))
		if _, err := w.vault.Get(ctx,
			"secret/session/"+string(id)+"/TOKEN"); session.CodeOf(err) != session.CodeNotFound {
			t.Errorf("the keychain still has it: %v", err)
		}
		code(t, w.DeleteSecret(ctx, ofSession, "TOKEN"), session.CodeNotFound)
		w.must(w.Stop(ctx, id))
		w.must(w.Resume(ctx, id))
		w.until(id, session.Idle)
		if env := delivered(w.engine.Box(id).Started); !slices.Contains(env, "TOKEN=of the project") {
			t.Errorf("environment is %q", env)
		}
	})
}

func TestKeyOfAModelIsSentToModels(t *testing.T) {
	const why = "A secret cannot be named OPENAI_API_KEY: it is a key for a model."
	const hint = "Add it under Models, where it never enters the sandbox."
	story(t, hello, func(w *world) {
		_, err := w.SetSecret(ctx, session.SecretScope{}, "OPENAI_API_KEY", session.DeliverEnv,
			session.NewSecret("sk-canary-12345"))
		code(t, err, session.CodeInvalid)
		if e := session.AsError(err); e.Message != why || e.Hint != hint {
			t.Errorf("%q, %q", e.Message, e.Hint)
		}
		got, err := w.PasteSecrets(ctx, session.SecretScope{}, session.DeliverEnv,
			session.NewSecret("OPENAI_API_KEY=sk-canary-12345\nTOKEN=abcdefgh"))
		w.must(err)
		if len(got.Set) != 1 || len(got.Skipped) != 1 || got.Skipped[0].Reason != why+" "+hint {
			t.Errorf("pasted %+v", got)
		}
	})
}

func TestKeyOfAModelThatWasKeptBeforeIsLeftOutAndSaid(t *testing.T) {
	for _, d := range []session.Delivery{session.DeliverEnv, session.DeliverFile} {
		story(t, hello, func(w *world) {
			w.set(session.SecretScope{}, "TOKEN", "of all sessions")
			settings := w.Settings()
			settings.Secrets = append(settings.Secrets, session.SecretEntry{Name: "OPENAI_API_KEY", Delivery: d,
				UpdatedAt: 1})
			w.must(w.store.Save(ctx, session.Change{Settings: &settings}))
			w.must(w.vault.Set(ctx, "secret/global/OPENAI_API_KEY", session.NewSecret("sk-canary-12345")))
			w.reopen()
			id := w.create("say sk-canary-12345")
			w.until(id, session.Idle)
			started := w.engine.Box(id).Started
			got := delivered(started)
			if all := strings.Join(append(got, started.Env...), " "); strings.Contains(all, "OPENAI_API_KEY") ||
				strings.Contains(all, "canary") || len(got) != 1 || !strings.HasPrefix(got[0], "TOKEN=") {
				t.Errorf("the sandbox got %q and %q", started.Env, got)
			}
			said := "notice: The secret OPENAI_API_KEY was left out. A secret cannot be named OPENAI_API_KEY: it is " +
				"a key for a model. Add it under Models, where it never enters the sandbox."
			if n := strings.Count(strings.Join(w.transcript(id), "\n"), said); n != 1 {
				t.Errorf("it is said %d times:\n%s", n, strings.Join(w.transcript(id), "\n"))
			}
			if w.get(id).Outdated {
				t.Error("the sandbox counts as outdated")
			}
		})
	}
}

func TestNamesAndValuesThatAreRefused(t *testing.T) {
	story(t, hello, func(w *world) {
		for _, name := range []string{
			"", "1A", "A-B", "A B", "Ä", strings.Repeat("A", 65), "A=b", "PATH", "path", "LD_PRELOAD",
			"GIT_SSH_COMMAND", "BGA_HOME",
			"OPENCODE_CONFIG", "https_proxy", "NODE_OPTIONS", "ANTHROPIC_BASE_URL", "OPENAI_BASE_URL",
			"ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN", "anthropic_api_key", "OPENAI_API_KEY",
			"CLAUDE_CODE_OAUTH_TOKEN", "CODEX_API_KEY",
		} {
			_, err := w.SetSecret(ctx, session.SecretScope{}, name, session.DeliverEnv, session.NewSecret("value"))
			code(t, err, session.CodeInvalid)
		}
		for _, c := range []struct {
			d     session.Delivery
			value string
		}{{"env", ""}, {"env", strings.Repeat("x", 64<<10+1)}, {"env", "a\x00b"}, {"file", "\xff"}, {"mail", "x"}} {
			_, err := w.SetSecret(ctx, session.SecretScope{}, "NAME", c.d, session.NewSecret(c.value))
			code(t, err, session.CodeInvalid)
		}
		for n := range session.MaxSecrets {
			w.set(session.SecretScope{}, fmt.Sprintf("S%d", n), "value")
		}
		_, err := w.SetSecret(ctx, session.SecretScope{}, "ONE_MORE", session.DeliverEnv, session.NewSecret("value"))
		code(t, err, session.CodeConflict)
		w.set(session.SecretScope{}, "S5", "another value")
		_, err = w.SetSecret(ctx, session.SecretScope{Session: "none"}, "A", session.DeliverEnv,
			session.NewSecret("value"))
		code(t, err, session.CodeNotFound)
	})
}

func TestSettingsOfTheWindowDoNotChangeSecrets(t *testing.T) {
	story(t, hello, func(w *world) {
		w.set(session.SecretScope{}, "TOKEN", canary)
		w.must(w.SaveSettings(ctx, session.Settings{Theme: "dark"}))
		p, err := w.AddProject(ctx, "/code/shop")
		w.must(err)
		w.set(session.SecretScope{Project: p.ID}, "TOKEN", canary)
		w.must(w.SaveProject(ctx, p))
		w.reopen()
		sameLines(t, w.names(session.SecretScope{Project: p.ID}), "TOKEN project env", "TOKEN global env")
	})
}

func TestConflictWithWhatTheAgentNeedsIsSaid(t *testing.T) {
	story(t, hello, func(w *world) {
		w.set(session.SecretScope{}, "KEY_FILE", canary)
		_, err := w.SetSecret(ctx, session.SecretScope{}, "KEY", session.DeliverFile, session.NewSecret(canary))
		w.must(err)
		s := w.until(w.create("one"), session.Failed)
		if s.Error.Code != session.CodeConflict || !strings.Contains(s.Error.Message, "KEY_FILE") {
			t.Errorf("it says %+v", s.Error)
		}
	})
}

func TestPastedDotenvIsSetLineByLine(t *testing.T) {
	story(t, hello, func(w *world) {
		p, err := w.AddProject(ctx, "/code/shop")
		w.must(err)
		at := session.SecretScope{Project: p.ID}
		got, err := w.PasteSecrets(ctx, at, session.DeliverEnv,
			session.NewSecret("# keys\nexport A=one two # note\nB='x\ny'\nPATH=/evil\nnot a "+
				"line\nC=\nA=last\nPORT=80\n"))
		w.must(err)
		sameLines(t, w.names(at), "A project env", "B project env", "PORT project env")
		if v, err := w.vault.Get(ctx, "secret/project/"+string(p.ID)+"/B"); err != nil || v.Reveal() != "x\ny" {
			t.Errorf("B is %q, %v", v.Reveal(), err)
		}
		var lines []string
		for _, s := range got.Skipped {
			lines = append(lines, fmt.Sprintf("%d %s: %s", s.Line, s.Name, s.Reason))
		}
		sameLines(t, lines, "2 A: It is set again in line 8.",
			"5 PATH: A secret cannot be named PATH: every program in the sandbox is led by it.",
			"6 : The line has no = in it.", "7 C: It has no value.")
		if last := got.Set[len(got.Set)-1]; last.Name != "PORT" || !last.Shown {
			t.Errorf("a short value is not said to stay visible: %+v", last)
		}
		w.vault.Fail(&session.Error{Code: session.CodeKeychainLock, Message: "Locked."})
		_, err = w.PasteSecrets(ctx, at, session.DeliverEnv, session.NewSecret("D=1"))
		code(t, err, session.CodeKeychainLock)
	})
}

// chatty says the canary in each way that a turn can.
// BenchmarkTurn is a turn of 2,000 pieces of text, from the supervisor to watchers, on fakes.

func TestValueThatIsNoSecretIsShownAndPushed(t *testing.T) {
	said := "The key is " + canary
	story(t, func(t *sessiontest.Turn) { t.Say("m", said) }, func(w *world) {
		id := ended(w)
		project := session.SecretScope{Project: w.get(id).Project}
		w.set(project, "TOKEN", "an-earlier-value-012345")
		w.set(project, "TOKEN", canary)
		w.git.Outgoing = "key=" + canary
		plan, err := w.PlanPush(ctx, id, session.PushTarget{})
		w.must(err)
		blocked := session.AsError(plan.Blocked(id))
		if blocked == nil || !strings.Contains(blocked.Hint, "`bga secret plain TOKEN --session "+string(id)+"`") {
			t.Fatalf("the push is not refused: %+v", blocked)
		}
		outdated := w.get(id).Outdated
		e, err := w.MarkSecret(ctx, session.SecretScope{Session: id}, "TOKEN", session.MarkPlain) // found in the project
		w.must(err)
		if !e.Shown || e.Marked != session.MarkPlain || e.Project != project.Project || e.Session != "" {
			t.Errorf("%+v", e)
		}
		if w.get(id).Outdated != outdated {
			t.Error("the sandbox is said to have an old value")
		}
		plan, err = w.PlanPush(ctx, id, session.PushTarget{})
		w.must(err)
		if len(plan.Secrets) != 0 {
			t.Errorf("the push is refused for %v", plan.Secrets)
		}
		_, err = w.Prompt(ctx, id, session.NewPrompt{Text: "again"})
		w.must(err)
		time.Sleep(time.Second) // until its turn has ended
		w.until(id, session.Idle)
		if lines := w.transcript(id); !slices.Contains(lines, "message: "+said) {
			t.Errorf("%q", lines)
		}
		// A new value is what the old one was.
		w.set(project, "TOKEN", canary+"-new")
		if list, err := w.Secrets(ctx, project); err != nil || !list[0].Shown || list[0].Marked != session.MarkPlain {
			t.Errorf("%+v, %v", list, err)
		}
		e, err = w.MarkSecret(ctx, project, "TOKEN", session.MarkHidden)
		w.must(err)
		if e.Shown {
			t.Errorf("%+v", e)
		}
		w.git.Outgoing = "key=" + canary + "-new"
		plan, err = w.PlanPush(ctx, id, session.PushTarget{})
		w.must(err)
		sameLines(t, plan.Secrets, "TOKEN")
	})
}

func TestOrdinaryValueIsHiddenWhenTheUserSaysSo(t *testing.T) {
	story(t, hello, func(w *world) {
		all := session.SecretScope{}
		for value, want := range map[string]session.Code{"noreply@example.com": "", "short": session.CodeInvalid} {
			w.set(all, "SENDER", value)
			if list, err := w.Secrets(ctx, all); err != nil || !list[0].Shown {
				t.Errorf("%q is hidden: %+v, %v", value, list, err)
			}
			e, err := w.MarkSecret(ctx, all, "SENDER", session.MarkHidden)
			if session.CodeOf(err) != want || err == nil && e.Shown {
				t.Errorf("%q: %+v, %v", value, e, err)
			}
			w.must(w.DeleteSecret(ctx, all, "SENDER"))
		}
		_, err := w.MarkSecret(ctx, all, "SENDER", session.MarkHidden)
		code(t, err, session.CodeNotFound)
		_, err = w.MarkSecret(ctx, all, "SENDER", "loud")
		code(t, err, session.CodeInvalid)
	})
}
