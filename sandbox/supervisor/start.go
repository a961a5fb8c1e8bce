package main

import (
	"context"
	"io"
	"slices"
	"time"

	"background-agents/sandbox/supervisor/workspace"
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

// begin does what the host asks with Start: it returns when the agent can be prompted. Asked again while it is at it,
// it waits with those that wait already.
func (s *session) begin(ctx context.Context, st wire.Start) error {
	if len(st.Command) == 0 {
		return &wire.Error{Code: "invalid", Message: "No agent is named."}
	}
	select {
	case <-s.recovered:
	case <-ctx.Done():
		return ctx.Err()
	}
	if err := keepVariables(s.paths.variables(), st.Variables); err != nil {
		return err
	}
	st.Env = slices.Concat(st.Variables, st.Env) // of one name the last counts
	st, err := s.withSecrets(ctx, st)
	if err != nil {
		return err
	}
	s.mu.Lock()
	if s.start != nil && st.Conversation == "" {
		st.Conversation = s.start.Conversation
	}
	s.start = &st
	s.missing.Want(st.Missing)
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
	err := s.checkSeal() // hooks and the agent are the first programs of others that run
	if err == nil {
		err = s.prepare(ctx, st)
	}
	if err == nil {
		_, err = s.ensureAgent(ctx)
	}
	if ctx.Err() != nil {
		err = ctx.Err()
	}
	if err != nil {
		s.dropEarly()
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
	fresh := false
	err := s.phase("clone", func(out io.Writer) (bool, error) {
		err := hold(ctx, s.using, func() (err error) {
			clone := workspace.Clone{Base: st.Base, Branch: st.Branch, AuthorName: st.AuthorName, AuthorEmail: st.AuthorEmail}
			if st.Known != nil {
				clone.Known = *st.Known
			}
			fresh, err = s.files.Ensure(ctx, clone, &firstWrite{Writer: out, f: func() { s.startEarly(st) }})
			return err
		})
		return fresh, err
	})
	if err != nil {
		return err
	}
	if fresh {
		limit := time.Duration(st.SetupSeconds) * time.Second
		if limit <= 0 {
			limit = setupLimit
		}
		ran, err := s.hook(ctx, "setup", st.SetupCommands, st.Env, min(limit, maxSetupLimit))
		if err != nil {
			return err
		}
		if ran {
			s.dropEarly() // it may have set up the agent, too
		}
	}
	if _, err := s.hook(ctx, "start", st.StartCommands, st.Env, startLimit); err != nil {
		return err
	}
	s.mu.Lock()
	s.prepared = true
	s.mu.Unlock()
	return nil
}

// hook runs the project's commands, or else its script of that name.
func (s *session) hook(ctx context.Context, name string, commands, env []string, limit time.Duration) (ran bool,
	err error) {
	err = s.phase(name, func(out io.Writer) (bool, error) {
		if len(commands) > 0 {
			ran, err = true, s.files.Commands(ctx, name, commands, env, limit, out)
		} else {
			ran, err = s.files.Hook(ctx, name+".sh", env, limit, out)
		}
		return ran, err
	})
	return ran, err
}
