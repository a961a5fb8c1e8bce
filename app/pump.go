package app

import (
	"context"
	"sync"
	"time"

	"background-agents/backend/session"
)

// Batch is the events of one frame. Seq rises by one from batch to batch; a gap says that events were dropped, and
// that the page must ask for State again.
type Batch struct {
	Seq    uint64          `json:"seq"`
	Events []session.Event `json:"events"`
}

const (
	// frame is the least time between two batches.
	frame = 16 * time.Millisecond
	// calm is how long changes may wait that nobody waits for, such as token counts of sessions in the background.
	calm = 200 * time.Millisecond
	// maxBehind is how many batches the page may be behind before the pump holds back: one that it works on and the
	// next. More would only wait in the page, each older than what is joined here meanwhile.
	maxBehind = 2
)

// pump brings events to the page: one batch a frame, the text of one item joined, items of the focused session only.
// It wakes for events only. What waits is bounded by bundle; a page that is so slow that the bound is reached loses
// the batch, sees the gap, and asks again.
type pump struct {
	emit func(Batch)

	mu     sync.Mutex
	cancel context.CancelFunc // of the running watch
	ended  chan struct{}
	seq    uint64
	acked  uint64
	acks   bool // the page has acknowledged once: it can be waited for
	lost   bool
	focus  session.ID
	last   time.Time // of the last batch
	bundle bundle
	wake   chan struct{} // holds a token when what is due may have changed
}

func newPump(emit func(Batch)) *pump {
	return &pump{emit: emit, wake: make(chan struct{}, 1)}
}

// run sends what is due until ctx ends.
func (p *pump) run(ctx context.Context) {
	defer p.stop()
	for {
		batch, wait := p.next(time.Now())
		if batch != nil {
			p.emit(*batch)
			continue
		}
		var due <-chan time.Time
		if wait > 0 {
			due = time.After(wait)
		}
		select {
		case <-ctx.Done():
			return
		case <-p.wake:
		case <-due:
		}
	}
}

// next returns the batch that is due now, or how long to wait for one; 0 says until woken.
func (p *pump) next(now time.Time) (*Batch, time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.bundle.empty() && !p.lost || p.acks && p.seq-p.acked >= maxBehind {
		return nil, 0
	}
	pace := calm
	if p.bundle.urgent || p.lost {
		pace = frame
	}
	if wait := p.last.Add(pace).Sub(now); wait > 0 {
		return nil, wait
	}
	p.last = now
	p.seq++
	if p.lost || p.bundle.overflowed {
		p.seq++ // the gap
	}
	p.lost = false
	return &Batch{Seq: p.seq, Events: p.bundle.take()}, 0
}

// state starts watching again and returns the whole state; the batches that follow begin with the next Seq.
func (p *pump) state(ctx context.Context, ops session.Operations) (Batch, error) {
	p.stop()
	ctx, cancel := context.WithCancel(ctx)
	ended := make(chan struct{})
	p.mu.Lock()
	p.cancel, p.ended = cancel, ended
	p.bundle = bundle{}
	p.lost = false
	p.mu.Unlock()

	first := make(chan Batch, 1)
	var failure error
	go func() {
		defer close(ended)
		begun := false
		err := ops.Watch(ctx, func(e session.Event) {
			if begun {
				p.add(e)
				return
			}
			begun = true
			first <- p.begin(e)
		})
		failure = err
		if ctx.Err() == nil && begun {
			p.lose()
		}
	}()
	select {
	case b := <-first:
		return b, nil
	case <-ended:
		cancel()
		return Batch{}, failure
	}
}

func (p *pump) begin(e session.Event) Batch {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.seq++
	p.acked = p.seq
	p.bundle.begin(e)
	return Batch{Seq: p.seq, Events: []session.Event{e}}
}

// stop ends the running watch and waits for it.
func (p *pump) stop() {
	p.mu.Lock()
	cancel, ended := p.cancel, p.ended
	p.cancel, p.ended = nil, nil
	p.mu.Unlock()
	if cancel != nil {
		cancel()
		<-ended
	}
}

func (p *pump) add(e session.Event) {
	p.mu.Lock()
	before := p.bundle.urgency()
	p.bundle.add(e, p.focus)
	changed := p.bundle.urgency() != before
	p.mu.Unlock()
	if changed {
		p.rouse()
	}
}

// lose makes the next batch one after a gap: the watch has ended, and the page must start another.
func (p *pump) lose() {
	p.mu.Lock()
	p.lost = true
	p.mu.Unlock()
	p.rouse()
}

func (p *pump) focusOn(id session.ID) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.focus = id
}

func (p *pump) focused() session.ID {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.focus
}

// ack notes that the page has drawn a batch.
func (p *pump) ack(seq uint64) {
	p.mu.Lock()
	p.acks = true
	if seq > p.acked && seq <= p.seq {
		p.acked = seq
	}
	p.mu.Unlock()
	p.rouse()
}

func (p *pump) rouse() {
	select {
	case p.wake <- struct{}{}:
	default:
	}
}
