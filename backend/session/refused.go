package session

import (
	"context"
	"strconv"
	"time"
)

// These are reasons why an entry of a journal is not kept, in words for the user. An honest supervisor sends none of
// them: something in the sandbox has taken its place.
const (
	refusedTwice  = "an item comes twice"
	refusedKind   = "an item changes its kind"
	refusedBegins = "a turn begins twice"
	refusedEnds   = "a turn ends twice"
)

// impossible says why an entry cannot be kept, "" where it can.
func impossible(s *Session, b *batch, e Entry) string {
	switch {
	case e.Refused != "":
		return e.Refused
	case e.Delta != nil:
		return b.other(e.Delta.Item, e.Delta.Kind)
	case e.Tool != nil:
		return b.other(e.Tool.Item, KindTool)
	case e.Plan != nil:
		return b.other(e.Plan.Item, KindPlan)
	case e.Permission != nil:
		return b.other(e.Permission.Item, KindPermission)
	case e.Phase != nil:
		return b.other(e.Phase.Item, KindPhase)
	case e.Proposal != nil && b.find(e.Proposal.Item) != nil, e.Notice != nil && b.find(e.Notice.Item) != nil,
		e.Missing != nil && b.find(e.Missing.Item) != nil:
		return refusedTwice
	case e.TurnBegin != nil && b.find(promptItem(e.TurnBegin.Prompt)) != nil:
		return refusedBegins
	case e.TurnEnd != nil && b.find(turnItem(s.Turns)) != nil:
		return refusedEnds
	}
	return ""
}

// other says that an item is of another kind than it was, "" where it is new or of this one.
func (b *batch) other(id ItemID, kind Kind) string {
	if it := b.find(id); it != nil && it.Kind != kind {
		return refusedKind
	}
	return ""
}

// refuse passes over an entry and tells the user, once in a turn.
func refuse(s *Session, b *batch, why string) {
	if b.refused {
		return
	}
	b.refused = true
	id := ItemID("refused-" + strconv.Itoa(s.Turns))
	if b.find(id) != nil {
		return
	}
	s.Error = newError(CodeJournal, "The sandbox sent entries that cannot be kept: "+why+". They were left out.",
		"Look at what the agent did: something in its sandbox may have taken the supervisor's place. Retry starts it again.", nil)
	s.Unread = true
	it := b.add(id, KindNotice)
	b.write(it, s.Error.Message+" "+s.Error.Hint)
	b.done(it)
}

// ancestor returns the parent of a new item: a tool call that is there already, so that no item is its own ancestor.
func (b *batch) ancestor(parent ItemID) ItemID {
	if parent == "" {
		return ""
	}
	if it := b.find(parent); it == nil || it.Kind != KindTool {
		return ""
	}
	return parent
}

// lossTold is the pause after lost links from which on the user is told of them.
const lossTold = 2 * time.Second

// tellLoss tells the user, once, that the channel to the sandbox breaks off again and again.
func (r *runner) tellLoss(ctx context.Context) {
	s, err := r.m.session(r.id)
	if err == nil && s.Error == nil {
		err = r.m.set(ctx, r.id, func(s *Session) {
			s.Unread = true
			s.Error = newError(CodeJournal, "The channel to the sandbox breaks off again and again.",
				"Stop the session and start it again: its files are kept. `bga doctor` checks the engine.", nil)
		})
	}
	if err != nil && ctx.Err() == nil {
		r.m.Log.Error("record that the channel breaks", "session", r.id, "err", err)
	}
}
