package sandboxlink

import (
	"context"
	"errors"
	"sync"

	"background-agents/backend/session"
	"background-agents/sandbox/wire"
)

// Bounds of one call of Entries; one frame may go past them.
const (
	maxBatch      = 2000    // entries
	maxBatchBytes = 1 << 20 // of their JSON
)

// inbox holds the entries that the handler has not taken. A supervisor that keeps to the protocol cannot overfill it.
type inbox struct {
	ready chan struct{} // holds a token while there are frames

	mu      sync.Mutex
	frames  []frame
	entries int // held, and with the handler
	bytes   int
	taken   frame // what the handler has
}

type frame struct {
	entries []session.Entry
	bytes   int
}

func newInbox() *inbox { return &inbox{ready: make(chan struct{}, 1)} }

func (b *inbox) put(entries []session.Entry, bytes int) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.entries += len(entries)
	b.bytes += bytes
	if b.entries > wire.MaxUnacked || b.bytes > wire.MaxUnackedBytes+wire.MaxFrame {
		return errors.New("the sandbox sent more than was acknowledged")
	}
	b.frames = append(b.frames, frame{entries, bytes})
	select {
	case b.ready <- struct{}{}:
	default:
	}
	return nil
}

// take waits for entries and returns as many as fit one call; what it returned before is done with.
func (b *inbox) take(ctx context.Context) ([]session.Entry, error) {
	b.mu.Lock()
	b.entries -= len(b.taken.entries)
	b.bytes -= b.taken.bytes
	b.taken = frame{}
	b.mu.Unlock()
	for {
		if batch := b.batch(); len(batch) > 0 {
			return batch, nil
		}
		select {
		case <-b.ready:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

func (b *inbox) batch() []session.Entry {
	b.mu.Lock()
	defer b.mu.Unlock()
	var t frame
	for len(b.frames) > 0 {
		f := b.frames[0]
		if len(t.entries) > 0 && (len(t.entries)+len(f.entries) > maxBatch || t.bytes+f.bytes > maxBatchBytes) {
			break
		}
		t.entries, t.bytes = append(t.entries, f.entries...), t.bytes+f.bytes
		b.frames = b.frames[1:]
	}
	b.taken = t
	return t.entries
}
