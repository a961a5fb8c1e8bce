package app

import (
	"reflect"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"background-agents/backend/session"
)

func permission(answer string) session.Item {
	return session.Item{Session: "a", ID: "p", Seq: 1, Kind: session.KindPermission, Permission: &session.Permission{
		ID: "p1", Title: "Run npm test", Answer: answer,
		Options: []session.PermissionOption{{ID: "no", Kind: "reject_once"}, {ID: "always", Kind: "allow_always"}, {ID: "once", Kind: "allow_once"}},
	}}
}

func is(id session.ID, status session.Status, turns int) session.Event {
	return session.Event{Sessions: []session.Session{{
		ID: id, Title: "Fix login", Status: status, Turns: turns, Diff: session.DiffStat{Files: 2, Added: 10, Removed: 3},
		Error: map[bool]*session.Error{true: {Message: "The model did not answer."}}[status == session.Failed],
	}}}
}

func with(e session.Event, items ...session.Item) session.Event {
	e.Items = items
	return e
}

// asking is a session that asks about a host while it does something else.
func asking(does session.Status, open ...string) session.Event {
	e := is("a", session.NeedsYou, 1)
	e.Sessions[0].Doing = does
	for _, id := range open {
		e.Items = append(e.Items, session.Item{Session: "a", ID: session.ItemID(id), Kind: session.KindPermission, Permission: &session.Permission{ID: id, Title: "Reach " + id + "?"}})
	}
	return e
}

// answered is the end of a question.
func answered(e session.Event, id string) session.Event {
	return with(e, session.Item{Session: "a", ID: session.ItemID(id), Kind: session.KindPermission, Permission: &session.Permission{ID: id, Answer: "once"}})
}

func TestNotifications(t *testing.T) {
	state := is("a", session.Working, 1)
	state.State = true
	cases := []struct {
		name   string
		events []session.Event
		want   []string
	}{
		{"a turn that ends", []session.Event{state, is("a", session.Idle, 1)}, []string{"notify Fix login has finished: 2 files changed, +10 −3."}},
		{"a turn that ends is told once", []session.Event{state, is("a", session.Idle, 1), is("a", session.Idle, 1), is("a", session.Working, 1), is("a", session.Idle, 1)},
			[]string{"notify Fix login has finished: 2 files changed, +10 −3."}},
		{"the next turn is told too", []session.Event{state, is("a", session.Idle, 1), is("a", session.Working, 2), is("a", session.Idle, 2)},
			[]string{"notify Fix login has finished: 2 files changed, +10 −3.", "notify Fix login has finished: 2 files changed, +10 −3."}},
		{"a permission", []session.Event{state, with(is("a", session.NeedsYou, 1), permission(""))}, []string{"notify Fix login needs you: Run npm test"}},
		{"a question while nothing runs, and no end of a turn after it", []session.Event{state, is("a", session.Idle, 1), asking(session.Idle, "one"), answered(is("a", session.Idle, 1), "one")},
			[]string{"notify Fix login has finished: 2 files changed, +10 −3.", "notify Fix login needs you: Reach one?"}},
		{"a second question, when it is its turn", []session.Event{state, asking(session.Working, "one"), asking(session.Working, "two"), answered(asking(session.Working), "one")},
			[]string{"notify Fix login needs you: Reach one?", "notify Fix login needs you: Reach two?"}},
		{"a turn that ends with the answer", []session.Event{state, asking(session.Working, "one"), answered(is("a", session.Idle, 1), "one")},
			[]string{"notify Fix login needs you: Reach one?", "notify Fix login has finished: 2 files changed, +10 −3."}},
		{"a failure that is known is not told again after a question", []session.Event{state, is("a", session.Failed, 1), asking(session.Failed, "one"), answered(is("a", session.Failed, 1), "one")},
			[]string{"notify Fix login failed: The model did not answer.", "notify Fix login needs you: Reach one?"}},
		{"a failure", []session.Event{state, is("a", session.Failed, 1)}, []string{"notify Fix login failed: The model did not answer."}},
		{"what was so before", []session.Event{with(session.Event{State: true, Sessions: is("a", session.NeedsYou, 1).Sessions}, permission(""))}, nil},
		{"what is seen again after the place was lost", []session.Event{state, is("a", session.Idle, 1), {State: true, Sessions: is("a", session.Idle, 1).Sessions}},
			[]string{"notify Fix login has finished: 2 files changed, +10 −3."}},
		{"a new session that starts", []session.Event{state, is("b", session.Starting, 0), is("b", session.Idle, 0)}, nil},
		{"a session that its user stopped", []session.Event{state, {Sessions: []session.Session{{ID: "a", Status: session.Idle, Turns: 1, Held: true}}}}, nil},
	}
	for _, c := range cases {
		w, sh, _ := fakeWindow(t, newFakeOps())
		for _, e := range c.events {
			w.follow(newFakeOps(), e)
		}
		if did := sh.noted(); !reflect.DeepEqual(did, append([]string{}, c.want...)) {
			t.Errorf("%s: got %q", c.name, did)
		}
	}
}

// A sandbox asks about one host after another, or ends one turn after another, while nobody looks.
func TestNotificationsOfOneSessionAreBoundedUntilItsUserLooks(t *testing.T) {
	w, sh, _ := fakeWindow(t, newFakeOps())
	state := is("a", session.Working, 1)
	state.State = true
	w.follow(newFakeOps(), state)
	flood := func(from, to int) (told int) {
		for turn := from; turn < to; turn++ {
			for _, status := range []session.Status{session.Working, session.Idle} {
				e := is("a", status, turn)
				e.Sessions[0].Unread = true
				w.follow(newFakeOps(), e)
			}
		}
		return len(sh.noted())
	}
	if told := flood(1, 100); told != maxUnread {
		t.Errorf("%d notifications", told)
	}
	w.follow(newFakeOps(), is("a", session.Idle, 99)) // the user has looked
	if told := flood(100, 200); told != 2*maxUnread {
		t.Errorf("%d notifications after the user has looked", told)
	}
}

