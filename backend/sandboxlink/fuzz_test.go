package sandboxlink

import (
	"bytes"
	"context"
	"net"
	"testing"
	"time"

	"background-agents/backend/session"
	"background-agents/sandbox/wire"
)

// FuzzFrames lets a supervisor that has greeted properly send any bytes as frames. Whatever they are, the link ends or goes on,
// and what reaches the handler is the journal in its order.
func FuzzFrames(f *testing.F) {
	frame := func(fs ...wire.Frame) []byte {
		var b bytes.Buffer
		for _, fr := range fs {
			if err := wire.WriteFrame(&b, fr); err != nil {
				f.Fatal(err)
			}
		}
		return b.Bytes()
	}
	entries := func(e ...wire.Entry) wire.Frame { return wire.Frame{Entry: e} }
	tool := wire.Entry{Epoch: epoch, Seq: 2, Tool: &wire.Tool{Item: epoch + ".t", Title: "t", Kind: "edit", Status: "completed", Paths: []string{"a"}, Edits: []wire.Edit{{Path: "a", Added: 1}}}}
	ask := wire.Entry{Epoch: epoch, Seq: 1, Permission: &wire.Permission{Item: epoch + ".p", ID: "host:x", Options: []wire.PermissionOption{{ID: "o", Kind: "allow_once"}}}}
	end := wire.Entry{Epoch: epoch, Seq: 1, TurnEnd: &wire.TurnEnd{Prompt: "p", Stop: "error", Error: &wire.Error{Code: "x"}, Checkpoint: wire.Checkpoint{Commit: "--x", Files: "y"}}}
	for _, seed := range [][]byte{
		frame(entries(proper(1), tool)), frame(entries(proper(2))), frame(entries(proper(1)), entries(proper(1))), frame(entries(ask)), frame(entries(end)),
		frame(wire.Frame{Reply: &wire.Reply{ID: 1}}), frame(wire.Frame{Ack: &wire.Cursor{Epoch: epoch, Seq: 9}}), frame(wire.Frame{Hello: &wire.Hello{Version: 1}}),
		frame(wire.Frame{Call: &wire.Call{ID: 1, Method: "start"}}), {0xff, 0xff, 0xff, 0xff}, {0, 0, 0, 2, '{', '}'}, {0, 0, 0, 0}, frame(entries(proper(1)))[:20],
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		var last uint64
		handle := func(_ context.Context, entries []session.Entry) error {
			for _, e := range entries {
				if e.Epoch != epoch || e.Seq != last+1 {
					t.Errorf("entry %s/%d follows on %d", e.Epoch, e.Seq, last)
				}
				last = e.Seq
			}
			return nil
		}
		ours, theirs := net.Pipe()
		go func() {
			mux, err := wire.Server(theirs)
			if err != nil {
				return
			}
			defer mux.Close()
			control, err := mux.Accept()
			if err != nil {
				return
			}
			var head wire.Header
			frames := wire.NewFrameReader(control)
			if wire.ReadLine(control, &head) != nil {
				return
			}
			if _, _, err := frames.Next(); err != nil {
				return
			}
			_ = wire.WriteFrame(control, wire.Frame{Hello: &wire.Hello{Version: wire.Version, Session: "s1", Cursor: wire.Cursor{Epoch: epoch}}})
			_, _ = control.Write(b)
			_ = control.CloseWrite()
			for err == nil { // acknowledgements
				_, _, err = frames.Next()
			}
		}()
		l, err := Linker{}.Connect(context.Background(), ours, session.LinkHandler{Session: "s1", Entries: handle})
		if err != nil {
			return
		}
		select {
		case <-l.Done():
		case <-time.After(10 * time.Second):
			t.Error("the link does not end")
		}
		_ = l.Close()
		<-l.Done()
	})
}

// FuzzChannel lets whatever is at the other end send any bytes before anything is agreed on.
func FuzzChannel(f *testing.F) {
	f.Add([]byte("HTTP/1.1 200 OK\r\n\r\n"))
	f.Add([]byte{0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 0})                   // a stream of the host's is opened
	f.Add([]byte{0, 2, 0, 1, 0, 0, 0, 0, 0, 0, 0, 9})                   // a ping
	f.Add([]byte{0, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0})                   // the end
	f.Add([]byte{0, 1, 0, 2, 0, 0, 0, 1, 0xff, 0xff, 0xff, 0xff})       // a window without end
	f.Add([]byte{0, 0, 0, 0, 0, 0, 0, 1, 0xff, 0xff, 0xff, 0xff, 1, 2}) // more data than there is
	f.Add([]byte{1, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0})                   // another version
	f.Fuzz(func(t *testing.T, b []byte) {
		ours, theirs := net.Pipe()
		go func() {
			go func() { // the host's own bytes are read, and mean nothing
				buf := make([]byte, 4096)
				for {
					if _, err := theirs.Read(buf); err != nil {
						return
					}
				}
			}()
			_, _ = theirs.Write(b)
			_ = theirs.Close()
		}()
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		l, err := Linker{}.Connect(ctx, ours, session.LinkHandler{Session: "s1", Entries: func(context.Context, []session.Entry) error { return nil }})
		if ctx.Err() != nil {
			t.Error("the greeting does not end")
		}
		if err == nil {
			_ = l.Close()
			<-l.Done()
		}
	})
}
