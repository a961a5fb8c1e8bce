package channel

import (
	"context"
	"sync"

	"background-agents/sandbox/supervisor/journal"
	"background-agents/sandbox/wire"
)

// flow counts what the host has been told and not yet acknowledged.
type flow struct {
	mu      sync.Mutex
	sent    []sentFrame // oldest first
	entries int
	bytes   int
	acked   chan struct{} // holds a token after an acknowledgement
}

type sentFrame struct {
	last    uint64
	entries int
	bytes   int
}

func newFlow() *flow { return &flow{acked: make(chan struct{}, 1)} }

func (f *flow) add(s sentFrame) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.sent = append(f.sent, s)
	f.entries += s.entries
	f.bytes += s.bytes
}

func (f *flow) ack(seq uint64) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for len(f.sent) > 0 && f.sent[0].last <= seq {
		f.entries -= f.sent[0].entries
		f.bytes -= f.sent[0].bytes
		f.sent = f.sent[1:]
	}
	select {
	case f.acked <- struct{}{}:
	default:
	}
}

// room waits until more may be sent and returns how many entries.
func (f *flow) room(ctx context.Context) (int, error) {
	for {
		f.mu.Lock()
		entries, bytes := wire.MaxUnacked-f.entries, wire.MaxUnackedBytes-f.bytes
		f.mu.Unlock()
		if entries > 0 && bytes > 0 {
			return min(entries, maxEntries), nil
		}
		select {
		case <-f.acked:
		case <-ctx.Done():
			return 0, ctx.Err()
		}
	}
}

// tell sends the journal to the host as it grows. Many entries go in one frame when there are many.
func (l *link) tell(ctx context.Context, r *journal.Reader) {
	var frame []byte
	for {
		room, err := l.flow.room(ctx)
		if err != nil {
			return
		}
		entries, last, err := r.Next(ctx, room, maxFrame)
		if err != nil {
			return
		}
		frame = wire.AppendEntryFrame(frame[:0], entries)
		l.flow.add(sentFrame{last: last, entries: len(entries), bytes: len(frame)})
		l.writing.Lock()
		_, err = l.control.Write(frame)
		l.writing.Unlock()
		if err != nil {
			return
		}
		if cap(frame) > 64<<10 {
			frame = nil
		}
	}
}
