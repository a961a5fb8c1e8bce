package sandboxlink

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"background-agents/backend/session"
	"background-agents/sandbox/wire"
)

func TestEntriesArriveOnceThroughManyReconnects(t *testing.T) {
	s, h := newSandbox(t), newHost()
	const n = 3000
	go func() {
		for i := range n {
			_ = s.journal.Append(wire.Entry{Notice: &wire.Notice{Item: fmt.Sprint("n", i), Text: fmt.Sprint(i)}})
		}
	}()
	for i := range 20 {
		l := h.connect(t, s.dial())
		h.await(t, i*n/25)
		_ = l.Close()
		<-l.Done()
	}
	h.connect(t, s.dial())
	got := h.await(t, n)
	if len(got) != n {
		t.Fatalf("%d entries", len(got))
	}
	for i, e := range got {
		if e.Seq != uint64(i+1) || e.Notice == nil || e.Notice.Text != fmt.Sprint(i) {
			t.Fatalf("entry %d is %d: %+v", i, e.Seq, e.Notice)
		}
	}
}

func TestNewerHostReplacesTheOlder(t *testing.T) {
	s, first, second := newSandbox(t), newHost(), newHost()
	a := first.connect(t, s.dial())
	second.connect(t, s.dial())
	select {
	case <-a.Done():
	case <-time.After(10 * time.Second):
		t.Fatal("the older link goes on")
	}
	if err := s.journal.Append(text("x")); err != nil {
		t.Fatal(err)
	}
	second.await(t, 1)
}

func TestHandlerThatRefusesEndsTheLinkAndLosesNothing(t *testing.T) {
	s, h := newSandbox(t), newHost()
	h.refuse = errors.New("disk full")
	l := h.connect(t, s.dial())
	if err := s.journal.Append(text("x")); err != nil {
		t.Fatal(err)
	}
	<-l.Done()
	if err := l.Cancel(context.Background()); err == nil || !strings.Contains(err.Error(), "disk full") {
		t.Errorf("a call on the dead link: %v", err)
	}
	h.refuse = nil
	h.connect(t, s.dial())
	h.await(t, 1)
}

func TestCallsAndTheirErrors(t *testing.T) {
	s, h := newSandbox(t), newHost()
	l := h.connect(t, s.dial())
	ctx := context.Background()
	if l.Epoch() != s.journal.Epoch() {
		t.Error("the epoch is another")
	}
	if c, err := l.Checkpoint(ctx); err != nil || c.Files != strings.Repeat("b", 40) {
		t.Errorf("checkpoint %+v, %v", c, err)
	}
	if err := l.Prompt(ctx, session.PromptCommand{ID: "p", Text: "<do>", Files: []session.PromptFile{{Path: "/f"}}}); err != nil {
		t.Error(err)
	}
	var e *session.Error
	if err := l.Answer(ctx, "1", "yes"); !errors.As(err, &e) || e.Code != session.CodeConflict || e.Message != "The sandbox says: “Answered already. Nothing to do.”" {
		t.Errorf("answer: %v", err)
	}
	if err := l.SetOption(ctx, "m", "v"); session.CodeOf(err) != session.CodeSandbox {
		t.Errorf("option: %v", err)
	}
	if err := l.Prompt(ctx, session.PromptCommand{ID: "p", Text: strings.Repeat("x", 5<<20)}); session.CodeOf(err) != session.CodeInvalid {
		t.Errorf("a prompt that is too long: %v", err)
	}
	var out bytes.Buffer
	if err := l.Bundle(ctx, session.Checkpoint{}, nil, &out); err != nil || out.Len() != 5_000_100 {
		t.Errorf("bundle of %d bytes, %v", out.Len(), err)
	}
	out.Reset()
	if err := l.Bundle(ctx, session.Checkpoint{}, []string{"x"}, &out); session.CodeOf(err) != session.CodeDiskFull {
		t.Errorf("a bundle that was cut short: %v", err)
	}
	if err := l.Output(ctx, "i", &out); session.CodeOf(err) != session.CodeNotFound {
		t.Errorf("output: %v", err)
	}
	if p, err := l.Upload(ctx, "a.png", strings.NewReader(strings.Repeat("y", 200_000))); err != nil || p != "/uploads/200000" {
		t.Errorf("upload: %q, %v", p, err)
	}
	// The supervisor refuses before it has read all: the sender must not wait.
	if err := l.Import(ctx, io.LimitReader(endless{}, 1<<30)); session.CodeOf(err) != session.CodeInvalid {
		t.Errorf("import: %v", err)
	}
	broken := io.MultiReader(strings.NewReader("12345"), failing{})
	if err := l.Import(ctx, broken); err == nil || !strings.Contains(err.Error(), "pipe broke") {
		t.Errorf("import of a reader that fails: %v", err)
	}
}

