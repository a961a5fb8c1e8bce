package session_test

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
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
		sameLines(t, w.names(ofSession), "CERT project file", "OTHER project env", "TOKEN session env", "TOKEN project env", "TOKEN global env", "token global env")
		if !w.get(id).Outdated {
			t.Error("the sandbox runs with what was before, and nobody says so")
		}

		w.must(w.Stop(ctx, id))
		w.until(id, session.Stopped)
		w.must(w.Resume(ctx, id))
		w.until(id, session.Idle)
		spec := w.engine.Box(id).Started
		sameLines(t, spec.Env, "OTHER=other value", "TOKEN=of the session", "token=lower case")
		if len(spec.Secrets) != 1 || spec.Secrets[0].Name != "CERT" || spec.Secrets[0].Value.Reveal() != "line\nline\n" {
			t.Errorf("files are %+v", spec.Secrets)
		}
		if w.get(id).Outdated {
			t.Error("after the restart the sandbox is still said to be outdated")
		}

		w.must(w.DeleteSecret(ctx, ofSession, "TOKEN"))
		if _, err := w.vault.Get(ctx, "secret/session/"+string(id)+"/TOKEN"); session.CodeOf(err) != session.CodeNotFound {
			t.Errorf("the keychain still has it: %v", err)
		}
		code(t, w.DeleteSecret(ctx, ofSession, "TOKEN"), session.CodeNotFound)
		w.must(w.Stop(ctx, id))
		w.must(w.Resume(ctx, id))
		w.until(id, session.Idle)
		if env := w.engine.Box(id).Started.Env; !slices.Contains(env, "TOKEN=of the project") {
			t.Errorf("environment is %q", env)
		}
	})
}

