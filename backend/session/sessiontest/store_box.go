package sessiontest

import (
	"fmt"
	"reflect"
	"testing"

	"background-agents/backend/session"
)

// box is a store under test, with the checks that several tests share.
type box struct {
	session.Store
	t    *testing.T
	dir  string
	open OpenStore
}

func newBox(t *testing.T, open OpenStore) *box {
	b := &box{t: t, dir: t.TempDir(), open: open}
	b.Store = open(t, b.dir)
	t.Cleanup(func() { _ = b.Close() })
	return b
}

func (b *box) reopen() {
	b.t.Helper()
	if err := b.Close(); err != nil {
		b.t.Fatal("close:", err)
	}
	b.Store = b.open(b.t, b.dir)
}

func (b *box) save(c session.Change) {
	b.t.Helper()
	if err := b.Save(b.t.Context(), c); err != nil {
		b.t.Fatal("save:", err)
	}
}

func (b *box) sessions() []session.Session {
	b.t.Helper()
	_, _, sessions, err := b.Load(b.t.Context())
	if err != nil {
		b.t.Fatal("load:", err)
	}
	return sessions
}

func (b *box) item(id session.ID, item session.ItemID) session.Item {
	b.t.Helper()
	it, err := b.Item(b.t.Context(), id, item)
	if err != nil {
		b.t.Fatal("item:", err)
	}
	return it
}

func (b *box) items(id session.ID, from uint64, limit int) []session.Item {
	b.t.Helper()
	items, err := b.Items(b.t.Context(), id, from, limit)
	if err != nil {
		b.t.Fatal("items:", err)
	}
	return items
}

func equal(t *testing.T, what string, got, want any) {
	t.Helper()
	if !reflect.DeepEqual(got, want) {
		t.Fatalf("%s:\n got %+v\nwant %+v", what, got, want)
	}
}

// message returns the item at a place of a session.
func message(id session.ID, seq uint64, text string) session.Item {
	return session.Item{
		Session: id, ID: session.ItemID(fmt.Sprint("m", seq)), Seq: seq, Rev: seq, Kind: session.KindMessage, Turn: 1,
		At: 1000, DoneAt: 2000, Text: text, Size: int64(len(text)),
	}
}

func seqs(items []session.Item) []uint64 {
	all := []uint64{}
	for _, it := range items {
		all = append(all, it.Seq)
	}
	return all
}
