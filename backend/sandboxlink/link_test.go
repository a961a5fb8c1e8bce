package sandboxlink

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"background-agents/backend/session"
	"background-agents/sandbox/supervisor/channel"
	"background-agents/sandbox/supervisor/journal"
	"background-agents/sandbox/wire"
)

// sandbox is the supervisor's end with a real journal and a handler that says what it was asked.
type sandbox struct {
	t       testing.TB
	journal *journal.Journal
	server  *channel.Server
	socket  string

	mu    sync.Mutex
	calls []string
	block chan struct{} // "start" waits for it
}

func newSandbox(t testing.TB) *sandbox {
	t.Helper()
	dir := t.TempDir()
	j, err := journal.Open(filepath.Join(dir, "journal"))
	if err != nil {
		t.Fatal(err)
	}
	s := &sandbox{t: t, journal: j, socket: filepath.Join(dir, "s"), block: make(chan struct{})}
	s.server = channel.New(j, s)
	l, err := net.Listen("unix", s.socket)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	var wg sync.WaitGroup
	wg.Go(func() { _ = s.server.Serve(ctx, l) })
	t.Cleanup(func() { cancel(); wg.Wait(); _ = j.Close() })
	return s
}

func (s *sandbox) Attached(bool) {}

func (s *sandbox) Call(ctx context.Context, c wire.Call) (any, error) {
	s.mu.Lock()
	s.calls = append(s.calls, c.Method+string(c.Params))
	s.mu.Unlock()
	switch c.Method {
	case wire.MethodStart:
		select {
		case <-s.block:
		case <-ctx.Done():
		}
		return nil, ctx.Err()
	case wire.MethodCheckpoint:
		return wire.Checkpoint{Commit: strings.Repeat("a", 40), Files: strings.Repeat("b", 40)}, nil
	case wire.MethodAnswer:
		return nil, &wire.Error{Code: "conflict", Message: "Answered already.", Hint: "Nothing to do."}
	case wire.MethodOption:
		return nil, errors.New("plain")
	}
	return nil, nil
}

func (s *sandbox) Send(_ context.Context, c wire.Call, w io.Writer) error {
	if c.Method == wire.MethodOutput {
		return &wire.Error{Code: "not_found", Message: "Gone."}
	}
	var b wire.Bundle
	if err := json.Unmarshal(c.Params, &b); err != nil {
		return err
	}
	for range 100 {
		if _, err := w.Write(bytes.Repeat([]byte("x"), 50_001)); err != nil {
			return err
		}
	}
	if len(b.Have) > 0 {
		return &wire.Error{Code: "disk_full", Message: "Full."}
	}
	return nil
}

func (s *sandbox) Receive(_ context.Context, c wire.Call, r io.Reader) (any, error) {
	if c.Method == wire.MethodImport {
		if _, err := io.ReadFull(r, make([]byte, 10)); err != nil {
			return nil, err
		}
		return nil, &wire.Error{Code: "invalid", Message: "No bundle."}
	}
	b, err := io.ReadAll(r)
	return wire.File{Path: fmt.Sprintf("/uploads/%d", len(b))}, err
}

// dial returns a connection to the sandbox's socket, as docker exec would.
func (s *sandbox) dial() net.Conn {
	s.t.Helper()
	c, err := net.Dial("unix", s.socket)
	if err != nil {
		s.t.Fatal(err)
	}
	return c
}

// host is what a session's manager does with entries: it keeps them with its cursor.
type host struct {
	mu      sync.Mutex
	entries []session.Entry
	cursor  session.Cursor
	batches int
	grown   chan struct{}
	refuse  error
	model   func(context.Context, net.Conn)
}

func newHost() *host { return &host{grown: make(chan struct{}, 1)} }

func (h *host) store(_ context.Context, entries []session.Entry) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.refuse != nil {
		return h.refuse
	}
	h.batches++
	h.entries = append(h.entries, entries...)
	last := entries[len(entries)-1]
	h.cursor = session.Cursor{Epoch: last.Epoch, Seq: last.Seq}
	select {
	case h.grown <- struct{}{}:
	default:
	}
	return nil
}

// await waits until the host has n entries.
func (h *host) await(t testing.TB, n int) []session.Entry {
	t.Helper()
	deadline := time.After(60 * time.Second)
	for {
		h.mu.Lock()
		got := slices.Clone(h.entries)
		h.mu.Unlock()
		if len(got) >= n {
			return got
		}
		select {
		case <-h.grown:
		case <-deadline:
			t.Fatalf("the host has %d entries of %d", len(got), n)
		}
	}
}

func (h *host) connect(t testing.TB, rw io.ReadWriteCloser) session.Link {
	t.Helper()
	h.mu.Lock()
	cursor := h.cursor
	h.mu.Unlock()
	l, err := Linker{}.Connect(context.Background(), rw, session.LinkHandler{Session: "s1", Cursor: cursor, Entries: h.store, Model: h.model, Egress: h.model})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close(); <-l.Done() })
	return l
}

func text(s string) wire.Entry {
	return wire.Entry{Delta: &wire.Delta{Item: "m", Kind: "message", Text: s}}
}

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
	if err := l.Answer(ctx, "1", "yes"); !errors.As(err, &e) || e.Code != session.CodeConflict || e.Hint != "Nothing to do." {
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
	if _, err := open.Read(make([]byte, 1)); err == nil || err == io.EOF {
		t.Errorf("a connection that was cut off ends with %v", err)
	}
}

func TestFloodArrivesWholeAndInBatches(t *testing.T) {
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
