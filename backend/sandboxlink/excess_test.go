package sandboxlink

import (
	"context"
	"encoding/binary"
	"io"
	"net"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"background-agents/backend/session"
	"background-agents/sandbox/wire"
)

// flood passes over a test where time is short: under the race detector it takes minutes, and memory of its own.
func flood(t *testing.T) {
	t.Helper()
	if testing.Short() {
		t.Skip("a flood takes long")
	}
}

// A supervisor that does not wait for acknowledgements is cut off before it fills memory.
func TestEntriesAheadOfTheirAcknowledgementEndTheLink(t *testing.T) {
	h := newHost()
	release := make(chan struct{})
	defer close(release)
	var rw net.Conn
	s := &supervisor{t: t}
	rw, s.conn = net.Pipe()
	ready := make(chan struct{})
	go func() {
		s.mux, _ = wire.Server(s.conn)
		s.control, _ = s.mux.Accept()
		_ = wire.WriteFrame(s.control, wire.Frame{Hello: &wire.Hello{Version: wire.Version, Session: "s1", Cursor: wire.Cursor{Epoch: epoch}}})
		close(ready)
	}()
	l, err := Linker{}.Connect(context.Background(), rw, session.LinkHandler{Session: "s1", Entries: func(ctx context.Context, e []session.Entry) error {
		select {
		case <-release:
		case <-ctx.Done():
		}
		return h.store(ctx, e)
	}})
	if err != nil {
		t.Fatal(err)
	}
	<-ready
	go func() {
		for seq := uint64(1); ; seq++ {
			e := proper(seq)
			e.Notice.Text = strings.Repeat("x", 10_000)
			if s.send(e) != nil {
				return
			}
		}
	}()
	ends(t, l)
}

func TestThousandsOfStreamsEndTheLink(t *testing.T) {
	flood(t)
	h := newHost()
	h.model = func(ctx context.Context, c net.Conn) { <-ctx.Done(); _ = c.Close() }
	s, l := hostile(t, h)
	before := runtime.NumGoroutine()
	go func() {
		for {
			stream, err := s.mux.Open(wire.Header{Stream: wire.StreamModel})
			if err != nil {
				return
			}
			// And never read, never close. With a limit, since a muxer that ends leaves its writers turning in circles until each is told.
			_ = stream.SetWriteDeadline(time.Now().Add(20 * time.Second))
			go func() { _, _ = io.Copy(stream, endless{}) }()
		}
	}()
	most := 0
	for done := false; !done; {
		select {
		case <-l.Done():
			done = true
		case <-time.After(10 * time.Millisecond):
			most = max(most, runtime.NumGoroutine()-before)
		}
	}
	if most > 8*maxStreams {
		t.Errorf("%d goroutines", most)
	}
}

func TestGuardFollowsHeadsAcrossReads(t *testing.T) {
	data := func(n int) []byte {
		return append(binary.BigEndian.AppendUint32([]byte{0, 0, 0, 0, 0, 0, 0, 1}, uint32(n)), slices.Repeat([]byte{2}, n)...)
	}
	window := []byte{0, 1, 0, 0, 0, 0, 0, 1, 0xff, 0xff, 0xff, 0xff}
	good := slices.Concat(data(0), data(5), window, data(300), window)
	bad := append(slices.Clone(good), 0, 2, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0)
	for step := 1; step < 40; step++ {
		for want, b := range map[bool][]byte{true: good, false: bad} {
			g, ok := newGuard(nil), true
			for part := range slices.Chunk(b, step) {
				ok = ok && g.allow(part)
			}
			if ok != want {
				t.Errorf("in steps of %d: %v", step, ok)
			}
		}
	}
}

// FuzzEntries gives the host whatever a frame may hold.
func FuzzEntries(f *testing.F) {
	f.Add([]byte(`{"entry":[{"epoch":"0123456789abcdef","seq":1,"delta":{"item":"0123456789abcdef.i","kind":"message","text":"t"}}]}`))
	f.Add([]byte(`{"entry":[{"epoch":"0123456789abcdef","seq":1,"tool":{"item":"0123456789abcdef.i","paths":["a"],"input":{},"edits":[{}]}}]}`))
	f.Add([]byte(`{"entry":[{"epoch":"0123456789abcdef","seq":1,"agent":{"options":[{"choices":[{}]}],"commands":[{}]}}]}`))
	f.Add([]byte(`{"entry":[{"epoch":"0123456789abcdef","seq":1,"turnEnd":{"prompt":"p","stop":"end_turn"}}]}`))
	f.Add([]byte(`{"entry":[{"epoch":"0123456789abcdef","seq":1,"permission":{"item":"0123456789abcdef.i","id":"1","options":[{}]}}]}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		frame, err := wire.ParseFrame(b)
		if err != nil {
			return
		}
		l := &Link{at: session.Cursor{Epoch: epoch}}
		entries, err := l.check(frame.Entry)
		if err != nil {
			return
		}
		for i, e := range entries {
			if e.Seq != uint64(i+1) || e.Epoch != epoch {
				t.Fatalf("entry %d is %s/%d", i, e.Epoch, e.Seq)
			}
		}
	})
}
