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

// What a sandbox begins and never ends does not pile up in the application.
func TestWhatIsOpenInASessionIsBounded(t *testing.T) {
	begun := func(t *sessiontest.Turn) {
		if t.Prompt.Text != "begin" {
			return
		}
		for n := range 300 {
			t.Tool(fmt.Sprint("many ", n), session.ToolRunning, "")
		}
		for n := range 100 {
			t.Tool(fmt.Sprint("large ", n), session.ToolRunning, strings.Repeat("x", session.MaxItemText))
		}
		t.Tool("many 0", session.ToolRunning, "late")
		t.Wait(time.Minute)
		t.Tool("many 0", session.ToolCompleted, "late, and done")
	}
	story(t, begun, func(w *world) {
		id := w.create("hello")
		w.until(id, session.Idle)
		_, err := w.Prompt(ctx, id, session.NewPrompt{Text: "begin"})
		w.must(err)
		time.Sleep(30 * time.Second)
		open, err := w.store.Open(ctx, id)
		w.must(err)
		size := int64(0)
		for _, it := range open {
			size += it.Weight()
		}
		if len(open) < 20 || len(open) > 256 || size > 16<<20 {
			t.Errorf("%d items with %d bytes are open", len(open), size)
		}
		if it := w.tool(id, "many 0"); it.DoneAt != 0 || it.Text != "late" {
			t.Errorf("what was told of late is %s: %q", it.Tool.Status, it.Text)
		}
		if it := w.tool(id, "many 1"); it.DoneAt == 0 || it.Tool.Status != session.ToolFailed {
			t.Errorf("what is open the longest is %s", it.Tool.Status)
		}
		w.until(id, session.Idle)
		if it := w.tool(id, "many 0"); it.Tool.Status != session.ToolCompleted || it.Text != "late, and done" {
			t.Errorf("it ended as %s: %q", it.Tool.Status, it.Text)
		}
	})
}

// Nor does what it comes back to when it is done: each of these texts is read again for what is added to it.
func TestWhatIsOpenedAgainIsBounded(t *testing.T) {
	const texts = 200
	late := func(t *sessiontest.Turn) {
		if t.Prompt.Text != "write" {
			return
		}
		for n := range texts {
			t.Say(fmt.Sprint("text ", n), strings.Repeat("x", session.MaxItemText-100))
			t.Tool(fmt.Sprint("between ", n), session.ToolCompleted, "")
		}
		for n := range texts {
			t.Say(fmt.Sprint("text ", n), fmt.Sprint(" and ", n))
		}
		t.Wait(time.Minute)
	}
	story(t, late, func(w *world) {
		id := w.create("hello")
		w.until(id, session.Idle)
		w.engine.Box(id).Batch = 2000
		_, err := w.Prompt(ctx, id, session.NewPrompt{Text: "write"})
		w.must(err)
		time.Sleep(30 * time.Second)
		open, err := w.store.Open(ctx, id)
		w.must(err)
		if len(open) < 20 || len(open) > 70 {
			t.Errorf("%d texts of 256 KB are open", len(open))
		}
		w.until(id, session.Idle)
		all, err := sessiontest.Items(ctx, w, id)
		w.must(err)
		n := 0
		for _, it := range all {
			if it.Kind != session.KindMessage {
				continue
			}
			if !strings.HasSuffix(it.Text, fmt.Sprint("x and ", n)) || it.DoneAt == 0 {
				t.Errorf("text %d ends with %q, done at %d", n, it.Text[max(0, len(it.Text)-20):], it.DoneAt)
			}
			n++
		}
		if n != texts {
			t.Errorf("%d texts are there", n)
		}
	})
}

