package wire

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"io"
	"net"
	"strings"
	"testing"
	"testing/iotest"
	"time"
)

func TestFramesRoundTrip(t *testing.T) {
	frames := []Frame{
		{Hello: &Hello{Version: Version, Session: "s", Cursor: Cursor{"e", 7}}},
		{Ack: &Cursor{"e", 1 << 60}},
		{Call: &Call{ID: 1, Method: MethodPrompt, Params: json.RawMessage(`{"text":"<&>"}`)}},
		{Reply: &Reply{ID: 1, Error: &Error{Code: "conflict", Message: "m", Hint: "h"}}},
		{Entry: []Entry{{Epoch: "e", Seq: 1, Delta: &Delta{Item: "i", Kind: "message", Text: "a\u2028\x00é"}}}},
	}
	var b bytes.Buffer
	for _, f := range frames {
		if err := WriteFrame(&b, f); err != nil {
			t.Fatal(err)
		}
	}
	raw := AppendEntryFrame(nil, [][]byte{[]byte(`{"seq":1}`), []byte(`{"seq":2}`)})
	b.Write(raw)
	r := NewFrameReader(iotest.OneByteReader(&b))
	for i, want := range frames {
		got, _, err := r.Next()
		if err != nil {
			t.Fatal(err)
		}
		a, _ := Marshal(want)
		c, _ := Marshal(got)
		if !bytes.Equal(a, c) {
			t.Errorf("frame %d is %s, want %s", i, c, a)
		}
	}
	if f, n, err := r.Next(); err != nil || len(f.Entry) != 2 || n != len(raw)-4 {
		t.Errorf("%d entries, %d bytes, %v", len(f.Entry), n, err)
	}
	if _, _, err := r.Next(); !errors.Is(err, io.EOF) {
		t.Errorf("at the end: %v", err)
	}
}

func frameOf(body string) []byte {
	return append(binary.BigEndian.AppendUint32(nil, uint32(len(body))), body...)
}

func TestBadFramesAreErrors(t *testing.T) {
	for name, b := range map[string][]byte{
		"too long":          {0xff, 0xff, 0xff, 0xff},
		"a byte too long":   binary.BigEndian.AppendUint32(nil, MaxFrame+1),
		"empty":             {0, 0, 0, 0},
		"cut in its head":   {0, 0},
		"cut in its body":   frameOf(`{"ack":{}}`)[:8],
		"no JSON":           frameOf(`hello`),
		"nothing in it":     frameOf(`{}`),
		"two things in it":  frameOf(`{"ack":{},"hello":{}}`),
		"a list of nothing": frameOf(`{"entry":[]}`),
		"negative seq":      frameOf(`{"ack":{"seq":-1}}`),
		"many values":       frameOf(`{"entry":[` + strings.Repeat(`{},`, maxValues) + `{}]}`),
		"many numbers":      frameOf(`{"call":{"params":[` + strings.Repeat(`1,`, maxValues) + `1]}}`),
		"deep":              frameOf(`{"call":{"params":` + strings.Repeat(`[`, 1000) + strings.Repeat(`]`, 1000) + `}}`),
	} {
		if f, _, err := NewFrameReader(bytes.NewReader(b)).Next(); err == nil || errors.Is(err, io.EOF) {
			t.Errorf("%s: %+v, %v", name, f, err)
		}
	}
	if err := WriteFrame(io.Discard, Frame{Entry: []Entry{{Notice: &Notice{Text: strings.Repeat("x", MaxFrame)}}}}); err == nil {
		t.Error("a frame that is too long was written")
	}
}

