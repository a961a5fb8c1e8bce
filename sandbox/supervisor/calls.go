package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"background-agents/sandbox/supervisor/journal"
	"background-agents/sandbox/supervisor/tunnel"
	"background-agents/sandbox/wire"
)

// Bounds of a prompt.
const (
	maxPromptText = 1 << 20
	maxFiles      = 32
	maxID         = 128
)

// Call implements channel.Handler.
func (s *session) Call(ctx context.Context, c wire.Call) (any, error) {
	switch c.Method {
	case wire.MethodStart:
		var started wire.Started
		_, err := with(c, func(p wire.Start) error { return s.begin(ctx, p) })
		if err == nil {
			started.Fresh = s.files.Fresh()
		}
		return started, err
	case wire.MethodPrompt:
		return with(c, func(p wire.Prompt) error { return s.accept(ctx, p) })
	case wire.MethodCancel:
		if len(c.Params) == 0 {
			c.Params = json.RawMessage("{}")
		}
		return with(c, func(p wire.Cancel) error { return s.cancel(ctx, p) })
	case wire.MethodAnswer:
		return with(c, func(p wire.Answer) error {
			a, err := s.running()
			if err != nil {
				return err
			}
			return a.Answer(p.Permission, p.Option)
		})
	case wire.MethodSettle:
		return with(c, s.settle)
	case wire.MethodOption:
		return with(c, func(p wire.Option) error {
			a, err := s.running()
			if err != nil {
				return err
			}
			return a.SetOption(ctx, p.Option, p.Value)
		})
	case wire.MethodPolicy:
		return with(c, func(p wire.Policy) error { s.setPolicy(p.Policy); return nil })
	case wire.MethodCheckpoint:
		if err := s.isPrepared(); err != nil {
			return nil, err
		}
		return s.checkpoint(ctx)
	case wire.MethodOnly:
		var list wire.OnlyList
		err := s.change(ctx, func() (err error) { list, err = s.files.Only(ctx); return err })
		return list, err
	case wire.MethodCaller:
		var p wire.Caller
		_, err := with(c, func(asked wire.Caller) error { p.Commands = tunnel.Callers(ctx, asked.Port); return nil })
		return p, err
	case wire.MethodRestore:
		return with(c, func(p wire.Checkpoint) error { return s.restore(ctx, p) })
	case wire.MethodApply:
		return with(c, func(p wire.Apply) error {
			return s.change(ctx, func() error { return s.files.Apply(ctx, p.From, p.To) })
		})
	}
	return nil, &wire.Error{Code: "invalid", Message: fmt.Sprintf("The sandbox knows no call %q.", c.Method)}
}

// with decodes a call's parameters for f.
func with[P any](c wire.Call, f func(P) error) (any, error) {
	var p P
	if err := json.Unmarshal(c.Params, &p); err != nil {
		return nil, &wire.Error{Code: "invalid", Message: "The parameters of " + c.Method + " cannot be read."}
	}
	return nil, f(p)
}

// accept takes a prompt into the journal; the turn follows when its time comes.
func (s *session) accept(ctx context.Context, p wire.Prompt) error {
	if p.ID == "" || len(p.ID) > maxID || len(p.Text) > maxPromptText || len(p.Files) > maxFiles {
		return &wire.Error{Code: "invalid", Message: "The prompt is too long."}
	}
	if err := s.journal.Err(); err != nil {
		return &wire.Error{Code: "disk_full", Message: "The sandbox's disk takes nothing more: " + err.Error() + ".", Hint: "Free some disk space; `bga doctor` says how much there is."}
	}
	done := make(chan error, 1)
	go func() { _, err := s.journal.Accept(p); done <- err }()
	select {
	case err := <-done:
		if errors.Is(err, journal.ErrBusy) {
			return &wire.Error{Code: "conflict", Message: "Too many prompts wait already.", Hint: "Wait until one has run."}
		}
		if err != nil {
			return err
		}
	case <-ctx.Done():
		return ctx.Err()
	}
	s.poke()
	return nil
}

// running returns the agent that lives.
func (s *session) running() (liveAgent, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !alive(s.agent) {
		return nil, &wire.Error{Code: "conflict", Message: "The agent does not run.", Hint: "Send a prompt, which starts it."}
	}
	return s.agent, nil
}

func (s *session) setPolicy(policy string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.start != nil {
		s.start.Policy = policy
	}
	if alive(s.agent) {
		s.agent.SetPolicy(policy)
	}
}

func (s *session) isPrepared() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.prepared {
		return &wire.Error{Code: "conflict", Message: "The sandbox is not ready.", Hint: "Start the session first."}
	}
	return nil
}

// change calls f while nothing else changes the workspace but the agent.
func (s *session) change(ctx context.Context, f func() error) error {
	if err := s.isPrepared(); err != nil {
		return err
	}
	return hold(ctx, s.using, f)
}

// restore never happens under a running turn: the agent would go on from files that it does not know.
func (s *session) restore(ctx context.Context, c wire.Checkpoint) error {
	select {
	case s.turns <- struct{}{}:
		defer func() { <-s.turns }()
	default:
		return &wire.Error{Code: "conflict", Message: "The agent is at work.", Hint: "Stop it first."}
	}
	return s.change(ctx, func() error { return s.files.Restore(ctx, c) })
}

// Send implements channel.Handler.
func (s *session) Send(ctx context.Context, c wire.Call, w io.Writer) error {
	switch c.Method {
	case wire.MethodBundle:
		_, err := with(c, func(p wire.Bundle) error { return s.files.Bundle(ctx, p, w) })
		return err
	case wire.MethodOutput:
		_, err := with(c, func(p wire.Output) error { return s.output(p.Item, w) })
		return err
	}
	return &wire.Error{Code: "invalid", Message: fmt.Sprintf("The sandbox knows no call %q.", c.Method)}
}

// Receive implements channel.Handler.
func (s *session) Receive(ctx context.Context, c wire.Call, r io.Reader) (result any, err error) {
	switch c.Method {
	case wire.MethodImport:
		return nil, s.change(ctx, func() error { return s.files.Import(ctx, r) })
	case wire.MethodUpload:
		_, err = with(c, func(p wire.Upload) error { result, err = s.upload(p, r); return err })
		return result, err
	}
	return nil, &wire.Error{Code: "invalid", Message: fmt.Sprintf("The sandbox knows no call %q.", c.Method)}
}