func TestANotificationIsNoMoreThanText(t *testing.T) {
	w, sh, _ := fakeWindow(t, newFakeOps())
	hostile := is("a", session.Failed, 1)
	hostile.Sessions[0].Title = "<b>x</b>\u202egpj"
	hostile.Sessions[0].Error = &session.Error{Message: "<a href=\"https://evil.example\">y</a>\n<img src=\"file:///z\"/>"}
	state := is("a", session.Working, 1)
	state.State = true
	w.follow(newFakeOps(), state)
	w.follow(newFakeOps(), hostile)
	want := []string{"notify ‹b›x‹/b›gpj failed: ‹a href=\"https://evil.example\"›y‹/a› ‹img src=\"file:///z\"/›"}
	if did := sh.noted(); !reflect.DeepEqual(did, want) {
		t.Errorf("got %q", did)
	}
}

func TestNoNotificationOfWhatTheUserLooksAt(t *testing.T) {
	w, sh, _ := fakeWindow(t, newFakeOps())
	w.setVisible(true)
	w.pages.add(t.Context(), "page").focusOn("a")
	state := is("a", session.Working, 1)
	state.State = true
	w.follow(newFakeOps(), state)
	w.follow(newFakeOps(), is("a", session.Idle, 1))
	w.hide()
	w.follow(newFakeOps(), is("a", session.Working, 2))
	w.follow(newFakeOps(), is("a", session.Idle, 2))
	if did := strings.Join(sh.noted(), ";"); strings.Count(did, "notify") != 1 {
		t.Errorf("did %q", did)
	}
}

func TestTrayAnswersThePermissionThatTheSessionWaitsFor(t *testing.T) {
	ops := newFakeOps()
	ops.items = []session.Item{permission("")}
	w, _, bar := fakeWindow(t, ops)
	w.tray.start()
	// It waited before the tray was there: the request is found in the transcript.
	w.follow(ops, session.Event{State: true, Sessions: is("a", session.NeedsYou, 1).Sessions})
	bar.do(trayAction{Kind: "allow", Session: "a"})
	bar.do(trayAction{Kind: "deny", Session: "a"})
	bar.do(trayAction{Kind: "stop", Session: "a"})
	if want := []string{"answer a p1 once", "answer a p1 no", "stop a"}; !reflect.DeepEqual(ops.asked, want) {
		t.Errorf("asked %q", ops.asked)
	}
	if v := w.roster.view(); len(v.Needs) != 1 || v.tooltip() != "Background Agents: 1 need you" {
		t.Errorf("view is %+v", v)
	}
	w.follow(ops, with(is("a", session.Working, 1), permission("once")))
	if v := w.roster.view(); len(v.Needs) != 0 || len(v.Running) != 1 || w.roster.permission("a").ID != "" {
		t.Errorf("after the answer: %+v", v)
	}
}

func TestTrayShowsTheQuestionThatWaitsLongest(t *testing.T) {
	w, _, _ := fakeWindow(t, newFakeOps())
	shows := func(want string) {
		t.Helper()
		if v := w.roster.view(); len(v.Needs) != 1 || v.Needs[0].Permission.ID != want {
			t.Errorf("view is %+v, want %s", v, want)
		}
	}
	w.follow(newFakeOps(), session.Event{State: true, Sessions: is("a", session.Starting, 0).Sessions})
	w.follow(newFakeOps(), asking(session.Starting, "one"))
	w.follow(newFakeOps(), asking(session.Starting, "two"))
	shows("one")
	w.follow(newFakeOps(), answered(asking(session.Starting), "one"))
	shows("two")
}

func TestTrayThatHasNothingToAnswerOpensTheSession(t *testing.T) {
	w, sh, bar := fakeWindow(t, newFakeOps())
	w.tray.start()
	bar.do(trayAction{Kind: "allow", Session: "a"})
	if want := []string{"show", "emit show {Session:a View: Page:}"}; !reflect.DeepEqual(sh.noted(), want) {
		t.Errorf("did %q", sh.noted())
	}
}

func TestTrayIsDrawnAFewTimesASecondAndOnlyWhenItChanges(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, _, bar := fakeWindow(t, newFakeOps())
		w.tray.start()
		for i := range 1000 {
			w.tray.update(trayView{Running: []trayRow{{Session: "a", Step: string(rune('a' + i%20))}}})
			time.Sleep(time.Millisecond)
		}
		later(soon)
		if n := len(bar.shown); n < 4 || n > 6 {
			t.Errorf("drawn %d times in a second", n)
		}
		if last := bar.shown[len(bar.shown)-1]; last.Running[0].Step != string(rune('a'+999%20)) {
			t.Errorf("last is %+v", last)
		}
		before := len(bar.shown)
		w.tray.update(trayView{Running: []trayRow{{Session: "a", Step: string(rune('a' + 999%20))}}})
		later(soon)
		if len(bar.shown) != before {
			t.Error("drawn without a change")
		}
	})
}

func TestMenuLinesAreOneShortLine(t *testing.T) {
	for _, c := range []struct{ title, about, want string }{
		{"Fix login", "", "Fix login"},
		{"Fix\nlogin ", " npm\ttest", "Fix login: npm test"},
		{strings.Repeat("é", 80), "x", strings.Repeat("é", 59) + "…"},
	} {
		if got := line(c.title, c.about); got != c.want {
			t.Errorf("got %q", got)
		}
	}
}
