package main

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"background-agents/sandbox/supervisor/agent"
	"background-agents/sandbox/supervisor/journal"
	"background-agents/sandbox/supervisor/workspace"
	"background-agents/sandbox/wire"
)

// fakeAgent does what a prompt's text says.
type fakeAgent struct {
	sink      agent.Sink
	cancelled chan struct{}
	once      sync.Once
	done      chan struct{}
	start     wire.Start
}

func (a *fakeAgent) Prompt(_ context.Context, p wire.Prompt) (string, int64, int64, *wire.Error) {
	switch p.Text {
	case "empty":
		return "end_turn", 0, 0, nil
	case "die":
		close(a.done)
		return "", 0, 0, &wire.Error{Code: "internal", Message: "The agent ended."}
	case "hang":
		<-a.cancelled
		return "cancelled", 0, 0, nil
	}
	_ = a.sink.Append(wire.Entry{Delta: &wire.Delta{Item: p.ID, Kind: "message", Text: "did " + p.Text}})
	return "end_turn", 10, 20, nil
}
func (a *fakeAgent) Cancel(context.Context) error {
	a.once.Do(func() { close(a.cancelled) })
	return nil
}
func (a *fakeAgent) Answer(string, string) error                           { return nil }
func (a *fakeAgent) SetOption(_ context.Context, _ string, _ string) error { return nil }
func (a *fakeAgent) SetPolicy(string)                                      {}
func (a *fakeAgent) Done() <-chan struct{}                                 { return a.done }
func (a *fakeAgent) Close() error                                          { return a.Cancel(context.Background()) }

// fakeEarly is its process before it has a conversation.
type fakeEarly struct{ a *fakeAgent }

func (e fakeEarly) Open(_ context.Context, st wire.Start) (liveAgent, error) {
	e.a.start = st
	return e.a, e.a.sink.Append(wire.Entry{Agent: &wire.Agent{Conversation: "conversation-1"}})
}
func (e fakeEarly) Close() { _ = e.a.Close() }

// fakeFiles is a workspace that counts.
type fakeFiles struct {
	mu          sync.Mutex
	setUp       bool
	fresh       bool
	hooks       []string
	hookErr     error
	env         []string // of the commands that ran last
	slow        bool     // Ensure waits for its ctx
	checkpoints int
	only        wire.OnlyList
	onlyErr     error
}

func (f *fakeFiles) Ensure(ctx context.Context, _ workspace.Clone, out io.Writer) (bool, error) {
	if f.slow {
		_, _ = io.WriteString(out, "cloning\n")
		<-ctx.Done()
		return false, ctx.Err()
	}
	return !f.setUp, nil
}
func (f *fakeFiles) Hook(_ context.Context, name string, _ []string, _ time.Duration, out io.Writer) (bool, error) {
	f.hooks = append(f.hooks, name)
	_, _ = io.WriteString(out, "h\xc3")
	_, _ = io.WriteString(out, "\xa9 "+name+"\n")
	f.setUp = f.setUp || f.hookErr == nil
	return true, f.hookErr
}
func (f *fakeFiles) Commands(_ context.Context, name string, commands, env []string, _ time.Duration,
	out io.Writer) error {
	f.hooks = append(f.hooks, name+": "+strings.Join(commands, "; "))
	f.env = env
	_, _ = io.WriteString(out, name+"\n")
	f.setUp = f.setUp || f.hookErr == nil
	return f.hookErr
}
func (f *fakeFiles) Checkpoint(context.Context) (wire.Checkpoint, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.checkpoints++
	return wire.Checkpoint{Commit: strings.Repeat("c", 40), Files: strings.Repeat("f", 40)}, nil
}
func (f *fakeFiles) Only(context.Context) (wire.OnlyList, error)          { return f.only, f.onlyErr }
func (f *fakeFiles) OnlyAtLast(context.Context) (wire.OnlyList, error)    { return f.only, f.onlyErr }
func (f *fakeFiles) Bundle(context.Context, wire.Bundle, io.Writer) error { return nil }
func (f *fakeFiles) Import(context.Context, io.Reader) error              { return nil }
func (f *fakeFiles) Fresh() bool                                          { return f.fresh }
func (f *fakeFiles) Use() error                                           { f.fresh = false; return nil }
func (f *fakeFiles) Restore(context.Context, wire.Checkpoint) error       { return nil }
func (f *fakeFiles) Apply(_ context.Context, _ string, _ string) error    { return nil }

