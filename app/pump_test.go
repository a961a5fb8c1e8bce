package app

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"background-agents/backend/session"
)

// page is the other end of a pump: it notes the batches, and when they came.
type page struct {
	batches []Batch
	at      []time.Time
}

// pumping runs f with a pump that watches ops and is on session a, in a time of its own.
func pumping(t *testing.T, f func(ctx context.Context, p *pump, ops *fakeOps, got *page)) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		defer synctest.Wait()
		defer cancel()
		ops, got := newFakeOps(), &page{}
		p := newPump(func(b Batch) { got.batches, got.at = append(got.batches, b), append(got.at, time.Now()) })
		go p.run(ctx)
		p.focusOn("a")
		go func() { ops.events <- session.Event{State: true, Sessions: []session.Session{{ID: "a"}, {ID: "b"}}} }()
		b, err := p.state(ctx, ops)
		if err != nil || !b.Events[0].State || len(b.Events[0].Sessions) != 2 {
			t.Fatalf("state is %+v, %v", b, err)
		}
		if b.Seq != 1 {
			t.Fatalf("state has number %d", b.Seq)
		}
		later(soon)
		f(ctx, p, ops, got)
	})
}

func TestTextOfOneItemIsJoinedAndSentOnceAFrame(t *testing.T) {
	pumping(t, func(_ context.Context, _ *pump, ops *fakeOps, got *page) {
		for i := range 1000 { // in 100 ms
			ops.events <- session.Event{Deltas: []session.Delta{text(i)}}
			time.Sleep(100 * time.Microsecond)
		}
		later(soon)
		if n := len(got.batches); n < 5 || n > 8 {
			t.Errorf("%d batches for 100 ms", n)
		}
		var all strings.Builder
		rev := uint64(0)
		for i, b := range got.batches {
			if b.Seq != uint64(i+2) {
				t.Errorf("batch %d has number %d", i, b.Seq)
			}
			if i > 0 && got.at[i].Sub(got.at[i-1]) < frame {
				t.Errorf("batch %d came %v after the one before", i, got.at[i].Sub(got.at[i-1]))
			}
			if len(b.Events) != 1 || len(b.Events[0].Deltas) != 1 {
				t.Fatalf("batch %d is %+v", i, b)
			}
			d := b.Events[0].Deltas[0]
			if d.Prev != rev {
				t.Errorf("batch %d continues at %d, want %d", i, d.Prev, rev)
			}
			rev = d.Rev
			all.WriteString(d.Text)
		}
		var want strings.Builder
		for i := range 1000 {
			fmt.Fprint(&want, i, ",")
		}
		if all.String() != want.String() {
			t.Error("text was lost, doubled or moved")
		}
	})
}

func TestSessionsInTheBackgroundSendNoItemsAndWaitUntilSomeoneLooks(t *testing.T) {
	pumping(t, func(_ context.Context, _ *pump, ops *fakeOps, got *page) {
		begin := time.Now()
		for i := range 100 { // a second of streaming
			ops.events <- session.Event{
				Sessions: []session.Session{{ID: "b", Rev: uint64(i + 1), Items: uint64(i)}},
				Items:    []session.Item{{Session: "b", ID: "x", Text: "secret"}},
				Deltas:   []session.Delta{{Session: "b", Item: "x", Text: "secret"}},
			}
			later(10 * time.Millisecond)
		}
		if n := len(got.batches); n < 4 || n > 6 {
			t.Errorf("%d batches in %v", n, time.Since(begin))
		}
		for _, b := range got.batches {
			if e := b.Events[0]; len(e.Items)+len(e.Deltas) > 0 || len(e.Sessions) != 1 {
				t.Errorf("batch has %+v", e)
			}
		}
		later(soon)
		before := len(got.batches)
		ops.events <- session.Event{Sessions: []session.Session{{ID: "b", Rev: 200, Status: session.NeedsYou}}}
		later(2 * frame)
		if len(got.batches) != before+1 {
			t.Error("a change that one sees waited")
		}
	})
}

func TestItemsAndDeltasOfOneFrameHaveTheEffectOfTheirOrder(t *testing.T) {
	item := func(rev uint64, text string) session.Item {
		return session.Item{Session: "a", ID: "m", Rev: rev, Text: text}
	}
	delta := func(prev, rev uint64, text string) session.Delta {
		return session.Delta{Session: "a", Item: "m", Prev: prev, Rev: rev, Text: text}
	}
	cases := []struct {
		name   string
		events []session.Event
		items  []session.Item
		deltas []session.Delta
	}{
		{"text follows a new item", []session.Event{{Items: []session.Item{item(1, "a")}}, {Deltas: []session.Delta{delta(1, 2, "b")}}},
			[]session.Item{item(2, "ab")}, nil},
		{"a full value follows text", []session.Event{{Deltas: []session.Delta{delta(1, 2, "b")}}, {Items: []session.Item{item(3, "abc")}}},
			[]session.Item{item(3, "abc")}, nil},
		{"text, full value, text", []session.Event{{Deltas: []session.Delta{delta(1, 2, "b")}}, {Items: []session.Item{item(3, "abc")}}, {Deltas: []session.Delta{delta(3, 4, "d")}}},
			[]session.Item{item(4, "abcd")}, nil},
		{"two full values", []session.Event{{Items: []session.Item{item(1, "a")}}, {Items: []session.Item{item(2, "b")}}},
			[]session.Item{item(2, "b")}, nil},
		{"text after a gap stays apart, for the page to see it", []session.Event{{Deltas: []session.Delta{delta(1, 2, "b")}}, {Deltas: []session.Delta{delta(5, 6, "x")}}},
			nil, []session.Delta{delta(1, 2, "b"), delta(5, 6, "x")}},
	}
	for _, c := range cases {
		var b bundle
		for _, e := range c.events {
			b.add(e, "a")
		}
		got := b.take()
		if len(got) != 1 || fmt.Sprintf("%+v", got[0].Items) != fmt.Sprintf("%+v", c.items) || fmt.Sprintf("%+v", got[0].Deltas) != fmt.Sprintf("%+v", c.deltas) {
			t.Errorf("%s: got %+v", c.name, got)
		}
		if !b.empty() {
			t.Errorf("%s: something still waits", c.name)
		}
	}
}

