package main

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"time"

	"background-agents/sandbox/supervisor/agent"
	"background-agents/sandbox/wire"
)

// Limits of the hooks. The start hook runs every time, so it must be quick.
const (
	setupLimit    = 15 * time.Minute // where the host names none
	maxSetupLimit = 2 * time.Hour
	startLimit    = 2 * time.Minute
)

// attempt is one try to make everything ready. It goes on when the host that asked for it goes away.
type attempt struct {
	cancel context.CancelFunc
	done   chan struct{}
	err    error // set before done is closed
}

// begin does what the host asks with Start: it returns when the agent can be prompted. Asked again while it is at it, it
// waits with whoever waits already.
func (s *session) begin(ctx context.Context, st wire.Start) error {
	if len(st.Command) == 0 {
		return &wire.Error{Code: "invalid", Message: "No agent is named."}
	}
	select {
	case <-s.recovered:
	case <-ctx.Done():
		return ctx.Err()
	}
	s.mu.Lock()
	if s.start != nil && st.Conversation == "" {
		st.Conversation = s.start.Conversation
	}
	s.start = &st
	ready, live := s.prepared && alive(s.agent), s.agent
	a := s.starting
	if a == nil && !ready {
		a = &attempt{done: make(chan struct{})}
		var own context.Context
		own, a.cancel = context.WithCancel(s.ctx)
		s.starting = a
		go s.attempt(own, a, st)
	}
	s.mu.Unlock()
	if ready {
		live.SetPolicy(st.Policy)
		return nil
	}
	select {
	case <-a.done:
		return a.err
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (s *session) attempt(ctx context.Context, a *attempt, st wire.Start) {
	defer a.cancel()
	err := s.prepare(ctx, st)
	if err == nil {
		_, err = s.ensureAgent(ctx)
	}
	if ctx.Err() != nil {
		err = ctx.Err()
	}
	s.mu.Lock()
	a.err, s.starting = err, nil
	s.mu.Unlock()
	close(a.done)
	s.poke()
}

// prepare makes the clone and runs the hooks: setup once for each clone, start each time that the sandbox starts.
func (s *session) prepare(ctx context.Context, st wire.Start) error {
	s.mu.Lock()
	prepared := s.prepared
	s.mu.Unlock()
	if prepared {
		return nil
	}
	setUp := filepath.Join(s.paths.state, "setup-done")
	err := s.phase("clone", func(out io.Writer) (bool, error) {
		fresh := false
		err := hold(ctx, s.using, func() (err error) {
			fresh, err = s.files.Ensure(ctx, st.Base, st.Branch, st.AuthorName, st.AuthorEmail, out)
			return err
		})
		if fresh {
			err = errors.Join(err, removeIfThere(setUp))
		}
		return fresh, err
	})
	if err != nil {
		return err
	}
	if _, err := os.Stat(setUp); errors.Is(err, os.ErrNotExist) {
		limit := time.Duration(st.SetupSeconds) * time.Second
		if limit <= 0 {
			limit = setupLimit
		}
		if err := s.hook(ctx, "setup", st.Env, min(limit, maxSetupLimit)); err != nil {
			return err
		}
		if err := os.WriteFile(setUp, nil, 0o600); err != nil {
			return err
		}
	}
	if err := s.hook(ctx, "start", st.Env, startLimit); err != nil {
		return err
	}
	s.mu.Lock()
	s.prepared = true
	s.mu.Unlock()
	return nil
}

func (s *session) hook(ctx context.Context, name string, env []string, limit time.Duration) error {
	return s.phase(name, func(out io.Writer) (bool, error) {
		ran, err := s.files.Hook(ctx, name+".sh", env, limit, out)
		var known *wire.Error
		if err != nil && ctx.Err() == nil && !errors.As(err, &known) {
			err = &wire.Error{
				Code:    "hook_failed",
				Message: "The " + name + " hook failed: " + err.Error() + ".",
				Hint:    "Its output says why. Mend .background-agents/" + name + ".sh and try again.",
			}
		}
		return ran, err
	})
}

// ensureAgent returns the agent; where none lives it launches one that goes on with the conversation.
func (s *session) ensureAgent(ctx context.Context) (liveAgent, error) {
	var live liveAgent
	err := hold(ctx, s.launching, func() error {
		s.mu.Lock()
		live = s.agent
		var st wire.Start
		if s.start != nil {
			st = *s.start
		}
		s.mu.Unlock()
		if alive(live) {
			return nil
		}
		if live != nil {
			_ = live.Close()
		}
		return s.phase("agent", func(out io.Writer) (bool, error) {
			var err error
			live, err = s.launch(ctx, agent.Config{Start: st, Dir: s.paths.workspace, Outputs: s.paths.outputs(), Sink: s, Log: s.log})
			if err != nil {
				live = nil
				return true, agentError(ctx, err)
			}
			s.mu.Lock()
			s.agent = live
			s.mu.Unlock()
			return true, nil
		})
	})
	return live, err
}

// agentError says in a user's words that the agent did not start.
func agentError(ctx context.Context, err error) error {
	var known *wire.Error
	if ctx.Err() != nil || errors.As(err, &known) {
		return err
	}
	return &wire.Error{Code: "agent_failed", Message: "The agent did not start: " + err.Error() + ".", Hint: "Try again."}
}

func removeIfThere(path string) error {
	if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return nil
}