// bench is a session on a folder that can be ended as by kill and begun again.
type bench struct {
	t      *testing.T
	dir    string
	files  *fakeFiles
	agents []*fakeAgent
	broken atomic.Pointer[wire.Error] // what the seal check says
	*session
	stop func()
}

func newBench(t *testing.T) *bench {
	t.Helper()
	b := &bench{t: t, dir: t.TempDir(), files: &fakeFiles{}}
	b.begin()
	t.Cleanup(func() { b.stop() })
	return b
}

func (b *bench) begin() {
	b.t.Helper()
	j, err := journal.Open(filepath.Join(b.dir, "journal"))
	if err != nil {
		b.t.Fatal(err)
	}
	p := paths{state: b.dir, secrets: filepath.Join(b.dir, "secrets")}
	for _, d := range []string{p.outputs(), p.uploads()} {
		if err := os.MkdirAll(d, 0o700); err != nil {
			b.t.Fatal(err)
		}
	}
	process := func(c agent.Config) (earlyAgent, error) {
		a := &fakeAgent{sink: c.Sink, cancelled: make(chan struct{}), done: make(chan struct{})}
		b.agents = append(b.agents, a)
		return fakeEarly{a}, nil
	}
	sealed := func() error {
		if err := b.broken.Load(); err != nil {
			return err
		}
		return nil
	}
	b.session = newSession(j, b.files, process, sealed, p)
	b.session.log = io.Discard
	ctx, cancel := context.WithCancel(context.Background())
	var wg sync.WaitGroup
	wg.Go(func() {
		if err := b.session.run(ctx); err != nil {
			b.t.Error(err)
		}
	})
	b.Attached(false)
	b.stop = func() { cancel(); wg.Wait(); _ = j.Close() }
}

func (b *bench) call(method string, params any) error {
	b.t.Helper()
	raw, err := json.Marshal(params)
	if err != nil {
		b.t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	_, err = b.Call(ctx, wire.Call{Method: method, Params: raw})
	return err
}

func (b *bench) must(method string, params any) {
	b.t.Helper()
	if err := b.call(method, params); err != nil {
		b.t.Fatalf("%s: %v", method, err)
	}
}

var started = wire.Start{Command: []string{"agent"}, Branch: "agents/x", Policy: "ask"}

// abandonedStart calls start as a host that goes away soon.
func (b *bench) abandonedStart() {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 100*time.Millisecond)
	defer cancel()
	raw, _ := json.Marshal(started)
	if _, err := b.Call(ctx, wire.Call{Method: wire.MethodStart, Params: raw}); !errors.Is(err, context.DeadlineExceeded) {
		b.t.Errorf("start: %v", err)
	}
}

// until reads the journal from its begin until an entry satisfies f, and returns all up to it.
func (b *bench) until(f func(wire.Entry) bool) []wire.Entry {
	b.t.Helper()
	r, _, err := b.journal.Attach(wire.Cursor{})
	if err != nil {
		b.t.Fatal(err)
	}
	defer r.Close()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	var all []wire.Entry
	for {
		raw, _, err := r.Next(ctx, 1, 1<<20)
		if err != nil {
			b.t.Fatalf("after %d entries: %v", len(all), err)
		}
		var e wire.Entry
		if err := json.Unmarshal(raw[0], &e); err != nil {
			b.t.Fatal(err)
		}
		if all = append(all, e); f(e) {
			return all
		}
	}
}

func ends(prompt string) func(wire.Entry) bool {
	return func(e wire.Entry) bool { return e.TurnEnd != nil && e.TurnEnd.Prompt == prompt }
}

func (b *bench) end(prompt string) *wire.TurnEnd {
	b.t.Helper()
	all := b.until(ends(prompt))
	return all[len(all)-1].TurnEnd
}
