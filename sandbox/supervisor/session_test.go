package main

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"background-agents/sandbox/wire"
)

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

func TestCommandsOfTheProjectRunInsteadOfItsScripts(t *testing.T) {
	b := newBench(t)
	st := started
	st.SetupCommands, st.Variables = []string{"npm ci", "make"}, []string{"WORD=project", "OWN=1"}
	st.Env = append([]string{"WORD=agent"}, started.Env...)
	b.must(wire.MethodStart, st)
	if got := strings.Join(b.files.hooks, " / "); got != "setup: npm ci; make / start.sh" {
		t.Errorf("hooks: %s", got)
	}
	if env := b.files.env; len(env) < 3 || strings.Join(env[:3], " ") != "WORD=project OWN=1 WORD=agent" {
		t.Errorf("the environment is %q", env)
	}
	b.stop()
	b.begin()
	st.StartCommands = []string{"redis"}
	b.must(wire.MethodStart, st)
	if got := strings.Join(b.files.hooks, " / "); got != "setup: npm ci; make / start.sh / start: redis" {
		t.Errorf("setup runs once, start each time: %s", got)
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
