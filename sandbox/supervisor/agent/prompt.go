package agent

import (
	"context"
	"time"

	"github.com/coder/acp-go-sdk"

	"background-agents/sandbox/wire"
)

// cancelGrace is how long an agent has to end a cancelled turn before it is killed: Stop is to work within a second.
const cancelGrace = 700 * time.Millisecond

// turn is the running prompt.
type turn struct {
	cancelled bool          // guarded by turnMu
	ended     chan struct{} // closed when Prompt returns
}

// answer is the answer to session/prompt.
type answer struct {
	StopReason string `json:"stopReason"`
	Usage      struct {
		Input      float64 `json:"inputTokens"`
		Output     float64 `json:"outputTokens"`
		CacheRead  float64 `json:"cachedReadTokens"`
		CacheWrite float64 `json:"cachedWriteTokens"`
		Thought    float64 `json:"thoughtTokens"`
	} `json:"usage"`
}

// Prompt gives the agent a prompt and returns when the turn has ended, with all of it in the Sink. stop is end_turn,
// max_tokens, refusal, cancelled or error; err is set with the last. input and output are tokens, where the agent says them.
// The end of ctx is a Cancel. One prompt at a time: a second is an error of code conflict.
func (a *Agent) Prompt(ctx context.Context, p wire.Prompt) (stop string, input, output int64, err *wire.Error) {
	t := &turn{ended: make(chan struct{})}
	a.turnMu.Lock()
	if a.turn != nil {
		a.turnMu.Unlock()
		return "error", 0, 0, &wire.Error{Code: "conflict", Message: "The agent is working on another prompt."}
	}
	a.turn = t
	a.turnMu.Unlock()
	a.said.beginTurn()
	a.asks.beginTurn()
	a.settleMode()
	if a.code != nil {
		go a.code.watch(a, t.ended)
	}

	type result struct {
		answer
		err error
	}
	results := make(chan result, 1)
	go func() {
		r, err := acp.SendRequest[answer](a.conn, context.Background(), acp.AgentMethodSessionPrompt,
			acp.PromptRequest{SessionId: acp.SessionId(a.session), Prompt: a.blocks(p)})
		results <- result{r, err}
	}()
	var r result
	select {
	case r = <-results:
	case <-ctx.Done():
		go func() { _ = a.Cancel(context.Background()) }()
		r = <-results // Cancel sees to it
	}
	if a.gone() {
		<-a.read // what it said last belongs to this turn
	}

	a.turnMu.Lock()
	cancelled := t.cancelled
	a.turnMu.Unlock()
	a.asks.cancelAll(false)
	stop = stopOf(r.StopReason, cancelled)
	if r.err != nil && !cancelled {
		stop, err = "error", a.errorOf("finish the turn", r.err)
	}
	a.said.endTurn(stop == "end_turn")
	a.turnMu.Lock()
	a.turn = nil
	a.turnMu.Unlock()
	close(t.ended)
	u := r.Usage
	return stop, int64(u.Input + u.CacheRead + u.CacheWrite), int64(u.Output + u.Thought), err
}

// stopOf maps the protocol's reasons to ours.
func stopOf(reason string, cancelled bool) string {
	switch {
	case cancelled:
		return "cancelled"
	case reason == "max_turn_requests":
		return "max_tokens" // the agent's own limit of steps
	case reason == "cancelled", reason == "max_tokens", reason == "refusal":
		return reason
	}
	return "end_turn"
}

// Cancel ends the running turn, if there is one, and returns when it has ended. An agent that does not end it within 700 ms is
// killed with all that it started; then Done closes. Prompt returns cancelled either way.
func (a *Agent) Cancel(ctx context.Context) error {
	a.turnMu.Lock()
	t := a.turn
	if t == nil {
		a.turnMu.Unlock()
		return nil
	}
	first := !t.cancelled
	t.cancelled = true
	a.turnMu.Unlock()
	if first {
		a.asks.cancelAll(true)
		go func() {
			_ = a.conn.SendNotification(context.Background(), acp.AgentMethodSessionCancel, acp.CancelNotification{SessionId: acp.SessionId(a.session)})
		}()
	}
	grace := time.NewTimer(cancelGrace)
	defer grace.Stop()
	select {
	case <-t.ended:
		return nil
	case <-ctx.Done():
		go func() { // who asked is gone, but the turn still ends
			select {
			case <-t.ended:
			case <-time.After(cancelGrace):
				a.proc.kill()
			}
		}()
		return ctx.Err()
	case <-grace.C:
	}
	a.proc.kill()
	<-t.ended
	return nil
}
