package journal

import (
	"strings"

	"background-agents/sandbox/wire"
)

// epochSize is the length of an epoch.
const epochSize = 16

// own makes the entry's items the epoch's: their ids begin with it, so that no two journals of a session share one.
func own(e *wire.Entry) {
	switch {
	case e.Delta != nil:
		d := *e.Delta
		d.Item, d.Parent = within(e.Epoch, d.Item), within(e.Epoch, d.Parent)
		e.Delta = &d
	case e.Tool != nil:
		t := *e.Tool
		t.Item, t.Parent = within(e.Epoch, t.Item), within(e.Epoch, t.Parent)
		e.Tool = &t
	case e.Plan != nil:
		p := *e.Plan
		p.Item = within(e.Epoch, p.Item)
		e.Plan = &p
	case e.Permission != nil:
		p := *e.Permission
		p.Item, p.Tool = within(e.Epoch, p.Item), within(e.Epoch, p.Tool)
		e.Permission = &p
	case e.Proposal != nil:
		p := *e.Proposal
		p.Item = within(e.Epoch, p.Item)
		e.Proposal = &p
	case e.Missing != nil:
		m := *e.Missing
		m.Item = within(e.Epoch, m.Item)
		e.Missing = &m
	case e.Phase != nil:
		p := *e.Phase
		p.Item = within(e.Epoch, p.Item)
		e.Phase = &p
	case e.Notice != nil:
		n := *e.Notice
		n.Item = within(e.Epoch, n.Item)
		e.Notice = &n
	}
}

func within(epoch, item string) string {
	if item == "" || strings.HasPrefix(item, epoch) {
		return item
	}
	return epoch + "." + item
}

// Local returns an item's id as it was before Append put the epoch before it.
func Local(item string) string {
	if len(item) > epochSize && item[epochSize] == '.' && strings.Trim(item[:epochSize], "0123456789abcdef") == "" {
		return item[epochSize+1:]
	}
	return item
}
