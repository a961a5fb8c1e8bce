package session

import "maps"

// openItem is an item that may still change, with its text in a form that grows cheaply.
type openItem struct {
	Item
	text    []byte
	counted int64 // what Session.Stored has of it
}

func opened(stored Item) *openItem {
	it := &openItem{Item: stored, text: []byte(stored.Text)}
	it.Text = ""
	it.counted = it.weight()
	return it
}

func (it *openItem) weight() int64 { return it.Weight() + int64(len(it.text)) }

// transcript is what a Manager keeps in memory of a session's items: those that may still change. It is guarded by
// Manager.writing.
type transcript struct {
	open   map[ItemID]*openItem
	parts  map[ItemID]int // in which part a text goes on that outgrew an item
	loaded bool
	lives  bool // changed in this life of the application: what asks is of this life, too
}

// batch collects what one update changes in a session's items: new and changed items as full values, appended text as
// deltas.
type batch struct {
	m       *Manager
	s       *Session
	t       *transcript
	secrets *redactor // of what the sandbox was given; nil where that is nothing
	order   []ItemID
	touched map[ItemID]*touch
	refused bool  // an entry was, and the user was told
	read    int64 // bytes of items that were brought back from the store
	err     error // why one could not be
}

type touch struct {
	item  *openItem
	prev  uint64 // revision before the batch
	full  bool
	added []byte
}

func newBatch(m *Manager, s *Session) *batch {
	b := &batch{m: m, s: s, touched: map[ItemID]*touch{}}
	if r := m.runner(s.ID); r != nil {
		b.t, b.secrets = &r.transcript, r.secrets.Load()
	} else {
		b.t = &transcript{}
	}
	if b.t.open == nil {
		b.t.open, b.t.parts = map[ItemID]*openItem{}, map[ItemID]int{}
	}
	b.load()
	return b
}

// load brings back the open items after a restart, and after a change that came to nothing.
func (b *batch) load() {
	if b.t.loaded || b.s.Items == 0 {
		b.t.loaded = true
		return
	}
	items, err := b.m.Store.Open(b.m.ctx, b.s.ID)
	if err != nil {
		b.m.Log.Error("load open items", "session", b.s.ID, "err", err)
		return
	}
	for _, it := range items {
		open := opened(it)
		b.t.open[it.ID] = open
		if !b.t.lives && isHostAsk(open) {
			b.answer(open, "cancelled", "policy") // who asked is gone with the last life of the application
		}
	}
	b.t.loaded = true
}

// find returns the item with this id, from memory or the store: a late update may open one again that is done. It is
// nil if there is none.
func (b *batch) find(id ItemID) *openItem {
	if it := b.t.open[id]; it != nil {
		return it
	}
	stored, err := b.m.Store.Item(b.m.ctx, b.s.ID, id)
	if err != nil {
		if CodeOf(err) != CodeNotFound {
			b.err = err // it may be there: what is changed now must not take its place
		}
		return nil
	}
	it := opened(stored)
	b.t.open[id] = it
	b.read += it.counted
	return it
}

// add appends a new item to the transcript.
func (b *batch) add(id ItemID, kind Kind) *openItem {
	b.s.Items++
	it := &openItem{Item: Item{Session: b.s.ID, ID: id, Seq: b.s.Items, Kind: kind, Turn: b.s.Turns, At: b.m.now()}}
	b.t.open[id] = it
	b.change(it)
	return it
}

// change marks an item as changed, to be stored and told of as a full value.
func (b *batch) change(it *openItem) {
	b.touch(it).full = true
}

// write appends text to an item, as far as MaxItemText allows. Known secrets are redacted; what may be the beginning of
// one is kept as the item's tail until more text follows, or the item is done.
func (b *batch) write(it *openItem, text string) {
	tail := b.tail(it)
	text, tail = b.secrets.next(tail, text)
	b.setTail(it, tail)
	b.put(it, text)
}

// put appends text as it is.
func (b *batch) put(it *openItem, text string) {
	t := b.touch(it)
	it.Size += int64(len(text))
	if room := MaxItemText - len(it.text); len(text) > room {
		text = validPrefix(text, room)
	}
	it.text = append(it.text, text...)
	if !t.full {
		t.added = append(t.added, text...)
	}
}

// done marks an item as one that changes no more.
func (b *batch) done(it *openItem) {
	if it.DoneAt != 0 {
		return
	}
	if tail := b.tail(it); tail != nil {
		b.setTail(it, nil)
		b.put(it, b.secrets.last(tail))
	}
	it.DoneAt = b.m.now()
	b.change(it)
}

// answer ends a permission request.
func (b *batch) answer(it *openItem, option, by string) {
	request := *it.Permission
	request.Answer, request.By = option, by
	it.Permission = &request
	b.done(it)
}

func (b *batch) touch(it *openItem) *touch {
	t := b.touched[it.ID]
	if t == nil {
		t = &touch{item: it, prev: it.Rev}
		b.touched[it.ID] = t
		b.order = append(b.order, it.ID)
	}
	return t
}

// changes ends the batch: it gives each changed item its revision and returns what to store.
func (b *batch) changes() (items []Item, deltas []Delta) {
	for _, id := range b.order {
		t := b.touched[id]
		b.s.Rev++
		t.item.Rev = b.s.Rev
		weight := t.item.weight()
		b.s.Stored += weight - t.item.counted
		t.item.counted = weight
		if !t.full {
			deltas = append(deltas, Delta{Session: b.s.ID, Item: id, Prev: t.prev, Rev: t.item.Rev, Text: string(t.added), Size: t.item.Size})
			continue
		}
		item := t.item.Item
		item.Text = string(t.item.text)
		if item.Size < int64(len(item.Text)) {
			item.Size = int64(len(item.Text))
		}
		items = append(items, item)
	}
	maps.DeleteFunc(b.t.open, func(_ ItemID, it *openItem) bool { return it.DoneAt != 0 })
	return items, deltas
}

// forget throws away what is in memory after a change that could not be stored, so that it is read again.
func (b *batch) forget() {
	b.t.loaded = false
	clear(b.t.open)
	clear(b.t.parts)
}

// validPrefix returns at most n bytes of s without cutting a character.
func validPrefix(s string, n int) string {
	if n <= 0 {
		return ""
	}
	if len(s) <= n {
		return s
	}
	for n > 0 && s[n]&0xC0 == 0x80 {
		n--
	}
	return s[:n]
}
