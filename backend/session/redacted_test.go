package session_test

import (
	"encoding/base64"
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"background-agents/backend/session"
	"background-agents/backend/session/sessiontest"
)

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
		told, err := json.Marshal(w.told())
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

func TestHostThatIsAskedForIsShownAsItIs(t *testing.T) {
	story(t, func(t *sessiontest.Turn) { t.Wait(time.Hour) }, func(w *world) {
		w.set(session.SecretScope{}, "DB_TOKEN", "db.example.com:5432")
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
		if ask.Text != "db.example.com" || ask.Permission.Title != "Reach db.example.com?" || ask.Permission.Detail != "curl [secret DB_TOKEN]" {
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
