package session

import (
	"maps"
	"slices"
)

// tail returns what is held back of an item, nil where that is nothing.
func (b *batch) tail(it *openItem) *Tail {
	if t, ok := b.s.Tails[it.ID]; ok {
		return &t
	}
	return nil
}

// setTail keeps what is held back of an item with the session, so that it is stored together with the item and the cursor.
func (b *batch) setTail(it *openItem, t *Tail) {
	before, held := b.s.Tails[it.ID]
	switch {
	case t == nil && !held, t != nil && held && t.same(before):
		return
	case t == nil && len(b.s.Tails) == 1:
		b.s.Tails = nil
		return
	}
	tails := maps.Clone(b.s.Tails)
	if tails == nil {
		tails = map[ItemID]Tail{}
	}
	if t == nil {
		delete(tails, it.ID)
	} else {
		tails[it.ID] = *t
	}
	b.s.Tails = tails
}

func (t *Tail) same(other Tail) bool {
	return t.Secret == other.Secret && t.At == other.At && t.Form == other.Form && t.Length == other.Length &&
		t.Covered == other.Covered && slices.Equal(t.Gaps, other.Gaps)
}

// moveTail lets what is held back of a text go on in the item that the text goes on in.
func (b *batch) moveTail(from, to *openItem) {
	t := b.tail(from)
	b.setTail(from, nil)
	b.setTail(to, t)
}
