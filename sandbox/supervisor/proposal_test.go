package main

import (
	"context"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"background-agents/sandbox/wire"
)

func TestProposalIsToldAndItsAnswerComesBack(t *testing.T) {
	for want, settle := range map[string]*wire.Settle{
		"opened https://example.org/1": {Answer: "opened", URL: "https://example.org/1"},
		"declined by the user":         {Answer: "declined"},
		"waiting":                      nil,
	} {
		t.Run(want, func(t *testing.T) {
			b := newBench(t)
			b.patience = 5 * time.Second
			if settle == nil {
				b.patience = 50 * time.Millisecond
			}
			b.must(wire.MethodStart, started)
			said := make(chan string, 1)
			go func() {
				text, failed := b.propose(context.Background(), json.RawMessage(`{"title":"Fix it","body":"B","base":"dev"}`))
				if failed {
					text = "failed: " + text
				}
				said <- text
			}()
			var p *wire.Proposal
			b.until(func(e wire.Entry) bool { p = e.Proposal; return p != nil })
			if p.Title != "Fix it" || p.Body != "B" || p.Base != "dev" || !p.Draft {
				t.Errorf("told %+v", p)
			}
			if settle != nil {
				if text, failed := b.propose(context.Background(), json.RawMessage(`{"title":"Again","body":""}`)); !failed || !strings.Contains(text, "waits for the user already") {
					t.Errorf("a second one says %q", text)
				}
				settle.Proposal = p.ID
				b.must(wire.MethodSettle, *settle)
			}
			if got := <-said; !strings.HasPrefix(got, want) {
				t.Errorf("the agent is told %q", got)
			}
			if err := b.call(wire.MethodSettle, wire.Settle{Proposal: p.ID, Answer: "opened"}); err == nil {
				t.Error("it is answered twice")
			}
		})
	}
}

func TestProposalOutOfBoundsIsRefused(t *testing.T) {
	b := newBench(t)
	b.must(wire.MethodStart, started)
	for _, args := range []string{
		`{}`, `{"title":" "}`, `{"title":"a\nb"}`, `7`, `{"title":"` + strings.Repeat("x", maxTitle+1) + `"}`,
		`{"title":"x","body":"` + strings.Repeat("x", maxBody+1) + `"}`, `{"title":"x","base":"` + strings.Repeat("x", maxBase+1) + `"}`,
	} {
		if text, failed := b.propose(context.Background(), json.RawMessage(args)); !failed || text == "" {
			t.Errorf("%.50s is taken: %q", args, text)
		}
	}
}

func TestAgentGetsTheSupervisorsTools(t *testing.T) {
	b := newBench(t)
	b.must(wire.MethodStart, started)
	mcp := b.agents[0].start.MCP
	if len(mcp) != 1 || mcp[0].Name != "background-agents" || len(mcp[0].Command) != 4 || mcp[0].Command[1] != "mcp" {
		t.Errorf("the agent's servers are %+v", mcp)
	}
}
