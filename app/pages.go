package app

import (
	"context"
	"slices"
	"sync"

	"background-agents/backend/session"
)

// pages are those who show the state: the window's page, and in development browsers beside it. Each has a pump, and so
// a focus and an order of batches, of its own. A page that was loaded again is another page.
type pages struct {
	emit func(event string, b Batch)
	most int // kept at once; the one that was heard of longest ago is let go

	mu   sync.Mutex
	open []*onePage // the one heard of last comes last
	wg   sync.WaitGroup
}

type onePage struct {
	id   string
	pump *pump
	end  context.CancelFunc
}

func newPages(emit func(event string, b Batch)) *pages {
	ps := &pages{emit: emit, most: 1}
	if developing {
		ps.most = 4
	}
	return ps
}

// state begins the events of a page again, with the state that they start from. ctx bounds the events.
func (ps *pages) state(ctx context.Context, id string, ops session.Operations) (Batch, error) {
	p := ps.of(id)
	if p == nil {
		p = ps.add(ctx, id)
	}
	return p.state(ctx, ops)
}

// of returns a page's pump, nil where there is no such page.
func (ps *pages) of(id string) *pump {
	ps.mu.Lock()
	defer ps.mu.Unlock()
	i := slices.IndexFunc(ps.open, func(p *onePage) bool { return p.id == id })
	if i < 0 {
		return nil
	}
	p := ps.open[i]
	ps.open = append(slices.Delete(ps.open, i, i+1), p)
	return p.pump
}

func (ps *pages) add(ctx context.Context, id string) *pump {
	ctx, end := context.WithCancel(ctx)
	p := &onePage{id: id, pump: newPump(func(b Batch) { ps.emit("events:"+id, b) }), end: end}
	ps.mu.Lock()
	defer ps.mu.Unlock()
	ps.wg.Go(func() { p.pump.run(ctx) })
	ps.open = append(ps.open, p)
	if len(ps.open) > ps.most {
		ps.open[0].end()
		ps.open = slices.Delete(ps.open, 0, 1)
	}
	return p.pump
}

// focused reports whether a page shows the session.
func (ps *pages) focused(id session.ID) bool {
	ps.mu.Lock()
	defer ps.mu.Unlock()
	return slices.ContainsFunc(ps.open, func(p *onePage) bool { return p.pump.focused() == id })
}

// wait returns when the context of every page has ended, and with it their events.
func (ps *pages) wait() { ps.wg.Wait() }
