package session_test

import (
	"context"
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
