package channel

import (
	"context"
	"fmt"
	"io"
	"sync"
	"time"

	"background-agents/sandbox/wire"
)

// link is one host that is connected.
type link struct {
	s       *Server
	mux     *wire.Mux
	control *wire.Stream
	frames  *wire.FrameReader
	writing sync.Mutex // one frame at a time
	flow    *flow
}

func (l *link) close() { _ = l.mux.Close() }

// serve serves one connection until it ends. shaken is called once it has said hello or failed to.
func (s *Server) serve(ctx context.Context, conn io.ReadWriteCloser, shaken func()) {
	mux, err := wire.Server(conn)
	if err != nil {
		_ = conn.Close()
		return
	}
	l := &link{s: s, mux: mux, flow: newFlow()}
	defer l.close()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	stop := context.AfterFunc(ctx, l.close)
	defer stop()
	late := time.AfterFunc(helloTimeout, l.close)
	hello, err := l.hear()
	if err != nil || !late.Stop() {
		return
	}
	shaken()
	s.activate(l)
	defer s.deactivate(l)
	l.run(ctx, hello)
}

// hear reads the host's greeting. A host of another version is told ours, and no more.
func (l *link) hear() (wire.Hello, error) {
	var err error
	if l.control, err = l.mux.Accept(); err != nil {
		return wire.Hello{}, err
	}
	var h wire.Header
	if err := wire.ReadLine(l.control, &h); err != nil {
		return wire.Hello{}, err
	}
	if h.Stream != wire.StreamControl {
		return wire.Hello{}, fmt.Errorf("the first stream is %q", h.Stream)
	}
	l.frames = wire.NewFrameReader(l.control)
	f, _, err := l.frames.Next()
	if err != nil {
		return wire.Hello{}, err
	}
	if f.Hello == nil {
		return wire.Hello{}, fmt.Errorf("the first frame is no hello")
	}
	if f.Hello.Version != wire.Version {
		_ = l.write(wire.Frame{Hello: &wire.Hello{Version: wire.Version}})
		_ = l.control.CloseWrite()
		_, _, _ = l.frames.Next() // the host hangs up when it has read that
		return wire.Hello{}, fmt.Errorf("the host speaks version %d", f.Hello.Version)
	}
	return *f.Hello, nil
}

// run tells the journal and does calls until the link ends.
func (l *link) run(ctx context.Context, hello wire.Hello) {
	entries, renewed, err := l.s.journal.Attach(hello.Cursor)
	if err != nil {
		return
	}
	defer entries.Close()
	l.s.handler.Attached(renewed)
	if l.write(wire.Frame{Hello: &wire.Hello{Version: wire.Version, Session: hello.Session, Cursor: l.s.journal.End()}}) != nil {
		return
	}
	ctx, cancel := context.WithCancel(ctx)
	var wg sync.WaitGroup
	wg.Go(func() { defer l.close(); l.tell(ctx, entries) })
	wg.Go(func() { defer l.close(); l.accept(ctx, &wg) })
	l.listen(ctx, &wg)
	l.close()
	cancel()
	wg.Wait()
}

func (l *link) write(f wire.Frame) error {
	l.writing.Lock()
	defer l.writing.Unlock()
	return wire.WriteFrame(l.control, f)
}

// listen reads what the host says on the control stream.
func (l *link) listen(ctx context.Context, wg *sync.WaitGroup) {
	places := make(chan struct{}, maxCalls)
	for {
		f, _, err := l.frames.Next()
		switch {
		case err != nil:
			return
		case f.Ack != nil:
			l.flow.ack(f.Ack.Seq)
			l.s.journal.Ack(*f.Ack)
		case f.Call != nil:
			select {
			case places <- struct{}{}:
			default:
				if l.reply(f.Call.ID, nil, &wire.Error{Code: "conflict", Message: "The sandbox has too much to do at once.", Hint: "Try again in a moment."}) != nil {
					return
				}
				continue
			}
			wg.Go(func() {
				defer func() { <-places }()
				result, err := l.s.handler.Call(ctx, *f.Call)
				if l.reply(f.Call.ID, result, err) != nil {
					l.close()
				}
			})
		default:
			return
		}
	}
}

func (l *link) reply(id uint64, result any, err error) error {
	r, err := newReply(id, result, err)
	if err != nil {
		return err
	}
	return l.write(wire.Frame{Reply: &r})
}
