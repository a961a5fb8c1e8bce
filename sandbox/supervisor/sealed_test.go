package main

import (
	"errors"
	"os"
	"os/exec"
	"strings"
	"testing"

	"background-agents/sandbox/wire"
)

var broken = &wire.Error{Code: "seal_broken", Message: "The sandbox has the network interface \"eth0\", so no agent runs in it."}

func TestNothingStartsInASandboxThatIsNotSealed(t *testing.T) {
	b := newBench(t)
	b.broken.Store(broken)
	err := b.call(wire.MethodStart, started)
	var e *wire.Error
	if !errors.As(err, &e) || e.Code != "seal_broken" || e.Message != broken.Message {
		t.Errorf("start says %v", err)
	}
	if len(b.agents) != 0 || len(b.files.hooks) != 0 || b.files.setUp {
		t.Errorf("%d agents were started, hooks %v ran", len(b.agents), b.files.hooks)
	}
	b.broken.Store(nil)
	b.must(wire.MethodStart, started)
	if len(b.agents) != 1 {
		t.Errorf("%d agents run when it is sealed again", len(b.agents))
	}
}

func TestNoTurnRunsWhenTheSealIsBrokenLater(t *testing.T) {
	b := newBench(t)
	b.must(wire.MethodStart, started)
	b.broken.Store(broken)
	b.must(wire.MethodPrompt, wire.Prompt{ID: "p", Text: "this"})
	end := b.end("p")
	if end.Stop != "error" || end.Error == nil || end.Error.Code != "seal_broken" || end.Checkpoint.Commit == "" {
		t.Errorf("%+v %+v", end, end.Error)
	}
	for _, e := range b.until(ends("p")) {
		if e.Delta != nil {
			t.Errorf("the agent said %q", e.Delta.Text)
		}
	}
	select {
	case <-b.agents[0].cancelled: // Close of the fake
	default:
		t.Error("the agent goes on in a sandbox that is not sealed")
	}
}

// The program of these tests runs outside of a sandbox, so the check has something to say.
func TestTheSealOfThisComputerIsBroken(t *testing.T) {
	err := sealCheck(nil)()
	var e *wire.Error
	if !errors.As(err, &e) || e.Code != "seal_broken" || !strings.HasSuffix(e.Message, ", so no agent runs in it.") || e.Hint == "" {
		t.Errorf("%v", err)
	}
	err = sealCheck(os.ErrPermission)()
	if !errors.As(err, &e) || e.Message != "The sandbox cannot restrict system calls (permission denied), so no agent runs in it." {
		t.Errorf("without a filter: %v", err)
	}
}

func TestWhatExecCannotRunHasTheCodeOfAShell(t *testing.T) {
	before := os.Args
	defer func() { os.Args = before }()
	os.Args = []string{"supervisor", "exec"}
	for err, want := range map[error]int{exec.ErrNotFound: 127, os.ErrNotExist: 127, os.ErrPermission: 126} {
		if got := exitCode(err); got != want {
			t.Errorf("%v ends with %d, want %d", err, got, want)
		}
	}
	os.Args[1] = "ask"
	if got := exitCode(os.ErrNotExist); got != 2 {
		t.Errorf("a hook ends with %d", got)
	}
}
