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
	wg.Go(func() { _ = s.server.Serve(ctx, l, channel.Plain) })
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
	case wire.MethodCaller:
		var asked wire.Caller
		if err := json.Unmarshal(c.Params, &asked); err != nil || asked.Port == 1 {
			return nil, &wire.Error{Code: "not_found", Message: "Gone."}
		}
		return wire.Caller{Commands: append([]string{fmt.Sprint("curl from ", asked.Port)}, slices.Repeat([]string{strings.Repeat("ü", wire.MaxCommand)}, 20)...)}, nil
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
