package app

import (
	"context"
	"fmt"
	"reflect"
	"sync"
	"testing"
	"testing/synctest"

	"background-agents/backend/session"
)

// Two pages show the state: that one starts over, or looks at another session, takes nothing from the other.
func TestPagesDoNotDisturbEachOther(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		var mu sync.Mutex
		got := map[string][]Batch{}
		ps := newPages(func(event string, b Batch) {
			mu.Lock()
			defer mu.Unlock()
			got[event] = append(got[event], b)
		})
		ps.most = 2
		defer ps.wait()
		defer cancel()
		sees := map[string]*fakeOps{}
		begin := func(page string) {
			t.Helper()
			ops := newFakeOps()
			sees[page] = ops
			go func() {
				ops.events <- session.Event{State: true, Sessions: []session.Session{{ID: "a"}, {ID: "b"}}}
			}()
			if b, err := ps.state(ctx, page, ops); err != nil || !b.Events[0].State {
				t.Fatalf("page %s begins with %+v, %v", page, b, err)
			}
		}
		begin("x")
		begin("y")
		ps.of("x").focusOn("a")
		ps.of("y").focusOn("b")
		for i := range 20 {
			for _, ops := range sees {
				ops.events <- session.Event{Deltas: []session.Delta{text(i)}}
			}
			if i%4 == 0 {
				begin("y") // what waits for x is not dropped by it
			}
		}
		later(soon)
		rev, seq := uint64(0), uint64(1)
		for _, b := range got["events:x"] {
			if b.Seq != seq+1 {
				t.Errorf("batch %d follows %d", b.Seq, seq)
			}
			seq = b.Seq
			for _, d := range b.Events[0].Deltas {
				if d.Prev != rev {
					t.Errorf("text goes on at %d, want %d", d.Prev, rev)
				}
				rev = d.Rev
			}
		}
		if rev != 20 {
			t.Errorf("x has the text up to %d of 20", rev)
		}
		for _, b := range got["events:y"] {
			if len(b.Events) > 0 && len(b.Events[0].Deltas) > 0 {
				t.Errorf("y, which looks at another session, was sent %+v", b)
			}
		}
	})
}

func TestPageThatWasHeardOfLongestAgoIsLetGo(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	ps := newPages(func(string, Batch) {})
	ps.most = 2
	ps.add(ctx, "a")
	ps.add(ctx, "b").focusOn("s")
	ps.of("a").ack(1)
	ps.add(ctx, "c")
	left := map[string]bool{}
	for _, id := range []string{"a", "b", "c"} {
		left[id] = ps.of(id) != nil
	}
	if want := map[string]bool{"a": true, "b": false, "c": true}; !reflect.DeepEqual(left, want) {
		t.Errorf("there are %v", left)
	}
	if ps.focused("s") {
		t.Error("a page that is gone still looks at a session")
	}
	cancel()
	ps.wait()
}

func TestWindowHasOnePage(t *testing.T) {
	w, sh, _ := fakeWindow(t, newFakeOps())
	for i := range 3 { // it is loaded again
		w.pages.add(t.Context(), fmt.Sprint(i))
	}
	if n := len(w.pages.open); n != 1 {
		t.Errorf("%d pages are fed", n)
	}
	if did := sh.noted(); len(did) > 0 {
		t.Errorf("did %q", did)
	}
}
