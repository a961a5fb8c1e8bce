package main

import (
	"context"

	"github.com/spf13/cobra"

	"background-agents/backend/session"
)

func (c *cli) logCommand() *cobra.Command {
	var follow bool
	var since uint64
	cmd := c.onSession("log ID", "Print the transcript", cobra.ExactArgs(1),
		func(ctx context.Context, at *access, s session.Session, _ []string) error {
			if !follow {
				return c.log(ctx, at, s, since)
			}
			t := newTail(c, s.ID, since)
			_, err := c.follow(ctx, at, s.ID, t.show, func(session.Session) bool { return t.err != nil })
			if t.err != nil {
				return t.err
			}
			return err
		})
	cmd.Flags().BoolVarP(&follow, "follow", "f", false, "go on with what comes, until interrupted")
	cmd.Flags().Uint64Var(&since, "since", 0, "only what comes after the item with this number")
	return cmd
}

// log prints what there is.
func (c *cli) log(ctx context.Context, at *access, s session.Session, since uint64) error {
	t := &transcript{w: c.out}
	for from := since + 1; ; {
		items, err := at.Items(ctx, s.ID, from, 1000)
		if err != nil {
			return err
		}
		for _, it := range items {
			from = it.Seq + 1
			if c.json {
				if err := c.printLine(it); err != nil {
					return err
				}
				continue
			}
			t.show(it)
			t.leave(it)
		}
		if len(items) == 0 {
			t.close()
			return nil
		}
	}
}

// tail prints a transcript as it grows: what is stored first, then the events. After a lost place it asks for what
// changed since the last thing it printed, so that nothing is missed or printed twice.
type tail struct {
	c     *cli
	id    session.ID
	since uint64
	rev   uint64
	text  *transcript
	items map[session.ItemID]session.Item // those that may still change
	err   error
}

func newTail(c *cli, id session.ID, since uint64) *tail {
	return &tail{c: c, id: id, since: since, text: &transcript{w: c.out, live: true}, items: map[session.ItemID]session.Item{}}
}

func (t *tail) show(at *access, e session.Event) {
	if e.State {
		t.catchUp(at, e)
		return
	}
	mine := session.Event{Gone: e.Gone}
	for _, s := range e.Sessions {
		if s.ID == t.id {
			mine.Sessions = append(mine.Sessions, s)
		}
	}
	for _, it := range e.Items {
		if it.Session == t.id && it.Rev > t.rev && it.Seq > t.since {
			t.rev = it.Rev
			mine.Items = append(mine.Items, it)
		}
	}
	for _, d := range e.Deltas {
		if d.Session == t.id && d.Rev > t.rev {
			t.rev = d.Rev
			mine.Deltas = append(mine.Deltas, d)
		}
	}
	if t.c.json {
		t.err = t.c.printLine(mine)
		return
	}
	for _, it := range mine.Items {
		t.item(it)
	}
	for _, d := range mine.Deltas {
		if it, ok := t.items[d.Item]; ok {
			it.Text += d.Text
			t.item(it)
		}
	}
}

// catchUp prints what was stored since the last time.
func (t *tail) catchUp(at *access, e session.Event) {
	first := t.rev == 0
	for from := t.since + 1; t.err == nil; {
		var items []session.Item
		if first {
			items, t.err = at.Items(context.Background(), t.id, from, 1000)
		} else {
			items, t.err = at.Changed(context.Background(), t.id, t.rev, 1000)
		}
		if len(items) == 0 {
			break
		}
		for _, it := range items {
			from = it.Seq + 1
			if !first {
				t.rev = max(t.rev, it.Rev)
			}
			if t.c.json {
				t.err = t.c.printLine(session.Event{Items: []session.Item{it}})
				continue
			}
			t.item(it)
		}
	}
	for _, s := range e.Sessions {
		if s.ID == t.id && first {
			t.rev = s.Rev
		}
	}
}

func (t *tail) item(it session.Item) {
	if it.DoneAt == 0 {
		t.items[it.ID] = it
	} else {
		delete(t.items, it.ID)
	}
	t.text.show(it)
}