type endless struct{}

func (endless) Read(p []byte) (int, error) { return len(p), nil }

type failing struct{}

func (failing) Read([]byte) (int, error) { return 0, errors.New("pipe broke") }

func TestAbandonedStartIsStoppedInTheSandbox(t *testing.T) {
	s, h := newSandbox(t), newHost()
	l := h.connect(t, s.dial())
	ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
	defer cancel()
	if err := l.Start(ctx, session.StartSpec{Command: []string{"x"}}); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("start: %v", err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.calls) != 2 || s.calls[1] != `cancel{"start":true}` {
		t.Errorf("calls: %q", s.calls)
	}
}

func TestConnectionsAreCarriedAndHeld(t *testing.T) {
	s, h := newSandbox(t), newHost()
	h.model = func(_ context.Context, c net.Conn) {
		defer c.Close()
		b, err := io.ReadAll(c) // until the sandbox has closed its half
		if err == nil {
			_, _ = c.Write(append([]byte("heard "), b...))
		}
	}
	// It is opened while no host is linked.
	answer := make(chan string, 1)
	go func() {
		stream, err := s.server.Open(context.Background(), wire.Header{Stream: wire.StreamModel})
		if err != nil {
			answer <- err.Error()
			return
		}
		defer stream.Close()
		_, _ = io.WriteString(stream, "question")
		_ = stream.CloseWrite()
		b, err := io.ReadAll(stream)
		answer <- fmt.Sprint(string(b), err)
	}()
	time.Sleep(50 * time.Millisecond)
	l := h.connect(t, s.dial())
	if got := <-answer; got != "heard question<nil>" {
		t.Errorf("the answer is %q", got)
	}

	echo, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer echo.Close()
	go func() {
		for {
			c, err := echo.Accept()
			if err != nil {
				return
			}
			go func() { defer c.Close(); _, _ = io.Copy(c, c) }()
		}
	}()
	conn, err := l.Dial(context.Background(), echo.Addr().(*net.TCPAddr).Port)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	big := bytes.Repeat([]byte("z"), 3<<20)
	go func() {
		_, _ = conn.Write(big)
		_ = conn.(interface{ CloseWrite() error }).CloseWrite()
	}()
	if b, err := io.ReadAll(conn); err != nil || !bytes.Equal(b, big) {
		t.Errorf("%d bytes came back, %v", len(b), err)
	}
	_ = echo.Close()
	if _, err := l.Dial(context.Background(), echo.Addr().(*net.TCPAddr).Port); session.CodeOf(err) != session.CodeNotFound {
		t.Errorf("dial to a port where nothing listens: %v", err)
	}
	// The channel breaks under a connection: it must not look as if it had ended well.
	open, err := s.server.Open(context.Background(), wire.Header{Stream: wire.StreamModel})
	if err != nil {
		t.Fatal(err)
	}
	_ = l.Close()
	if _, err := open.Read(make([]byte, 1)); err == nil || errors.Is(err, io.EOF) {
		t.Errorf("a connection that was cut off ends with %v", err)
	}
}

func TestFloodArrivesWholeAndInBatches(t *testing.T) {
	flood(t)
	s, h := newSandbox(t), newHost()
	h.connect(t, s.dial())
	const n = 100_000
	begun := time.Now()
	go func() {
		for i := range n {
			_ = s.journal.Append(wire.Entry{Notice: &wire.Notice{Item: "n", Text: fmt.Sprint("some words that a model says ", i)}})
		}
	}()
	got := h.await(t, n)
	took := time.Since(begun)
	if last := got[n-1].Notice.Text; !strings.HasSuffix(last, fmt.Sprint(n-1)) {
		t.Errorf("the last is %q", last)
	}
	if h.batches > n/10 {
		t.Errorf("%d batches", h.batches)
	}
	t.Logf("%d entries in %v (%d batches), %.0f/s", n, took.Round(time.Millisecond), h.batches, n/took.Seconds())
}
