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
	"testing"
	"time"

	"background-agents/sandbox/supervisor/agent"
	"background-agents/sandbox/supervisor/journal"
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
	hooks       []string
	hookErr     error
	slow        bool // Ensure waits for its ctx
	checkpoints int
}

func (f *fakeFiles) Ensure(ctx context.Context, _, _, _, _ string, out io.Writer) (bool, error) {
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
func (f *fakeFiles) Checkpoint(context.Context) (wire.Checkpoint, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.checkpoints++
	return wire.Checkpoint{Commit: strings.Repeat("c", 40), Files: strings.Repeat("f", 40)}, nil
}
func (f *fakeFiles) Bundle(context.Context, wire.Bundle, io.Writer) error { return nil }
func (f *fakeFiles) Import(context.Context, io.Reader) error              { return nil }
func (f *fakeFiles) Restore(context.Context, wire.Checkpoint) error       { return nil }
func (f *fakeFiles) Apply(_ context.Context, _ string, _ string) error    { return nil }

// bench is a session on a folder that can be ended as by kill and begun again.
type bench struct {
	t      *testing.T
	dir    string
	files  *fakeFiles
	agents []*fakeAgent
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
	p := paths{state: b.dir}
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
	b.session = newSession(j, b.files, process, p)
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

func TestTurnRunsFromPromptToCheckpoint(t *testing.T) {
	b := newBench(t)
	b.must(wire.MethodPrompt, wire.Prompt{ID: "p1", Text: "this"}) // before the start: it waits
	b.must(wire.MethodStart, started)
	b.must(wire.MethodPrompt, wire.Prompt{ID: "p1", Text: "this"})
	b.must(wire.MethodPrompt, wire.Prompt{ID: "p2", Text: "that"})
	end := b.end("p2")
	if end.Stop != "end_turn" || end.Input != 10 || end.Output != 20 || end.Checkpoint.Commit == "" || end.Error != nil {
		t.Errorf("%+v", end)
	}
	var told, phases []string
	for _, e := range b.until(ends("p2")) {
		switch {
		case e.TurnBegin != nil:
			told = append(told, "begin "+e.TurnBegin.Prompt)
		case e.Delta != nil:
			told = append(told, e.Delta.Text)
		case e.TurnEnd != nil:
			told = append(told, "end "+e.TurnEnd.Prompt)
		case e.Phase != nil && e.Phase.Status != "running":
			phases = append(phases, e.Phase.Name+" "+e.Phase.Status)
		}
	}
	if got := strings.Join(told, ", "); got != "begin p1, did this, end p1, begin p2, did that, end p2" {
		t.Error(got)
	}
	if got := strings.Join(phases, ", "); got != "clone done, setup done, start done, agent done" {
		t.Error(got)
	}
	b.must(wire.MethodStart, started)
	if len(b.agents) != 1 {
		t.Errorf("%d agents were launched", len(b.agents))
	}
}

func TestTurnsThatFail(t *testing.T) {
	b := newBench(t)
	b.must(wire.MethodStart, started)
	for _, c := range []struct{ text, code string }{{"empty", "turn_empty"}, {"die", "agent_failed"}, {"well", ""}} {
		b.must(wire.MethodPrompt, wire.Prompt{ID: c.text, Text: c.text})
		end := b.end(c.text)
		switch {
		case c.code == "" && end.Stop != "end_turn":
			t.Errorf("%s: %+v", c.text, end)
		case c.code != "" && (end.Stop != "error" || end.Error == nil || end.Error.Code != c.code || end.Checkpoint.Commit == ""):
			t.Errorf("%s: %+v %+v", c.text, end, end.Error)
		}
	}
	if len(b.agents) != 2 || b.agents[1].start.Conversation != "conversation-1" {
		t.Errorf("%d agents", len(b.agents))
	}
}

func TestCancelEndsTheTurn(t *testing.T) {
	b := newBench(t)
	b.must(wire.MethodStart, started)
	b.must(wire.MethodPrompt, wire.Prompt{ID: "p", Text: "hang"})
	b.until(func(e wire.Entry) bool { return e.TurnBegin != nil })
	if err := b.call(wire.MethodRestore, wire.Checkpoint{}); err == nil {
		t.Error("files are restored under a running turn")
	}
	for range 3 { // until the agent has it, and after
		b.must(wire.MethodCancel, wire.Cancel{})
	}
	if end := b.end("p"); end.Stop != "cancelled" || end.Checkpoint.Commit == "" {
		t.Errorf("%+v", end)
	}
	b.must(wire.MethodRestore, wire.Checkpoint{})
}

func TestCancelEndsAStart(t *testing.T) {
	b := newBench(t)
	b.files.slow = true
	b.must(wire.MethodPrompt, wire.Prompt{ID: "waits", Text: "x"})
	failed := make(chan error, 1)
	go func() { failed <- b.call(wire.MethodStart, started) }()
	b.until(func(e wire.Entry) bool { return e.Phase != nil && e.Phase.Output != "" })
	b.abandonedStart() // joins the one that is under way
	begun := time.Now()
	b.must(wire.MethodCancel, wire.Cancel{})
	if took := time.Since(begun); took > time.Second {
		t.Errorf("it took %v", took)
	}
	if err := <-failed; !errors.Is(err, context.Canceled) {
		t.Errorf("start: %v", err)
	}
	if end := b.end("waits"); end.Stop != "cancelled" {
		t.Errorf("%+v", end)
	}
	clones := map[string]bool{}
	for _, e := range b.until(ends("waits")) {
		if e.Phase != nil {
			clones[e.Phase.Item] = true
		}
	}
	if len(clones) != 1 {
		t.Errorf("%d starts were under way", len(clones))
	}
	b.files.slow = false
	b.must(wire.MethodStart, started)
}

func TestStartGoesOnWithoutItsHost(t *testing.T) {
	b := newBench(t)
	b.files.slow = true
	b.abandonedStart()
	b.until(func(e wire.Entry) bool { return e.Phase != nil })
	b.mu.Lock()
	going := b.starting != nil
	b.mu.Unlock()
	if !going {
		t.Error("the start ended with the host's call")
	}
	b.must(wire.MethodCancel, wire.Cancel{Start: true})
}

func TestSetupRunsAgainUntilItSucceeds(t *testing.T) {
	b := newBench(t)
	b.files.hookErr = errors.New("exit status 1")
	err := b.call(wire.MethodStart, started)
	if err == nil || err.Error() != "exit status 1" {
		t.Errorf("start: %v", err)
	}
	all := b.until(func(e wire.Entry) bool { return e.Phase != nil && e.Phase.Status == "failed" })
	var out strings.Builder
	for _, e := range all {
		if e.Phase != nil && e.Phase.Name == "setup" {
			out.WriteString(e.Phase.Output)
		}
	}
	if !strings.HasPrefix(out.String(), "hé setup.sh\n") || !strings.Contains(out.String(), "exit status 1") {
		t.Errorf("output %q", out.String())
	}
	b.files.hookErr = nil
	b.must(wire.MethodStart, started)
	b.stop()
	b.begin()
	b.must(wire.MethodStart, started)
	if got := strings.Join(b.files.hooks, " "); got != "setup.sh setup.sh start.sh start.sh" {
		t.Error(got)
	}
}

func TestInterruptedTurnIsClosedByTheNextSupervisor(t *testing.T) {
	b := newBench(t)
	b.must(wire.MethodStart, started)
	b.must(wire.MethodPrompt, wire.Prompt{ID: "p1", Text: "hang"})
	b.must(wire.MethodPrompt, wire.Prompt{ID: "p2", Text: "next"})
	b.until(func(e wire.Entry) bool { return e.TurnBegin != nil })
	_ = b.Append(wire.Entry{Tool: &wire.Tool{Item: "t", Status: "running", Output: "half"}})
	_ = b.Append(wire.Entry{Permission: &wire.Permission{Item: "q", ID: "1"}})
	b.stop()
	b.begin()
	all := b.until(ends("p1"))
	var tool, permission bool
	for _, e := range all {
		tool = tool || e.Tool != nil && e.Tool.Status == "failed" && e.Tool.Output == "half"
		permission = permission || e.Permission != nil && e.Permission.Answer == "cancelled"
	}
	if end := all[len(all)-1].TurnEnd; end.Stop != "interrupted" || end.Checkpoint.Commit == "" || !tool || !permission {
		t.Errorf("%+v, tool %v, permission %v", end, tool, permission)
	}
	b.must(wire.MethodPrompt, wire.Prompt{ID: "p1", Text: "hang"}) // known: not run again
	b.must(wire.MethodStart, started)
	if end := b.end("p2"); end.Stop != "end_turn" {
		t.Errorf("%+v", end)
	}
	if st := b.journal.State(); st.Running != "" || len(st.Accepted) > 0 {
		t.Errorf("%+v", st)
	}
}

func TestAttachmentsAndOutputs(t *testing.T) {
	b := newBench(t)
	put := func(name, text string) (wire.File, error) {
		raw, _ := json.Marshal(wire.Upload{Name: name})
		f, err := b.Receive(context.Background(), wire.Call{Method: wire.MethodUpload, Params: raw}, strings.NewReader(text))
		file, _ := f.(wire.File)
		return file, err
	}
	for _, name := range []string{"a.png", "../../etc/passwd", `C:\x\y.txt`, "", ".hidden", "a\nb", strings.Repeat("é", 300) + ".md"} {
		f, err := put(name, "text of "+name)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := os.ReadFile(f.Path); err != nil || string(got) != "text of "+name || !strings.HasPrefix(f.Path, b.paths.uploads()) {
			t.Errorf("%q lies in %q: %v", name, f.Path, err)
		}
	}
	one, _ := put("a", "same")
	two, _ := put("a", "same")
	if one != two {
		t.Error("the same file is kept twice")
	}
	if err := os.WriteFile(filepath.Join(b.paths.outputs(), "item"), []byte("whole"), 0o600); err != nil {
		t.Fatal(err)
	}
	var w strings.Builder
	if err := b.output("item", &w); err != nil || w.String() != "whole" {
		t.Errorf("%q, %v", w.String(), err)
	}
	for _, item := range []string{"", "..", "../journal", "none", ".x"} {
		var e *wire.Error
		if err := b.output(item, io.Discard); !errors.As(err, &e) || e.Code != "not_found" {
			t.Errorf("%q: %v", item, err)
		}
	}
}
