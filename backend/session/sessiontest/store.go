package sessiontest

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"background-agents/backend/session"
)

// OpenStore opens the store that lives in a folder: the same one again after it was closed, or after its process died.
type OpenStore func(t *testing.T, dir string) session.Store

// TestStore checks what every Store must do.
func TestStore(t *testing.T, open OpenStore) {
	for _, c := range []struct {
		outcome string
		test    func(t *testing.T, open OpenStore)
	}{
		{"a new store is empty", storeIsEmpty},
		{"values come back as they were saved", storeKeepsValues},
		{"a second value replaces the first", storeReplaces},
		{"items are listed by place and by revision", storePages},
		{"a page ends where its items are large together", storeBoundsPages},
		{"an item that is not there is not found", storeFindsNothing},
		{"deltas append in order", storeAppends},
		{"any text comes back byte for byte", storeKeepsText},
		{"a change that cannot be saved changes nothing", storeIsAtomic},
		{"a dropped session takes its items along", storeDrops},
		{"the ledger keeps the newest rows of each session", storeKeepsLedger},
		{"a day's use outlives the sessions that had it", storeKeepsDays},
		{"readers see whole changes while others write", storeIsConcurrent},
	} {
		t.Run(c.outcome, func(t *testing.T) { c.test(t, open) })
	}
	t.Run("a kill loses nothing that was acknowledged", func(t *testing.T) { storeSurvives(t, open) })
}

func storeIsEmpty(t *testing.T, open OpenStore) {
	b := newBox(t, open)
	settings, projects, sessions, err := b.Load(t.Context())
	equal(t, "error", err, nil)
	equal(t, "settings", settings, session.Settings{})
	equal(t, "counts", []int{len(projects), len(sessions), len(b.items("none", 1, 10))}, []int{0, 0, 0})
}

func storePages(t *testing.T, open OpenStore) {
	b := newBox(t, open)
	// Saved out of order, beside another session with the same places.
	for _, seq := range []uint64{3, 1, 5, 2, 4} {
		it := message("one", seq, "text")
		it.Rev = 10 - seq
		if seq%2 == 0 {
			it.DoneAt = 0
		}
		b.save(session.Change{Items: []session.Item{it, message("two", seq, "other")}})
	}
	equal(t, "from the first", seqs(b.items("one", 1, 3)), []uint64{1, 2, 3})
	equal(t, "from the fourth", seqs(b.items("one", 4, 3)), []uint64{4, 5})
	equal(t, "from beyond", seqs(b.items("one", 6, 3)), []uint64{})
	equal(t, "none", seqs(b.items("one", 1, 0)), []uint64{})
	changed, err := b.Changed(t.Context(), "one", 6, 2)
	equal(t, "error", err, nil)
	equal(t, "changed since 6", seqs(changed), []uint64{3, 2})
	unfinished, err := b.Open(t.Context(), "one")
	equal(t, "error", err, nil)
	equal(t, "open", seqs(unfinished), []uint64{2, 4})
}

func storeBoundsPages(t *testing.T, open OpenStore) {
	const items = 100
	b := newBox(t, open)
	text := strings.Repeat("x", session.MaxItemText)
	for seq := uint64(1); seq <= items; seq++ {
		b.save(session.Change{Items: []session.Item{message("one", seq, text)}})
	}
	for name, page := range map[string]func(from uint64) ([]session.Item, error){
		"by place":    func(from uint64) ([]session.Item, error) { return b.Items(t.Context(), "one", from, items) },
		"by revision": func(from uint64) ([]session.Item, error) { return b.Changed(t.Context(), "one", from-1, items) },
	} {
		all := 0
		for from := uint64(1); ; {
			got, err := page(from)
			equal(t, name+": error", err, nil)
			if len(got) == 0 {
				break
			}
			size := int64(0)
			for i, it := range got {
				if size > session.MaxPageOf {
					t.Fatalf("%s: the page goes on after %d bytes", name, size)
				}
				equal(t, name+": place", it.Seq, from+uint64(i))
				size += it.Weight()
			}
			all += len(got)
			from += uint64(len(got))
		}
		equal(t, name+": items", all, items)
	}
	unfinished := message("one", items+1, text)
	unfinished.DoneAt = 0
	b.save(session.Change{Items: []session.Item{unfinished}})
	last, err := b.Items(t.Context(), "one", items+1, 1)
	equal(t, "error", err, nil)
	equal(t, "one alone", seqs(last), []uint64{items + 1})
}

