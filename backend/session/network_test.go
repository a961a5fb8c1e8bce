package session_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"background-agents/backend/session"
	"background-agents/backend/session/sessiontest"
)

func asked(w *world, id session.ID) session.Permission {
	w.t.Helper()
	w.until(id, session.NeedsYou)
	items, err := w.Items(ctx, id, 1, 100)
	w.must(err)
	last := items[len(items)-1]
	if last.Permission == nil {
		w.t.Fatalf("last item is %+v", last)
	}
	return *last.Permission
}

func TestUserIsAskedOnceForAHost(t *testing.T) {
	for _, c := range []struct {
		option string
		allow  bool
		rules  int
	}{{"once", true, 0}, {"always", true, 1}, {"no", false, 0}, {"never", false, 1}} {
		t.Run(c.option, func(t *testing.T) {
			story(t, func(t *sessiontest.Turn) { t.Wait(time.Minute) }, func(w *world) {
				id := w.create("work")
				w.until(id, session.Working)
				answer := make(chan bool, 1)
				go func() { answer <- w.AskHost(ctx, id, session.HostRequest{Host: "example.com", Program: "curl/8"}) }()
				p := asked(w, id)
				code(t, w.Answer(ctx, id, p.ID, "maybe"), session.CodeInvalid)
				w.must(w.Answer(ctx, id, p.ID, c.option))
				code(t, w.Answer(ctx, id, p.ID, "once"), session.CodeConflict)
				if got := <-answer; got != c.allow {
					t.Errorf("answer %q allows: %v", c.option, got)
				}
				_, allow, deny := w.NetworkPolicy(id)
				if len(allow)+len(deny) != c.rules || c.rules == 1 && c.allow != (len(allow) == 1) {
					t.Errorf("rules are %v and %v", allow, deny)
				}
				w.until(id, session.Working)
			})
		})
	}
}

func TestHostQuestionEndsWithWhoAsked(t *testing.T) {
	story(t, func(t *sessiontest.Turn) { t.Wait(time.Minute) }, func(w *world) {
		id := w.create("work")
		w.until(id, session.Working)
		asking, hangUp := context.WithCancel(ctx)
		answer := make(chan bool, 1)
		go func() { answer <- w.AskHost(asking, id, session.HostRequest{Host: "example.com"}) }()
		p := asked(w, id)
		hangUp()
		if <-answer {
			t.Error("nobody said yes")
		}
		w.until(id, session.Working)
		code(t, w.Answer(ctx, id, p.ID, "always"), session.CodeConflict)

		go func() { answer <- w.AskHost(ctx, id, session.HostRequest{Host: "example.org"}) }()
		p = asked(w, id)
		w.reopen()
		if <-answer {
			t.Error("nobody said yes")
		}
		w.until(id, session.Working)
		code(t, w.Answer(ctx, id, p.ID, "once"), session.CodeConflict)
	})
}

func TestUnknownSessionReachesNothing(t *testing.T) {
	story(t, hello, func(w *world) {
		if n, allow, deny := w.NetworkPolicy("nobody"); n != "" || allow != nil || deny != nil {
			t.Errorf("policy is %q %v %v", n, allow, deny)
		}
	})
}

func TestUsersRulesAboutHosts(t *testing.T) {
	story(t, hello, func(w *world) {
		id := w.create("work")
		w.until(id, session.Idle)
		p := w.get(id).Project
		rules := func() (allow, deny []string) { _, allow, deny = w.NetworkPolicy(id); return allow, deny }
		w.must(w.SetHost(ctx, p, session.HostRule{Host: "Example.com", Allow: true}))
		w.must(w.SetHost(ctx, p, session.HostRule{Host: "bad.example.com"}))
		if allow, deny := rules(); len(allow) != 1 || allow[0] != "example.com" || len(deny) != 1 || deny[0] != "bad.example.com" || !w.egress.HasChanged(id) {
			t.Errorf("allow %v, deny %v", allow, deny)
		}
		w.must(w.SetHost(ctx, p, session.HostRule{Host: "example.com"}))
		if allow, deny := rules(); len(allow) != 0 || len(deny) != 2 {
			t.Errorf("the last word counts: allow %v, deny %v", allow, deny)
		}
		code(t, w.SetHost(ctx, p, session.HostRule{Host: "localhost", Allow: true}), session.CodeInvalid)
		code(t, w.SetHost(ctx, "nobody", session.HostRule{Host: "example.com"}), session.CodeNotFound)
		w.egress.HasChanged(id)
		w.must(w.ForgetHost(ctx, p, "EXAMPLE.com"))
		if allow, deny := rules(); len(allow) != 0 || len(deny) != 1 || !w.egress.HasChanged(id) {
			t.Errorf("after one was forgotten: allow %v, deny %v", allow, deny)
		}
		code(t, w.ForgetHost(ctx, p, "example.com"), session.CodeNotFound)
		for i := range 499 {
			w.must(w.SetHost(ctx, p, session.HostRule{Host: fmt.Sprintf("h%d.example.com", i)}))
		}
		code(t, w.SetHost(ctx, p, session.HostRule{Host: "more.example.com"}), session.CodeInvalid)
		w.must(w.SetHost(ctx, p, session.HostRule{Host: "h7.example.com", Allow: true}))
	})
}

func TestQuestionSaysWhoAsks(t *testing.T) {
	story(t, func(t *sessiontest.Turn) { t.Wait(time.Minute) }, func(w *world) {
		id := w.create("work")
		w.until(id, session.Working)
		for _, c := range []struct {
			ask    session.HostRequest
			detail string
		}{
			{session.HostRequest{Host: "a.example.com", Program: "curl/8"}, "curl/8"},
			{session.HostRequest{Host: "b.example.com", Program: "curl/8", Commands: []string{"curl b.example.com"}}, "curl b.example.com"},
			{session.HostRequest{Host: "c.example.com", Commands: []string{"node install.js", "npm install"}}, "node install.js\nstarted by npm install"},
		} {
			answer := make(chan bool, 1)
			go func() { answer <- w.AskHost(ctx, id, c.ask) }()
			p := asked(w, id)
			if p.Detail != c.detail || p.Title != "Reach "+c.ask.Host+"?" {
				t.Errorf("%q with %q", p.Title, p.Detail)
			}
			w.must(w.Answer(ctx, id, p.ID, "no"))
			<-answer
			w.until(id, session.Working)
		}
	})
}

// What a sandbox may ask about is bounded until its user looks.
func TestEgressHearsThatTheUserLooked(t *testing.T) {
	story(t, func(t *sessiontest.Turn) { t.Say("m", "done") }, func(w *world) {
		id := w.create("work")
		w.until(id, session.Idle)
		w.egress.HasLooked(id)
		w.must(w.Seen(ctx, id))
		if !w.egress.HasLooked(id) {
			t.Error("opened, and it does not know")
		}
		_, err := w.Connections(ctx, id, 10)
		w.must(err)
		if !w.egress.HasLooked(id) {
			t.Error("its connections were looked at, and it does not know")
		}
	})
}
