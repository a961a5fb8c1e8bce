package main

import (
	"testing"

	"background-agents/sandbox/wire"
)

func TestAgentWithoutAnotherWayHearsItsInstructionsFromTheTools(t *testing.T) {
	b := newBench(t)
	if got := b.instructions(); got != "" {
		t.Errorf("before the start: %q", got)
	}
	st := started
	st.Instructions = "There is go."
	b.must(wire.MethodStart, st)
	if got := b.instructions(); got != "" {
		t.Errorf("an agent that was told is told again: %q", got)
	}
	b.agentConfig(st).Untold()
	if got := b.instructions(); got != "There is go." {
		t.Errorf("it hears %q", got)
	}
}
