package sqlite

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"background-agents/backend/session"
)

func opened(b *testing.B) *Store {
	s, err := Open(context.Background(), filepath.Join(b.TempDir(), "app.db"))
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = s.Close() })
	return s
}

// BenchmarkItems inserts items in changes of 500, as an agent's flood comes.
func BenchmarkItems(b *testing.B) {
	const batch = 500
	s := opened(b)
	text := strings.Repeat("word ", 30)
	seq := uint64(0)
	for b.Loop() {
		items := make([]session.Item, batch)
		for i := range items {
			seq++
			items[i] = session.Item{
				Session: "one", ID: session.ItemID(fmt.Sprint("msg_0123456789abcdef", seq)), Seq: seq, Rev: seq,
				Kind: session.KindMessage, DoneAt: 1, Text: text, Size: int64(len(text)),
			}
		}
		if err := s.Save(b.Context(), session.Change{Session: &session.Session{ID: "one", Items: seq}, Items: items}); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(seq)/b.Elapsed().Seconds(), "items/s")
}

// BenchmarkDeltas appends 1,000 deltas a change to 50 open messages; each message ends after 200 deltas.
func BenchmarkDeltas(b *testing.B) {
	const open, each = 50, 20
	s := opened(b)
	var rev, seq, deltas uint64
	items := make([]session.Item, open)
	for round := 0; b.Loop(); round++ {
		c := session.Change{Session: &session.Session{ID: "one"}}
		for i := range items {
			if round%10 == 0 {
				seq, rev = seq+1, rev+1
				items[i] = session.Item{Session: "one", ID: session.ItemID(fmt.Sprint("m", seq)), Seq: seq, Rev: rev, Kind: session.KindMessage}
				c.Items = append(c.Items, items[i])
			}
			for range each {
				rev, deltas = rev+1, deltas+1
				items[i].Size += 20
				c.Deltas = append(c.Deltas, session.Delta{Session: "one", Item: items[i].ID, Prev: items[i].Rev, Rev: rev, Text: "twenty bytes of text", Size: items[i].Size})
				items[i].Rev = rev
			}
		}
		if err := s.Save(b.Context(), c); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(deltas)/b.Elapsed().Seconds(), "deltas/s")
}

// BenchmarkSaves is the smallest change: one delta and the session, synced or not.
func BenchmarkSaves(b *testing.B) {
	for outcome, done := range map[string]session.Millis{"synced": 1, "growing": 0} {
		b.Run(outcome, func(b *testing.B) {
			s := opened(b)
			for n := uint64(1); b.Loop(); n++ {
				it := session.Item{Session: "one", ID: "m", Seq: 1, Rev: n, DoneAt: done, Text: "a few words"}
				if err := s.Save(b.Context(), session.Change{Session: &session.Session{ID: "one", Items: n}, Items: []session.Item{it}}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkLoad opens and loads 1,000 sessions beside items that it must not read: 10 a session, and 1,000.
func BenchmarkLoad(b *testing.B) {
	for _, each := range []int{10, 1000} {
		b.Run(fmt.Sprintf("items=%d", 1000*each), func(b *testing.B) {
			path := filepath.Join(b.TempDir(), "app.db")
			s, err := Open(b.Context(), path)
			if err != nil {
				b.Fatal(err)
			}
			for n := range 1000 {
				fill(b, s, session.ID(fmt.Sprint("s", n)), each)
			}
			_ = s.Close()
			for b.Loop() {
				s, err := Open(b.Context(), path)
				if err != nil {
					b.Fatal(err)
				}
				if _, _, sessions, err := s.Load(b.Context()); err != nil || len(sessions) != 1000 {
					b.Fatal(len(sessions), err)
				}
				_ = s.Close()
			}
		})
	}
}
