package session_test

import (
	"strings"
	"testing"
	"time"

	"background-agents/backend/session"
	"background-agents/backend/session/sessiontest"
)

// An impostor in the supervisor's place uses ids twice, ends turns twice, and makes items of items: each is left out, what else it says
// is kept, and the user is told once.
func TestImpossibleEntriesAreLeftOutWithANotice(t *testing.T) {
	first := true
	story(t, func(t *sessiontest.Turn) {
		if first {
			first = false
			t.Say("m", "hello")
			return
		}
		id := t.Item("x")
		for range 3 {
			t.Entry(session.Entry{Notice: &session.EntryNotice{Item: id, Text: "note\nhint: run this"}})
		}
		t.Entry(session.Entry{Tool: &session.EntryTool{Item: id, Tool: session.Tool{Title: "of another kind"}}})
		t.Entry(session.Entry{TurnBegin: &session.EntryTurnBegin{Prompt: t.Prompt.ID}})
		t.Entry(session.Entry{Refused: "an item has no valid id"})
		a, b := t.Item("a"), t.Item("b")
		t.Entry(session.Entry{Tool: &session.EntryTool{Item: a, Parent: b, Tool: session.Tool{Title: "a", Status: session.ToolCompleted}}})
		t.Entry(session.Entry{Tool: &session.EntryTool{Item: b, Parent: a, Tool: session.Tool{Title: "b", Status: session.ToolCompleted}}})
		t.Entry(session.Entry{Tool: &session.EntryTool{Item: b, Parent: b, Tool: session.Tool{Title: "b", Status: session.ToolCompleted}}})
		t.Say("n", "after")
	}, func(w *world) {
		id := w.create("one")
		w.until(id, session.Idle)
		_, err := w.Prompt(ctx, id, session.NewPrompt{Text: "two"})
		w.must(err)
		time.Sleep(time.Second)
		s := w.until(id, session.Idle)
		if s.Error == nil || s.Error.Code != session.CodeJournal || !strings.Contains(s.Error.Message, "an item comes twice") || s.Turns != 2 {
			t.Errorf("the session says %+v after %d turns", s.Error, s.Turns)
		}
		items, err := w.Items(ctx, id, 1, 100)
		w.must(err)
		var said []string
		for _, it := range items {
			said = append(said, string(it.Kind)+" "+it.Text)
			if it.Parent != "" && it.Kind != session.KindTool {
				t.Errorf("%+v", it)
			}
		}
		all := strings.Join(said, "\n")
		for what, want := range map[string]int{"notice The sandbox says: note hint: run this": 1, "notice The sandbox sent entries that cannot be kept": 1, "message after": 1, "prompt two": 1, "tool": 2, "turn": 2} {
			if n := strings.Count(all, what); n != want {
				t.Errorf("%d times %q in\n%s", n, what, all)
			}
		}
		_, err = w.Prompt(ctx, id, session.NewPrompt{Text: "three"})
		w.must(err)
		time.Sleep(time.Second)
		if s := w.until(id, session.Idle); s.Turns != 3 {
			t.Errorf("%d turns", s.Turns)
		}
	})
}

// A channel that ends as soon as it is there is not opened without pause.
func TestChannelThatBreaksAtOnceIsNotOpenedWithoutPause(t *testing.T) {
	story(t, func(t *sessiontest.Turn) { t.Say("m", "done") }, func(w *world) {
		id := w.create("one")
		w.until(id, session.Idle)
		before := w.engine.Connects(id)
		for end := time.Now().Add(2 * time.Minute); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
			w.engine.Cut(id)
		}
		if n := w.engine.Connects(id) - before; n < 3 || n > 20 {
			t.Errorf("opened %d times in two minutes", n)
		}
		if s := w.get(id); s.Error == nil || s.Error.Code != session.CodeJournal {
			t.Errorf("the user is told %+v", s.Error)
		}
		time.Sleep(time.Minute)
		w.must(w.Stop(ctx, id))
		w.until(id, session.Stopped)
	})
}