func storeFindsNothing(t *testing.T, open OpenStore) {
	b := newBox(t, open)
	b.save(session.Change{Items: []session.Item{message("one", 1, "text")}})
	for _, at := range [][2]string{{"one", "m2"}, {"two", "m1"}, {"", ""}} {
		if _, err := b.Item(t.Context(), session.ID(at[0]), session.ItemID(at[1])); session.CodeOf(err) != session.CodeNotFound {
			t.Errorf("item %q of %q: %v, want %s", at[1], at[0], err, session.CodeNotFound)
		}
	}
}

func storeAppends(t *testing.T, open OpenStore) {
	b := newBox(t, open)
	first, second := message("one", 1, "a"), message("one", 2, "")
	first.DoneAt, second.DoneAt = 0, 0
	b.save(session.Change{Items: []session.Item{first, second}})
	b.save(session.Change{Deltas: []session.Delta{
		{Session: "one", Item: "m1", Prev: 1, Rev: 3, Text: "b", Size: 2},
		{Session: "one", Item: "m2", Prev: 2, Rev: 4, Text: "x", Size: 1},
		{Session: "one", Item: "m1", Prev: 3, Rev: 5, Text: "c", Size: 900},
	}})
	b.reopen()
	first.Text, first.Rev, first.Size = "abc", 5, 900
	second.Text, second.Rev, second.Size = "x", 4, 1
	equal(t, "items", b.items("one", 1, 10), []session.Item{first, second})
}

func storeKeepsText(t *testing.T, open OpenStore) {
	texts := []string{
		"", "plain", "日本語 🧑‍💻 \u202e right to left", "a\x00b\x00", "cut \xf0\x9f\x98 and \xff\xfe", "'; DROP TABLE items; --", "%_\\\r\n\t\x1b[31m",
		strings.Repeat("0123456789abcdef", session.MaxItemText/16),
	}
	b := newBox(t, open)
	for i, text := range texts {
		it := message("one", uint64(i+1), text)
		it.DoneAt = 0
		b.save(session.Change{Items: []session.Item{it}})
		rev := it.Rev + 100
		b.save(session.Change{Deltas: []session.Delta{{Session: "one", Item: it.ID, Prev: it.Rev, Rev: rev, Text: text, Size: 2 * it.Size}}})
	}
	b.reopen()
	for i, it := range b.items("one", 1, len(texts)) {
		if want := texts[i] + texts[i]; it.Text != want || it.Size != int64(len(want)) {
			t.Errorf("text %d came back as %.60q (%d bytes), want %.60q (%d bytes)", i, it.Text, len(it.Text), want, len(want))
		}
	}
}

func storeIsAtomic(t *testing.T, open OpenStore) {
	b := newBox(t, open)
	before := session.Session{ID: "one", Items: 1, Rev: 1, Cursor: session.Cursor{Epoch: "e", Seq: 1}}
	b.save(session.Change{Session: &before, Items: []session.Item{message("one", 1, "first")}})
	after := before
	after.Items, after.Title, after.Cursor.Seq = 2, "changed", 2
	moved := message("one", 2, "moved")
	moved.ID = "m1"
	taken := message("one", 1, "another in its place")
	taken.ID = "other"
	for outcome, c := range map[string]session.Change{
		"delta for no item":           {Deltas: []session.Delta{{Session: "one", Item: "none", Rev: 3, Text: "x"}}},
		"delta that was saved before": {Deltas: []session.Delta{{Session: "one", Item: "m1", Prev: 0, Rev: 1, Text: "x"}}},
		"delta after a missing one":   {Deltas: []session.Delta{{Session: "one", Item: "m1", Prev: 1, Rev: 2, Text: "x"}, {Session: "one", Item: "m1", Prev: 5, Rev: 6, Text: "y"}}},
		"place of another item":       {Items: []session.Item{taken}},
		"item that moved":             {Items: []session.Item{moved}},
	} {
		c.Session = &after
		c.Settings = &session.Settings{Theme: "dark"}
		c.Items = append([]session.Item{message("one", 9, "new")}, c.Items...)
		if err := b.Save(t.Context(), c); err == nil {
			t.Errorf("%s: was saved", outcome)
		}
		settings, _, sessions, err := b.Load(t.Context())
		equal(t, outcome+": error", err, nil)
		equal(t, outcome+": settings", settings, session.Settings{})
		equal(t, outcome+": session", sessions, []session.Session{before})
		equal(t, outcome+": items", b.items("one", 1, 10), []session.Item{message("one", 1, "first")})
	}
}