func TestPageThatIsBehindIsWaitedForAndLosesNoMoreThanItMust(t *testing.T) {
	pumping(t, func(_ context.Context, p *pump, ops *fakeOps, got *page) {
		p.ack(1)
		for i := range 5000 { // the page acknowledges nothing more
			ops.events <- session.Event{Deltas: []session.Delta{text(i)}}
			later(time.Millisecond)
		}
		if n := len(got.batches); n != maxBehind {
			t.Fatalf("%d batches were sent to a page that is behind", n)
		}
		p.ack(got.batches[len(got.batches)-1].Seq)
		later(soon)
		last := got.batches[len(got.batches)-1]
		if last.Seq != uint64(maxBehind+2) || last.Events[0].Deltas[0].Rev != 5000 {
			t.Errorf("what waited came as number %d to revision %d", last.Seq, last.Events[0].Deltas[0].Rev)
		}
	})
}

func TestTooMuchForAPageThatIsBehindIsDroppedAndLeavesAGap(t *testing.T) {
	pumping(t, func(_ context.Context, p *pump, ops *fakeOps, got *page) {
		p.ack(1)
		big := strings.Repeat("x", session.MaxItemText)
		for i := range 100 {
			ops.events <- session.Event{
				Sessions: []session.Session{{ID: "a", Rev: uint64(i)}},
				Items:    []session.Item{{Session: "a", ID: session.ItemID(fmt.Sprint(i)), Text: big}},
			}
			later(frame)
			if p.mu.Lock(); p.bundle.size > maxBundle+len(big) {
				t.Fatalf("%d bytes wait", p.bundle.size)
			}
			p.mu.Unlock()
		}
		sent := len(got.batches)
		p.ack(got.batches[sent-1].Seq)
		later(soon)
		next := got.batches[sent]
		if next.Seq != got.batches[sent-1].Seq+2 {
			t.Errorf("no gap: %d follows %d", next.Seq, got.batches[sent-1].Seq)
		}
		if s := next.Events[0].Sessions; len(s) != 1 || s[0].Rev != 99 {
			t.Errorf("the session's last value was lost: %+v", s)
		}
	})
}

func TestWatchThatEndsLeavesAGapAndTheNextStateGoesOn(t *testing.T) {
	pumping(t, func(ctx context.Context, p *pump, ops *fakeOps, got *page) {
		ops.fails <- errors.New("the application ended")
		later(soon)
		if len(got.batches) != 1 || got.batches[0].Seq != 3 || len(got.batches[0].Events) != 0 {
			t.Fatalf("got %+v", got.batches)
		}
		go func() { ops.events <- session.Event{State: true} }()
		b, err := p.state(ctx, ops)
		if err != nil || b.Seq != 4 {
			t.Fatalf("got %+v, %v", b, err)
		}
		ops.events <- session.Event{Gone: []string{"b"}}
		later(soon)
		if last := got.batches[len(got.batches)-1]; last.Seq != 5 || last.Events[0].Gone[0] != "b" {
			t.Errorf("got %+v", last)
		}
	})
}

func TestStateThatCannotBeHadIsAnError(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ops := newFakeOps()
		go func() { ops.fails <- errors.New("no") }()
		if _, err := newPump(func(Batch) {}).state(t.Context(), ops); err == nil || err.Error() != "no" {
			t.Fatalf("got %v", err)
		}
	})
}

func TestNothingWakesWhereNothingHappens(t *testing.T) {
	pumping(t, func(_ context.Context, p *pump, _ *fakeOps, got *page) {
		begin := time.Now()
		later(24 * time.Hour)
		if len(got.batches) > 0 {
			t.Errorf("%d batches of nothing", len(got.batches))
		}
		if _, wait := p.next(time.Now()); wait != 0 {
			t.Errorf("a timer runs for %v, %v after the last event", wait, time.Since(begin))
		}
	})
}

func TestStateThatWatchersShareIsNotChanged(t *testing.T) {
	var b bundle
	state := session.Event{State: true, Sessions: []session.Session{{ID: "a"}}, Projects: []session.Project{{ID: "p"}}}
	b.add(state, "a")
	b.add(session.Event{
		Sessions: []session.Session{{ID: "a", Title: "new"}, {ID: "b"}},
		Projects: []session.Project{{ID: "p", Name: "new"}},
	}, "a")
	if state.Sessions[0].Title != "" || state.Projects[0].Name != "" {
		t.Error("the event of all watchers was changed")
	}
	got := b.take()[0]
	if !got.State || len(got.Sessions) != 2 || got.Sessions[0].Title != "new" || got.Projects[0].Name != "new" {
		t.Errorf("got %+v", got)
	}
}
