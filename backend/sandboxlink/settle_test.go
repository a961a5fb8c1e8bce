package sandboxlink

import (
	"encoding/json"
	"testing"

	"background-agents/sandbox/wire"
)

// A sandbox that was started by an earlier version of the application goes on with this one.
func TestAnswerOfAnEarlierSupervisorToStart(t *testing.T) {
	started := wire.Started{}
	if err := settle(wire.MethodStart, wire.Reply{}, &started); err != nil || started.Fresh {
		t.Errorf("fresh %v, %v", started.Fresh, err)
	}
	if err := settle(wire.MethodStart, wire.Reply{Result: json.RawMessage(`{"fresh":true}`)}, &started); err != nil || !started.Fresh {
		t.Errorf("fresh %v, %v", started.Fresh, err)
	}
	if err := settle(wire.MethodCheckpoint, wire.Reply{}, &wire.Checkpoint{}); err == nil {
		t.Error("a checkpoint without an answer is one")
	}
}