func storeDrops(t *testing.T, open OpenStore) {
	b := newBox(t, open)
	for _, id := range []session.ID{"one", "two"} {
		b.save(session.Change{
			Project: &session.Project{ID: session.ProjectID(id)},
			Session: &session.Session{ID: id, Project: session.ProjectID(id), Options: []session.Option{{ID: "model"}}},
			Items:   []session.Item{message(id, 1, "text"), message(id, 2, "text")},
		})
	}
	b.save(session.Change{DropSession: "one"})
	b.save(session.Change{DropSession: "never was"})
	b.save(session.Change{DropProject: "one"})
	b.reopen()
	_, projects, sessions, err := b.Load(t.Context())
	equal(t, "error", err, nil)
	equal(t, "projects", projects, []session.Project{{ID: "two"}})
	equal(t, "sessions", sessions, []session.Session{{ID: "two", Project: "two", Options: []session.Option{{ID: "model"}}}})
	equal(t, "items", []int{len(b.items("one", 1, 9)), len(b.items("two", 1, 9))}, []int{0, 2})
	// Its id may come again, with what the agent announces unchanged.
	b.save(session.Change{Session: &session.Session{ID: "one", Options: []session.Option{{ID: "model"}}}})
	b.reopen()
	i := slices.IndexFunc(b.sessions(), func(s session.Session) bool { return s.ID == "one" })
	equal(t, "options", b.sessions()[i].Options, []session.Option{{ID: "model"}})
}

func storeKeepsLedger(t *testing.T, open OpenStore) {
	b := newBox(t, open)
	row := func(id uint64, of session.ID, host string) session.Change {
		return session.Change{Connections: []session.Connection{{ID: id, Session: of, Host: host, Port: 443, Allowed: true, Rule: "preset npm", At: 7, Up: 1, Down: 2}}}
	}
	for id := range uint64(5) {
		b.save(row(id+1, "one", "example.com"))
	}
	b.save(row(9, "two", "example.org"))
	b.save(row(3, "one", "replaced.example"))
	b.reopen()
	rows, err := b.Connections(t.Context(), "one", 3)
	equal(t, "error", err, nil)
	equal(t, "rows", rows, []session.Connection{
		row(5, "one", "example.com").Connections[0], row(4, "one", "example.com").Connections[0], row(3, "one", "replaced.example").Connections[0],
	})
	b.save(session.Change{DropSession: "one"})
	rows, err = b.Connections(t.Context(), "one", 3)
	equal(t, "error", err, nil)
	equal(t, "rows of a dropped session", len(rows), 0)
}

func storeIsConcurrent(t *testing.T, open OpenStore) {
	const writers, changes = 4, 60
	b := newBox(t, open)
	var writing, reading sync.WaitGroup
	stop := make(chan struct{})
	failures := make(chan error, 2*writers)
	for w := range writers {
		id := session.ID(fmt.Sprint("s", w))
		writing.Go(func() {
			for n := uint64(1); n <= changes; n++ {
				err := b.Save(t.Context(), session.Change{
					Session: &session.Session{ID: id, Items: 2 * n},
					Items:   []session.Item{message(id, 2*n-1, "odd"), message(id, 2*n, "even")},
				})
				if err != nil {
					failures <- err
					return
				}
			}
		})
		reading.Go(func() {
			for {
				items, err := b.Items(t.Context(), id, 1, 1000)
				if err == nil && len(items)%2 != 0 {
					err = errors.New("half a change was read")
				}
				if err != nil {
					failures <- err
					return
				}
				select {
				case <-stop:
					return
				default:
				}
			}
		})
	}
	writing.Wait()
	close(stop)
	reading.Wait()
	select {
	case err := <-failures:
		t.Fatal(err)
	default:
	}
	for _, s := range b.sessions() {
		equal(t, "items of "+string(s.ID), len(b.items(s.ID, 1, 1000)), int(s.Items))
	}
	equal(t, "sessions", len(b.sessions()), writers)
}
