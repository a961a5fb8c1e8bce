package channel

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"path/filepath"
	"testing"
	"time"

	"github.com/hashicorp/yamux"

	"background-agents/sandbox/supervisor/journal"
	"background-agents/sandbox/wire"
)

// yes is a handler that does what it is asked at once.
type yes struct{}

func (yes) Attached(bool)                                {}
func (yes) Call(context.Context, wire.Call) (any, error) { return nil, nil }
func (yes) Send(_ context.Context, _ wire.Call, w io.Writer) error {
	_, err := w.Write([]byte("x"))
	return err
}
func (yes) Receive(_ context.Context, _ wire.Call, r io.Reader) (any, error) {
	_, err := io.Copy(io.Discard, r)
	return nil, err
}

// FuzzHost lets anything in the sandbox that reaches the supervisor's socket play the host: after a proper greeting it sends any
// frames, and opens a stream with any bytes. The supervisor lives on, and the next host is served.
func FuzzHost(f *testing.F) {
	frame := func(fr wire.Frame) []byte {
		b, err := wire.AppendFrame(nil, fr)
		if err != nil {
			f.Fatal(err)
		}
		return b
	}
	f.Add(frame(wire.Frame{Call: &wire.Call{ID: 1, Method: wire.MethodCheckpoint}}), []byte("{\"stream\":\"call\",\"call\":{\"id\":1,\"method\":\"bundle\"}}\n"))
	f.Add(frame(wire.Frame{Ack: &wire.Cursor{Epoch: "x", Seq: 1 << 60}}), []byte("{\"stream\":\"dial\",\"port\":1}\n"))
	f.Add(frame(wire.Frame{Hello: &wire.Hello{Version: wire.Version}}), []byte("{\"stream\":\"call\",\"call\":{\"id\":1,\"method\":\"import\"}}\n\x00\x00\x00\x02hi\x00\x00\x00\x00"))
	f.Add(frame(wire.Frame{Reply: &wire.Reply{ID: 1}}), []byte("{\"stream\":\"control\"}\n"))
	f.Add([]byte{0xff, 0xff, 0xff, 0xff}, []byte("\n"))
	f.Add([]byte{0, 0, 0, 2, '{', '}'}, bytes.Repeat([]byte("["), 100))
	f.Add([]byte{}, []byte("{\"stream\":\"dial\",\"port\":-1}\n"))

	j, err := journal.Open(filepath.Join(f.TempDir(), "journal"))
	if err != nil {
		f.Fatal(err)
	}
	server := New(j, yes{})
	f.Fuzz(func(t *testing.T, frames, stream []byte) {
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		ours, theirs := net.Pipe()
		served := make(chan struct{})
		go func() { defer close(served); server.serve(ctx, ours, func() {}) }()
		play(t, theirs, frames, stream)
		_ = theirs.Close()
		select {
		case <-served:
		case <-time.After(10 * time.Second):
			t.Fatal("the supervisor does not let go of a host that has gone")
		}
		if err := j.Err(); err != nil {
			t.Fatalf("the journal is broken: %v", err)
		}
	})
}

func play(t *testing.T, conn net.Conn, frames, stream []byte) {
	t.Helper()
	c := yamux.DefaultConfig()
	c.EnableKeepAlive, c.LogOutput = false, io.Discard
	mux, err := yamux.Client(conn, c)
	if err != nil {
		t.Fatal(err)
	}
	defer mux.Close()
	control, err := mux.OpenStream()
	if err != nil {
		t.Fatal(err)
	}
	_ = control.SetDeadline(time.Now().Add(5 * time.Second))
	if err := errors.Join(wire.WriteLine(control, wire.Header{Stream: wire.StreamControl}), wire.WriteFrame(control, wire.Frame{Hello: &wire.Hello{Version: wire.Version, Session: "s"}})); err != nil {
		t.Fatal(err)
	}
	in := wire.NewFrameReader(control)
	if _, _, err := in.Next(); err != nil {
		t.Fatalf("a host that greets properly is not greeted: %v", err)
	}
	if s, err := mux.OpenStream(); err == nil {
		_, _ = s.Write(stream)
		_ = s.Close()
	}
	_, _ = control.Write(frames)
	_ = control.Close() // its half
	for {               // what it answers, until it hangs up or has no more to say
		if _, _, err := in.Next(); err != nil {
			return
		}
	}
}
