package app

import (
	"slices"

	"background-agents/backend/session"
)

// maxBundle bounds the text that waits in a bundle, in bytes. Sessions and projects are bounded by their number: each
// waits once, with its last value.
const maxBundle = 4 << 20

// bundle joins events that follow each other into one that has the same effect.
type bundle struct {
	event      session.Event
	some       bool
	urgent     bool // someone sees what changed: it goes with the next frame
	overflowed bool // items were dropped
	size       int
	sessions   map[session.ID]int // place in event.Sessions
	items      map[key]int        // place in event.Items
	deltas     map[key]int        // place in event.Deltas
	shown      map[session.ID]glance
}

type key struct {
	session session.ID
	item    session.ItemID
}

// glance is what of a session one sees at once, wherever one looks.
type glance struct {
	status                         session.Status
	title, step                    string
	unread, queued, held, failed   bool
	interrupted, pinned            bool
	prompts, turns, edits, options int
	items                          uint64
	diff                           session.DiffStat
	sandbox                        session.SandboxState
}

func glanceOf(s session.Session, focused bool) glance {
	g := glance{
		status: s.Status, title: s.Title, step: s.Step, unread: s.Unread, queued: s.Queued, held: s.Held, failed: s.Error != nil,
		interrupted: s.Interrupted, pinned: s.Pinned, prompts: len(s.Prompts), turns: s.Turns, edits: s.Edits,
		options: len(s.Options), diff: s.Diff, sandbox: s.Sandbox,
	}
	if focused {
		g.items = s.Items
	}
	return g
}

func (b *bundle) empty() bool { return !b.some && !b.overflowed }

// urgency says how soon the bundle must go: 0 nothing waits, 1 it may wait, 2 now.
func (b *bundle) urgency() int {
	switch {
	case b.empty():
		return 0
	case b.urgent || b.overflowed:
		return 2
	}
	return 1
}

// begin notes what the page knows from the state that it was given.
func (b *bundle) begin(e session.Event) {
	b.shown = map[session.ID]glance{}
	for _, s := range e.Sessions {
		b.shown[s.ID] = glanceOf(s, false)
	}
}

// add joins e. Items and deltas of other sessions than the focused one are left out: the page asks for them when it
// shows them.
func (b *bundle) add(e session.Event, focus session.ID) {
	if e.State {
		shown := bundle{some: true, urgent: true, overflowed: b.overflowed, event: e}
		shown.begin(e)
		*b = shown
		return
	}
	if e.Settings != nil || len(e.Images) > 0 || e.Engine != nil || len(e.Projects) > 0 || len(e.Gone) > 0 {
		b.some, b.urgent = true, true
		b.addRest(e)
	}
	for _, s := range e.Sessions {
		b.addSession(s, s.ID == focus)
	}
	for _, it := range e.Items {
		if it.Session == focus {
			b.addItem(it)
		}
	}
	for _, d := range e.Deltas {
		if d.Session == focus {
			b.addDelta(d)
		}
	}
	for _, c := range e.Connections {
		if c.Session == focus {
			b.addConnection(c)
		}
	}
	if b.size > maxBundle {
		b.event.Items, b.event.Deltas, b.event.Connections, b.items, b.deltas, b.size = nil, nil, nil, nil, nil, 0
		b.overflowed = true
	}
}

func (b *bundle) addRest(e session.Event) {
	if e.Settings != nil {
		b.event.Settings = e.Settings
	}
	for _, st := range e.Images {
		at := slices.IndexFunc(b.event.Images, func(o session.ImageState) bool { return o.Agent == st.Agent })
		b.event.Images = slices.Clone(b.event.Images) // a state that still waits keeps its own list
		if at < 0 {
			b.event.Images = append(b.event.Images, st)
			continue
		}
		b.event.Images[at] = st
	}
	if e.Engine != nil {
		b.event.Engine = e.Engine
	}
	for _, p := range e.Projects {
		at := slices.IndexFunc(b.event.Projects, func(q session.Project) bool { return q.ID == p.ID })
		if at < 0 {
			b.event.Projects = append(slices.Clip(b.event.Projects), p)
			continue
		}
		b.event.Projects = slices.Clone(b.event.Projects)
		b.event.Projects[at] = p
	}
	for _, id := range e.Gone {
		delete(b.shown, session.ID(id))
	}
	b.event.Gone = append(slices.Clip(b.event.Gone), e.Gone...)
}

func (b *bundle) addSession(s session.Session, focused bool) {
	b.some = true
	now := glanceOf(s, focused)
	if was, ok := b.shown[s.ID]; !ok || was != now {
		b.urgent = true
		if b.shown == nil {
			b.shown = map[session.ID]glance{}
		}
		b.shown[s.ID] = now
	}
	if at, ok := b.sessions[s.ID]; ok {
		b.event.Sessions[at] = s
		return
	}
	if b.sessions == nil {
		// A state that still waits keeps its own list: others hold it too.
		b.sessions = map[session.ID]int{}
		b.event.Sessions = slices.Clone(b.event.Sessions)
		for i, waiting := range b.event.Sessions {
			b.sessions[waiting.ID] = i
		}
		b.addSession(s, focused)
		return
	}
	b.sessions[s.ID] = len(b.event.Sessions)
	b.event.Sessions = append(b.event.Sessions, s)
}

func (b *bundle) addItem(it session.Item) {
	b.some, b.urgent = true, true
	k := key{it.Session, it.ID}
	b.size += len(it.Text)
	if at, ok := b.deltas[k]; ok {
		b.size -= len(b.event.Deltas[at].Text)
		b.event.Deltas[at].Text = "" // the full value says it all; take leaves it out
		b.event.Deltas[at].Rev = 0
		delete(b.deltas, k)
	}
	if at, ok := b.items[k]; ok {
		b.size -= len(b.event.Items[at].Text)
		b.event.Items[at] = it
		return
	}
	if b.items == nil {
		b.items = map[key]int{}
	}
	b.items[k] = len(b.event.Items)
	b.event.Items = append(b.event.Items, it)
}

func (b *bundle) addDelta(d session.Delta) {
	b.some, b.urgent = true, true
	k := key{d.Session, d.Item}
	b.size += len(d.Text)
	if at, ok := b.items[k]; ok && b.event.Items[at].Rev == d.Prev {
		it := &b.event.Items[at]
		it.Text, it.Rev, it.Size = it.Text+d.Text, d.Rev, d.Size
		return
	}
	if at, ok := b.deltas[k]; ok && b.event.Deltas[at].Rev == d.Prev {
		w := &b.event.Deltas[at]
		w.Text, w.Rev, w.Size = w.Text+d.Text, d.Rev, d.Size
		return
	}
	if b.deltas == nil {
		b.deltas = map[key]int{}
	}
	b.deltas[k] = len(b.event.Deltas)
	b.event.Deltas = append(b.event.Deltas, d)
}

// addConnection keeps a row's last value. Rows wait without haste: nobody reads them as they run by.
func (b *bundle) addConnection(c session.Connection) {
	const row = 200 // bytes, about
	b.some = true
	for i := range b.event.Connections {
		if b.event.Connections[i].ID == c.ID {
			b.event.Connections[i] = c
			return
		}
	}
	b.size += row
	b.event.Connections = append(b.event.Connections, c)
}

// take returns what waits, and forgets it.
func (b *bundle) take() []session.Event {
	e, some := b.event, b.some
	*b = bundle{shown: b.shown}
	if !some {
		return []session.Event{}
	}
	e.Deltas = slices.DeleteFunc(e.Deltas, func(d session.Delta) bool { return d.Rev == 0 })
	return []session.Event{e}
}