func TestLinesReadNoFurther(t *testing.T) {
	var b bytes.Buffer
	if err := WriteLine(&b, Header{Stream: StreamDial, Port: 80}); err != nil {
		t.Fatal(err)
	}
	b.WriteString("rest")
	var h Header
	if err := ReadLine(&b, &h); err != nil || h.Port != 80 || b.String() != "rest" {
		t.Errorf("%+v, %q, %v", h, b.String(), err)
	}
	for name, s := range map[string]string{"endless": strings.Repeat("x", MaxLine+1), "cut": "{", "none": "\n"} {
		if err := ReadLine(strings.NewReader(s), &h); err == nil || errors.Is(err, io.EOF) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := WriteLine(io.Discard, Upload{Name: strings.Repeat("x", MaxLine)}); err == nil {
		t.Error("a line that is too long was written")
	}
}

func TestBodiesSayHowTheyEnd(t *testing.T) {
	text := strings.Repeat("0123456789", 20_000)
	write := func(end func(w *BodyWriter) error) []byte {
		var b bytes.Buffer
		w := NewBodyWriter(&b)
		if _, err := io.Copy(w, iotest.OneByteReader(strings.NewReader(text))); err != nil {
			t.Fatal(err)
		}
		if err := end(w); err != nil {
			t.Fatal(err)
		}
		return b.Bytes()
	}
	whole := write((*BodyWriter).Close)
	r := bytes.NewReader(append(whole, "rest"...))
	if got, err := io.ReadAll(NewBodyReader(r, 1<<30)); err != nil || string(got) != text || r.Len() != 4 {
		t.Errorf("%d bytes, %d left, %v", len(got), r.Len(), err)
	}
	var e *Error
	aborted := write(func(w *BodyWriter) error { return w.Abort(&Error{Code: "x", Message: "why"}) })
	if _, err := io.ReadAll(NewBodyReader(bytes.NewReader(aborted), 1<<30)); !errors.As(err, &e) || e.Code != "x" {
		t.Errorf("an aborted body: %v", err)
	}
	for cut := range 50 {
		if _, err := io.ReadAll(NewBodyReader(bytes.NewReader(whole[:len(whole)-1-cut*1000]), 1<<30)); !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Errorf("a body that was cut off: %v", err)
		}
	}
	if _, err := io.ReadAll(NewBodyReader(bytes.NewReader(whole), int64(len(text)-1))); err == nil || errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("a body that is too long: %v", err)
	}
	if _, err := io.ReadAll(NewBodyReader(bytes.NewReader([]byte{0x7f, 0, 0, 0}), 1<<40)); err == nil {
		t.Error("a chunk that is too long")
	}
}

// pair returns both ends of a stream of a channel over a pipe.
func pair(t *testing.T) (a, b *Stream, host, guest *Mux) {
	t.Helper()
	x, y := net.Pipe()
	host, err := Client(x)
	if err != nil {
		t.Fatal(err)
	}
	if guest, err = Server(y); err != nil {
		t.Fatal(err)
	}
	opened := make(chan *Stream)
	go func() {
		s, err := host.Open(Header{Stream: StreamDial, Port: 1})
		if err != nil {
			t.Error(err)
		}
		opened <- s
	}()
	if b, err = guest.Accept(); err != nil {
		t.Fatal(err)
	}
	var h Header
	if err := ReadLine(b, &h); err != nil || h.Port != 1 {
		t.Fatal(h, err)
	}
	return <-opened, b, host, guest
}

func TestHalvesOfAStreamCloseApart(t *testing.T) {
	a, b, host, guest := pair(t)
	defer host.Close()
	defer guest.Close()
	if _, err := io.WriteString(a, "question"); err != nil {
		t.Fatal(err)
	}
	_ = a.CloseWrite()
	if got, err := io.ReadAll(b); err != nil || string(got) != "question" {
		t.Fatalf("%q, %v", got, err)
	}
	if _, err := io.WriteString(b, "answer"); err != nil {
		t.Fatal(err)
	}
	_ = b.CloseWrite()
	if got, err := io.ReadAll(a); err != nil || string(got) != "answer" {
		t.Fatalf("%q, %v", got, err)
	}
	await(t, func() bool { return host.Streams() == 0 && guest.Streams() == 0 })
}

// A peer that never closes its half does not keep the stream for ever.
func TestClosedStreamIsLetGo(t *testing.T) {
	defer func(d time.Duration) { closeTimeout = d }(closeTimeout)
	closeTimeout = 50 * time.Millisecond
	a, b, host, guest := pair(t)
	defer host.Close()
	defer guest.Close()
	waiting := make(chan error)
	go func() { _, err := a.Read(make([]byte, 1)); waiting <- err }()
	time.Sleep(10 * time.Millisecond) // whether it waits by then makes no difference to what it must see
	_ = a.Close()
	if err := <-waiting; !errors.Is(err, net.ErrClosed) {
		t.Errorf("a reader of a closed stream: %v", err)
	}
	await(t, func() bool { return host.Streams() == 0 })
	await(t, func() bool { _, err := b.Write([]byte("x")); return err != nil })
}

func await(t *testing.T, f func() bool) {
	t.Helper()
	for end := time.Now().Add(10 * time.Second); !f(); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("it does not come")
		}
	}
}

func TestStreamOfABrokenChannelDoesNotEndWell(t *testing.T) {
	a, b, host, guest := pair(t)
	defer guest.Close()
	_ = host.Close()
	for _, s := range []*Stream{a, b} {
		if _, err := s.Read(make([]byte, 1)); err == nil || errors.Is(err, io.EOF) {
			t.Errorf("it ends with %v", err)
		}
	}
}
