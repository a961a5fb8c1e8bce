package sandboxlink

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"sync"
	"sync/atomic"

	"background-agents/backend/session"
	"background-agents/sandbox/wire"
)

// maxCalls bounds the calls that are under way on a link.
const maxCalls = 64

// Link is one live channel. It implements session.Link.
type Link struct {
	handler session.LinkHandler
	log     *slog.Logger
	mux     *wire.Mux
	control *wire.Stream
	frames  *wire.FrameReader
	inbox   *inbox
	epoch   string
	at      session.Cursor // of the last entry heard; only listen touches it
	out     chan wire.Frame

	ctx    context.Context // ends with the link
	cancel context.CancelFunc
	ended  chan struct{} // closed when the link has failed or was closed
	done   chan struct{} // closed when its goroutines have ended too

	mu      sync.Mutex
	err     error // why it ended
	lastID  uint64
	fresh   atomic.Bool
	pending map[uint64]chan wire.Reply
}

var _ session.Link = (*Link)(nil)

// Epoch implements session.Link.
func (l *Link) Epoch() string { return l.epoch }

// Done implements session.Link.
func (l *Link) Done() <-chan struct{} { return l.done }

// Close implements session.Link. It does not wait: Done says when Entries is called no more.
func (l *Link) Close() error {
	l.fail(net.ErrClosed)
	return nil
}

// fail ends the link; the first reason stays.
func (l *Link) fail(err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.err != nil {
		return
	}
	if err == nil {
		err = net.ErrClosed
	}
	l.err = err
	close(l.ended)
	l.cancel()
	if !errors.Is(err, net.ErrClosed) {
		l.log.Info("link to the sandbox ended", "err", err)
	}
	go func() { _ = l.mux.Close() }() // it waits for the peer's last bytes
}

// lost returns why the link ended, as the error of what needed it.
func (l *Link) lost() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return fmt.Errorf("%w: %w", session.ErrLinkLost, l.err)
}

// listen reads what the supervisor says. It never waits for the handler: what the supervisor may send ahead of the
// acknowledgements has room in the inbox.
func (l *Link) listen() error {
	for {
		f, size, err := l.frames.Next()
		switch {
		case err != nil:
			return err
		case f.Reply != nil:
			l.answer(*f.Reply)
		case len(f.Entry) > 0:
			entries, err := l.check(f.Entry)
			if err != nil {
				return fmt.Errorf("the sandbox's journal: %w", err)
			}
			if err := l.inbox.put(entries, size); err != nil {
				return err
			}
		default:
			return errors.New("the sandbox sent a frame that is not its to send")
		}
	}
}

// check translates a frame of entries, which must follow on what came before.
func (l *Link) check(entries []wire.Entry) ([]session.Entry, error) {
	out := make([]session.Entry, len(entries))
	for i, e := range entries {
		if e.Epoch != l.at.Epoch || e.Seq != l.at.Seq+1 {
			return nil, fmt.Errorf("entry %.40q/%d follows on %d", e.Epoch, e.Seq, l.at.Seq)
		}
		t, err := translate(e)
		if err != nil {
			l.refused(e.Seq, err)
			t = session.Entry{Epoch: e.Epoch, Seq: e.Seq, At: plausible(e.At), Refused: why(err)}
		}
		l.at.Seq = e.Seq
		out[i] = t
	}
	return out, nil
}

// refused says in the log what is left out.
func (l *Link) refused(seq uint64, err error) {
	if l.log != nil {
		l.log.Warn("an entry of the sandbox's journal cannot be kept", "seq", seq, "err", err)
	}
}

// deliver gives entries to the handler, as many at once as there are, and acknowledges them.
func (l *Link) deliver() error {
	for {
		entries, err := l.inbox.take(l.ctx)
		if err != nil {
			return err
		}
		if err := l.handler.Entries(l.ctx, entries); err != nil {
			return fmt.Errorf("store the journal's entries: %w", err)
		}
		last := entries[len(entries)-1]
		if err := l.send(l.ctx, wire.Frame{Ack: &wire.Cursor{Epoch: last.Epoch, Seq: last.Seq}}); err != nil {
			return err
		}
	}
}

// send queues a frame for the supervisor.
func (l *Link) send(ctx context.Context, f wire.Frame) error {
	select {
	case l.out <- f:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	case <-l.ended:
		return l.lost()
	}
}

// write writes the frames that are queued, several at once where they wait.
func (l *Link) write() error {
	var buf []byte
	for {
		var err error
		select {
		case f := <-l.out:
			buf, err = wire.AppendFrame(buf[:0], f)
		case <-l.ended:
			return nil
		}
		for more := true; more && err == nil && len(buf) < 64<<10; {
			select {
			case f := <-l.out:
				buf, err = wire.AppendFrame(buf, f)
			default:
				more = false
			}
		}
		if err == nil {
			_, err = l.control.Write(buf)
		}
		if err != nil {
			return err
		}
		if cap(buf) > 64<<10 {
			buf = nil
		}
	}
}
