package main

import (
	"context"
	"errors"
	"testing"

	"background-agents/sandbox/wire"
)

func TestTurnEndsWithWhatIsOnlyInTheSandbox(t *testing.T) {
	b := newBench(t)
	b.files.only = wire.OnlyList{List: []wire.Only{{Kind: wire.OnlyBranch, Name: "feature/login", Count: 1}}}
	b.must(wire.MethodStart, started)
	b.must(wire.MethodPrompt, wire.Prompt{ID: "p1", Text: "this"})
	if only := b.end("p1").Only; only == nil || len(only.List) != 1 || only.List[0].Name != "feature/login" {
		t.Errorf("only = %+v", only)
	}
	got, err := b.Call(context.Background(), wire.Call{Method: wire.MethodOnly})
	if list, ok := got.(wire.OnlyList); err != nil || !ok || len(list.List) != 1 {
		t.Errorf("asked: %+v, %v", got, err)
	}
	b.files.onlyErr = errors.New("the repository was removed")
	b.must(wire.MethodPrompt, wire.Prompt{ID: "p2", Text: "that"})
	if end := b.end("p2"); end.Only != nil || end.Stop != "end_turn" {
		t.Errorf("a look that failed: %+v", end)
	}
}
