package main

import (
	"context"
	"fmt"
	"runtime/debug"
	"slices"
	"time"

	"background-agents/sandbox/supervisor/channel"
	"background-agents/sandbox/wire"
)

// turn is the one that runs.
type turn struct {
	cancel    context.CancelFunc // of what comes before the agent has the prompt
	agent     liveAgent          // nil until it has it
	cancelled bool
	said      bool // a message or a tool call came
}

// next returns the prompt to run now: the oldest that was accepted, once the host has started the session; one that was
// cancelled is ended without it.
func (s *session) next() (wire.Prompt, bool) {
	accepted := s.journal.State().Accepted
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(accepted) == 0 {
		return wire.Prompt{}, false
	}
	ready := s.prepared && s.starting == nil
	return accepted[0], ready || s.dropped[accepted[0].ID]
}

// runTurn runs one prompt from its begin to the checkpoint at its end. It fails only where the journal does.
func (s *session) runTurn(ctx context.Context, p wire.Prompt) error {
	var end *wire.TurnEnd
	err := hold(ctx, s.turns, func() (err error) {
		end, err = s.perform(ctx, p)
		return err
	})
	if err == nil {
		err = s.journal.Append(wire.Entry{TurnEnd: end})
	}
	if _, more := s.next(); !more {
		debug.FreeOSMemory() // the sandbox may be idle for hours now
	}
	return err
}

func (s *session) perform(ctx context.Context, p wire.Prompt) (*wire.TurnEnd, error) {
	before, cancel := context.WithCancel(ctx)
	defer cancel()
	t := &turn{cancel: cancel}
	s.mu.Lock()
	s.turn = t
	dropped := s.dropped[p.ID]
	delete(s.dropped, p.ID)
	s.mu.Unlock()
	defer func() {
		s.mu.Lock()
		s.turn = nil
		s.mu.Unlock()
	}()
	if err := s.journal.Append(wire.Entry{TurnBegin: &wire.TurnBegin{Prompt: p.ID}}); err != nil {
		return nil, err
	}
	if err := s.files.Use(); err != nil {
		fmt.Fprintln(s.log, "note that the files are in use:", err)
	}
	end := &wire.TurnEnd{Prompt: p.ID, Stop: "cancelled"}
	if dropped {
		return end, nil
	}
	end.Stop, end.Input, end.Output, end.Error = s.give(ctx, before, t, p)
	if ctx.Err() != nil {
		return nil, ctx.Err() // the supervisor ends: the next one calls the turn interrupted
	}
	var err error
	if end.Checkpoint, err = s.checkpoint(ctx); err != nil {
		fmt.Fprintln(s.log, "checkpoint:", err)
		if end.Error == nil {
			end.Stop, end.Error = "error", checkpointError(err)
		}
	}
	end.Only = s.only(ctx)
	return end, nil
}

func checkpointError(err error) *wire.Error {
	e := *channel.Error(err)
	e.Message = "The agent's work could not be saved: " + e.Message
	return &e
}

// give gives the prompt to the agent, launching it again where it died, and judges how the turn ended.
func (s *session) give(ctx, before context.Context, t *turn, p wire.Prompt) (stop string, input, output int64, failure *wire.Error) {
	a, err := s.sealedAgent(before)
	s.mu.Lock()
	t.agent = a
	cancelled := t.cancelled
	s.mu.Unlock()
	switch {
	case cancelled:
		return "cancelled", 0, 0, nil
	case err != nil:
		return "error", 0, 0, channel.Error(err)
	}
	stop, input, output, failure = a.Prompt(ctx, p)
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case t.cancelled && (failure != nil || stop != "end_turn"):
		return "cancelled", input, output, nil
	case failure != nil && !alive(a):
		return "error", input, output, &wire.Error{Code: "agent_failed", Message: failure.Message, Hint: orElse(failure.Hint, "Send the prompt again: that restarts the agent.")}
	case failure != nil:
		return "error", input, output, failure
	case stop == "end_turn" && !t.said:
		return "error", input, output, &wire.Error{
			Code:    "turn_empty",
			Message: "The agent ended its turn without a word.",
			Hint:    "The model may have refused or been cut off. Send the prompt again, or choose another model.",
		}
	}
	return stop, input, output, nil
}

func orElse(s, other string) string {
	if s != "" {
		return s
	}
	return other
}

// cancelWait bounds how long cancel waits for a start to end.
const cancelWait = 900 * time.Millisecond

// cancel ends a start that is under way, the running turn, and what waits behind it. It returns within a second; the
// turn's end comes as an entry.
func (s *session) cancel(ctx context.Context, c wire.Cancel) error {
	s.mu.Lock()
	a, t := s.starting, s.turn
	var live liveAgent
	if !c.Start && t != nil {
		t.cancelled = true
		t.cancel()
		live = t.agent
	}
	s.mu.Unlock()
	if !c.Start {
		s.dropAccepted()
	}
	if a != nil {
		a.cancel()
		select {
		case <-a.done:
		case <-time.After(cancelWait):
		case <-ctx.Done():
		}
	}
	if live != nil {
		return live.Cancel(ctx)
	}
	return nil
}

// dropAccepted ends the prompts that have not begun.
func (s *session) dropAccepted() {
	st := s.journal.State()
	s.mu.Lock()
	for id := range s.dropped {
		if !slices.ContainsFunc(st.Accepted, func(p wire.Prompt) bool { return p.ID == id }) {
			delete(s.dropped, id)
		}
	}
	for _, p := range st.Accepted {
		s.dropped[p.ID] = true
	}
	s.mu.Unlock()
	s.poke()
}