// Entries that are refused leave nothing behind: told again, they count once.
func TestEntriesAreRefusedAsAWhole(t *testing.T) {
	said := func(t *sessiontest.Turn) {
		for n := range 12 {
			t.Say("long", strings.Repeat(string(rune('a'+n)), 100<<10))
		}
		for range 10 {
			t.Say("m", "word ")
			t.Tool("make", session.ToolRunning, "out")
			t.Tool("make", session.ToolCompleted, "output")
		}
	}
	story(t, said, func(w *world) {
		clean := w.create("hello")
		w.until(clean, session.Idle)
		id := w.create("hello")
		w.until(id, session.Idle)
		w.engine.Box(id).Gaps = 5
		for _, s := range []session.ID{clean, id} {
			_, err := w.Prompt(ctx, s, session.NewPrompt{Text: "again"})
			w.must(err)
			time.Sleep(time.Minute)
			w.until(s, session.Idle)
		}
		if w.engine.Box(id).Gaps > 0 {
			t.Fatal("there was no gap")
		}
		turn := func(id session.ID) []string {
			all := w.transcript(id)
			return all[slices.Index(all, "prompt: again"):]
		}
		sameLines(t, turn(id), turn(clean)...)
	})
}

// An item that cannot be read is not taken for one that is not there.
func TestAnItemThatCannotBeReadIsNotWrittenAnew(t *testing.T) {
	later := func(t *sessiontest.Turn) {
		t.Tool("make", session.ToolCompleted, "first")
		t.Wait(time.Minute)
		t.Tool("make", session.ToolCompleted, "second")
	}
	story(t, later, func(w *world) {
		id := w.create("hello")
		w.until(id, session.Working)
		time.Sleep(time.Second)
		w.store.Unreadable.Store(1)
		s := w.until(id, session.Idle)
		if it := w.tool(id, "make"); it.Text != "second" || w.store.Unreadable.Load() >= 0 {
			t.Errorf("it says %q", it.Text)
		}
		if lines := w.transcript(id); len(lines) != int(s.Items) { // which fails where a place is taken twice
			t.Errorf("%d of %d items are there", len(lines), s.Items)
		}
	})
}

// tool returns the item of a tool call with this title.
func (w *world) tool(id session.ID, title string) session.Item {
	w.t.Helper()
	for it, err := range session.Backward(ctx, w, w.get(id), 1000) {
		w.must(err)
		if it.Tool != nil && it.Tool.Title == title {
			return it
		}
	}
	w.t.Fatalf("there is no tool call %q", title)
	return session.Item{}
}

func TestBackwardThroughATranscript(t *testing.T) {
	story(t, func(t *sessiontest.Turn) {
		for n := range 180 {
			t.Tool(fmt.Sprint(n), session.ToolCompleted, strings.Repeat("x", session.MaxItemText))
		}
	}, func(w *world) {
		id := w.create("hello")
		s := w.until(id, session.Idle)
		read := func(s session.Session, n uint64) (places []uint64) {
			for it, err := range session.Backward(ctx, w, s, n) {
				w.must(err)
				places = append(places, it.Seq)
			}
			return places
		}
		var all []uint64
		for seq := s.Items; seq > 0; seq-- {
			all = append(all, seq)
		}
		for _, n := range []uint64{0, 1, 50, 51, s.Items - 1, s.Items, s.Items + 1, 1000} {
			if got := read(s, n); !slices.Equal(got, all[:min(n, s.Items)]) {
				t.Errorf("the last %d are %v", n, got)
			}
		}
		before := s
		before.Items -= 60
		if got := read(before, 10); !slices.Equal(got, all[:70]) {
			t.Errorf("with what came since: %v", got)
		}
		if got := read(session.Session{ID: id}, 10); !slices.Equal(got, all) {
			t.Errorf("since it had none: %v", got)
		}
		p, err := w.AddProject(ctx, "/code/shop")
		w.must(err)
		other, err := w.Create(ctx, session.NewSession{Project: p.ID}) // without a prompt: its start alone
		w.must(err)
		items := w.until(other.ID, session.Idle).Items
		if got := read(session.Session{ID: other.ID}, 10); uint64(len(got)) != items || items > 10 {
			t.Errorf("another session, of %d items, has %v", items, got)
		}
	})
}