func TestNamesAndValuesThatAreRefused(t *testing.T) {
	story(t, hello, func(w *world) {
		for _, name := range []string{
			"", "1A", "A-B", "A B", "Ä", strings.Repeat("A", 65), "A=b", "PATH", "path", "LD_PRELOAD", "GIT_SSH_COMMAND", "BGA_HOME",
			"OPENCODE_CONFIG", "https_proxy", "NODE_OPTIONS", "ANTHROPIC_BASE_URL", "OPENAI_BASE_URL",
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
		_, err = w.SetSecret(ctx, session.SecretScope{Session: "none"}, "A", session.DeliverEnv, session.NewSecret("value"))
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
				if env := w.engine.Box(id).Started.Env; !slices.Contains(env, "TOKEN="+canary) {
					t.Errorf("after Retry the environment is %q", env)
				}
				_, err = w.Prompt(ctx, without, session.NewPrompt{Text: "go on"})
				w.must(err)
				w.until(without, session.Idle)
			})
		})
	}
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
		got, err := w.PasteSecrets(ctx, at, session.DeliverEnv, session.NewSecret("# keys\nexport A=one two # note\nB='x\ny'\nPATH=/evil\nnot a line\nC=\nA=last\nPORT=80\n"))
		w.must(err)
		sameLines(t, w.names(at), "A project env", "B project env", "PORT project env")
		if v, err := w.vault.Get(ctx, "secret/project/"+string(p.ID)+"/B"); err != nil || v.Reveal() != "x\ny" {
			t.Errorf("B is %q, %v", v.Reveal(), err)
		}
		var lines []string
		for _, s := range got.Skipped {
			lines = append(lines, fmt.Sprintf("%d %s: %s", s.Line, s.Name, s.Reason))
		}
		sameLines(t, lines, "2 A: It is set again in line 8.", "5 PATH: A secret cannot be named PATH: every program in the sandbox is led by it.",
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
func chatty(t *sessiontest.Turn) {
	for _, piece := range []string{"the key is s3c", "r3t-can", "ary-0123", "456789, and again ", canary, " and ", base64.StdEncoding.EncodeToString([]byte("user:" + canary))} {
		t.Say("one", piece)
	}
	t.Tool("echo "+canary, session.ToolRunning, "out: s3cr3t-can")
	t.Tool("echo "+canary, session.ToolCompleted, "out: "+canary)
	t.Say("two", "half of it: "+canary[:14])
	t.Say("three", "a beginning: s3c")
	t.Fail("401 for " + canary)
}

func TestNoPartOfASecretIsStoredOrTold(t *testing.T) {
	story(t, chatty, func(w *world) {
		w.set(session.SecretScope{}, "TOKEN", canary)
		id := w.create("speak")
		s := w.until(id, session.Failed)
		sameLines(t, w.transcript(id)[4:],
			"message: the key is [secret TOKEN], and again [secret TOKEN] and dXNlcjp[secret TOKEN]",
			"tool: echo [secret TOKEN] completed out: [secret TOKEN]",
			"message: half of it: [secret TOKEN]", "message: a beginning: s3c", "turn: error")
		if s.Error == nil || s.Error.Message != "401 for [secret TOKEN]" {
			t.Errorf("the session's error is %+v", s.Error)
		}
		told, err := json.Marshal(w.seen)
		w.must(err)
		for _, part := range []string{canary, canary[:10], canary[10:]} {
			if strings.Contains(string(told), part) {
				at := strings.Index(string(told), part)
				t.Errorf("a watcher was told %q: %s", part, told[max(0, at-200):at+30])
			}
		}
		stored, err := w.Items(ctx, id, 1, 100)
		w.must(err)
		shown := w.replayed(id)
		for _, it := range stored {
			if shown[it.ID].Text != it.Text || shown[it.ID].Rev != it.Rev || shown[it.ID].Size != it.Size {
				t.Errorf("%s is %+v for the watcher, %+v in the store", it.ID, shown[it.ID], it)
			}
			if it.Size != int64(len(it.Text)) {
				t.Errorf("%s has size %d and %d bytes of text", it.ID, it.Size, len(it.Text))
			}
		}
		if len(s.Tails) != 0 {
			t.Errorf("tails are left: %+v", s.Tails)
		}
	})
}

func TestWhatIsHeldBackSurvivesACrash(t *testing.T) {
	var said chan bool
	story(t, func(t *sessiontest.Turn) {
		t.Say("one", "the key is s3cr3t-can")
		t.Wait(time.Minute)
		if <-said {
			t.Say("one", "ary-0123456789!")
		} else {
			t.Say("one", "dle is out")
		}
	}, func(w *world) {
		said = make(chan bool)
		w.set(session.SecretScope{}, "TOKEN", canary)
		for _, secret := range []bool{true, false} {
			id := w.create("speak")
			w.until(id, session.Working)
			time.Sleep(time.Second)
			synctest.Wait()
			if s := w.get(id); len(s.Tails) != 1 {
				t.Fatalf("tails are %+v", s.Tails)
			}
			w.reopen()
			said <- secret
			w.until(id, session.Idle)
			want := "message: the key is s3cr3t-candle is out"
			if secret {
				want = "message: the key is [secret TOKEN]!"
			}
			if lines := w.transcript(id); !slices.Contains(lines, want) {
				t.Errorf("%q is not in %q", want, lines)
			}
		}
	})
}

func TestWholeOutputIsRedactedOnTheWay(t *testing.T) {
	story(t, func(t *sessiontest.Turn) {
		t.Output("big", "begin "+canary+" …", 1<<20)
	}, func(w *world) {
		w.set(session.SecretScope{}, "TOKEN", canary)
		id := w.create("speak")
		w.until(id, session.Idle)
		w.engine.Box(id).Outputs = strings.Repeat("filler and ", 1000) + canary + " end"
		items, err := w.Items(ctx, id, 1, 100)
		w.must(err)
		var out strings.Builder
		for _, it := range items {
			if it.Kind != session.KindTool {
				continue
			}
			if it.Size <= int64(len(it.Text)) || strings.Contains(it.Text, canary) {
				t.Errorf("%+v", it)
			}
			w.must(w.Output(ctx, id, it.ID, &out))
		}
		if got := out.String(); !strings.HasSuffix(got, "filler and [secret TOKEN] end") {
			t.Errorf("output ends with %q", got[max(0, len(got)-60):])
		}
	})
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

func TestHostThatIsAskedForIsShownAsItIs(t *testing.T) {
	story(t, func(t *sessiontest.Turn) { t.Wait(time.Hour) }, func(w *world) {
		w.set(session.SecretScope{}, "DB_HOST", "db.example.com:5432")
		id := w.create("work")
		w.until(id, session.Working)
		answer := make(chan bool, 1)
		go func() {
			answer <- w.AskHost(ctx, id, session.HostRequest{Host: "db.example.com", Program: "curl db.example.com:5432"})
		}()
		w.until(id, session.NeedsYou)
		items, err := w.Items(ctx, id, 1, 100)
		w.must(err)
		ask := items[len(items)-1]
		if ask.Text != "db.example.com" || ask.Permission.Title != "Reach db.example.com?" || ask.Permission.Detail != "curl [secret DB_HOST]" {
			t.Errorf("it asks %q, %+v", ask.Text, ask.Permission)
		}
		w.must(w.Answer(ctx, id, ask.Permission.ID, "always"))
		if !<-answer {
			t.Error("the answer was lost")
		}
	})
}

func TestPullRequestIsRedactedOrNotMade(t *testing.T) {
	story(t, hello, func(w *world) {
		id := ended(w)
		w.set(session.SecretScope{Session: id}, "TOKEN", canary)
		w.close()
		w.vault.Fail(&session.Error{Code: session.CodeKeychainLock, Message: "Locked.", Hint: "Unlock."})
		w.open()
		_, err := w.PlanPullRequest(ctx, id, session.PullRequestTarget{})
		code(t, err, session.CodeKeychainLock)
		w.vault.Fail(nil)
		plan, err := w.PlanPullRequest(ctx, id, session.PullRequestTarget{})
		w.must(err)
		pr, err := w.OpenPullRequest(ctx, id, session.NewPullRequest{Push: plan.Push.Yes(), Title: "Use " + canary, Body: "with " + canary, Base: plan.Base})
		w.must(err)
		if pr.Title != "Use [secret TOKEN]" || pr.Body != "with [secret TOKEN]" {
			t.Errorf("opened %+v", pr)
		}
	})
}

// BenchmarkTurn is a turn of 2,000 pieces of text, from the supervisor to watchers, on fakes.
func BenchmarkTurn(b *testing.B) {
	for _, secrets := range []int{0, 30} {
		b.Run(fmt.Sprintf("%d secrets", secrets), func(b *testing.B) {
			ended := make(chan bool)
			engine := sessiontest.NewEngine(func(t *sessiontest.Turn) {
				for i := range 2000 {
					t.Say("m", fmt.Sprintf("a few words as models send them, %d of them. ", i))
				}
			})
			defer engine.Close()
			m, err := session.Open(ctx, session.Config{
				Store: sessiontest.NewMemory(), Engine: engine, Linker: sessiontest.Linker{}, Git: &sessiontest.Git{}, Broker: &sessiontest.Broker{},
				Egress: &sessiontest.Egress{}, Vault: &sessiontest.Vault{}, Agents: []session.Agent{{ID: "opencode"}}, Attachments: b.TempDir(),
			})
			if err != nil {
				b.Fatal(err)
			}
			defer m.Close()
			for i := range secrets {
				if _, err := m.SetSecret(ctx, session.SecretScope{}, fmt.Sprintf("S%d", i), session.DeliverEnv, session.NewSecret(fmt.Sprintf("sk-live-%032x", i*7919))); err != nil {
					b.Fatal(err)
				}
			}
			p, err := m.AddProject(ctx, "/code/shop")
			if err != nil {
				b.Fatal(err)
			}
			s, err := m.Create(ctx, session.NewSession{Project: p.ID})
			if err != nil {
				b.Fatal(err)
			}
			go func() {
				turns := 0
				_ = m.Watch(ctx, func(e session.Event) {
					for _, s := range e.Sessions {
						if s.Status == session.Idle && s.Pending == nil && s.Turns > turns {
							turns = s.Turns
							ended <- true
						}
					}
				})
			}()
			for b.Loop() {
				if _, err := m.Prompt(ctx, s.ID, session.NewPrompt{Text: "go"}); err != nil {
					b.Fatal(err)
				}
				<-ended
			}
			b.ReportMetric(2000*float64(b.N)/b.Elapsed().Seconds(), "pieces/s")
		})
	}
}

func TestSecretOverTheEndOfAnItemIsRedacted(t *testing.T) {
	full := strings.Repeat("x", session.MaxItemText-10)
	story(t, func(t *sessiontest.Turn) {
		for _, piece := range []string{full, canary[:8], canary[8:] + "! and more"} {
			t.Say("one", piece)
		}
	}, func(w *world) {
		w.set(session.SecretScope{}, "TOKEN", canary)
		id := w.create("speak")
		s := w.until(id, session.Idle)
		items, err := w.Items(ctx, id, 5, 2)
		w.must(err)
		if len(items) != 2 || items[0].Text != full || items[1].Text != "[secret TOKEN]! and more" || len(s.Tails) != 0 {
			t.Errorf("%d and %.60q, tails %v", len(items[0].Text), items[1].Text, s.Tails)
		}
		for _, it := range items {
			if it.Size != int64(len(it.Text)) || it.DoneAt == 0 {
				t.Errorf("%s: size %d of %d, done %d", it.ID, it.Size, len(it.Text), it.DoneAt)
			}
		}
	})
}
