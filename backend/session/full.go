package session

import (
	"context"
	"slices"
	"time"
)

// MaxTranscript bounds what is kept of one session's transcript, in bytes. A long turn makes about 1 MB, so no honest session gets
// there; a sandbox that says without end what it likes ends there, and not where the disk does.
const MaxTranscript = 2 << 30

// itemWeight is what an item takes beside its texts: its row, its places in the indexes.
const itemWeight = 512

// fullPause is how long the turn of a session whose transcript is full has to end, and to bring out its result.
const fullPause = 10 * time.Second

// Weight is what the item takes in the store, nearly, in bytes.
func (it *Item) Weight() int64 {
	n := itemWeight + len(it.Text)
	if t := it.Tool; t != nil {
		n += len(t.Title) + len(t.Input)
		for _, p := range t.Paths {
			n += len(p) + 4
		}
		for _, e := range t.Edits {
			n += len(e.Path) + 48
		}
	}
	for _, p := range it.Plan {
		n += len(p.Text) + len(p.Priority) + 64
	}
	if p := it.Permission; p != nil {
		n += len(p.Title) + len(p.Detail)
		for _, o := range p.Options {
			n += len(o.ID) + len(o.Name) + 48
		}
	}
	if p := it.Proposal; p != nil {
		n += len(p.Title) + len(p.Body)
	}
	return int64(n)
}

func full(s Session) bool { return s.Stored >= MaxTranscript }

func errFull() *Error {
	return newError(CodeTranscriptFull, "The transcript of this session is full: it holds 2 GB.", "Start a new session from its branch.", nil)
}

// passedOver reports whether an entry finds no room in a transcript that is full. The end of a turn that was asked for does.
func passedOver(s *Session, e Entry) bool {
	if !full(*s) {
		return false
	}
	return e.TurnEnd == nil || !slices.ContainsFunc(s.Prompts, func(p Prompt) bool { return p.Sent && p.ID == e.TurnEnd.Prompt })
}

// endFull tells the user that a session's transcript has become full, and ends its turn, or the sandbox where that does not end it.
func (m *Manager) endFull(id ID) {
	_, err := m.update(m.ctx, id, func(s *Session, b *batch) error {
		notice(b, errFull().Message+" "+errFull().Hint)
		if s.Refused == nil && slices.ContainsFunc(s.Prompts, func(p Prompt) bool { return p.Sent }) {
			s.Refused = errFull()
		}
		return nil
	})
	r := m.runner(id)
	if err != nil || r == nil {
		return // deleted meanwhile
	}
	if link := r.current(); link != nil {
		ctx, cancel := context.WithTimeout(m.ctx, fullPause)
		_ = link.Cancel(ctx) // what does not hear it is stopped below
		cancel()
	}
	for end := m.Now().Add(fullPause); m.Now().Before(end); {
		s, err := m.session(id)
		if err != nil || s.Status == Failed && s.Pending == nil {
			return
		}
		if s.WorkedSince == 0 && s.Pending == nil && !slices.ContainsFunc(s.Prompts, func(p Prompt) bool { return p.Sent }) {
			break // there is no turn: it says all this for nothing
		}
		select {
		case <-m.ctx.Done():
			return
		case <-time.After(fullPause / 50):
		}
	}
	if err := m.halt(m.ctx, r); err != nil {
		m.Log.Error("stop a sandbox that says too much", "session", id, "err", err)
	}
}
