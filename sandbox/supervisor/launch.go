package main

import (
	"context"
	"errors"
	"io"
	"slices"
	"sync"

	"background-agents/sandbox/supervisor/agent"
	"background-agents/sandbox/wire"
)

// liveAgent is an agent.Agent.
type liveAgent interface {
	Prompt(ctx context.Context, p wire.Prompt) (stop string, input, output int64, err *wire.Error)
	Cancel(ctx context.Context) error
	Answer(permission, option string) error
	SetOption(ctx context.Context, id, value string) error
	SetPolicy(policy string)
	Done() <-chan struct{}
	Close() error
}

// earlyAgent is an agent.Prepared: a process that has no conversation yet.
type earlyAgent interface {
	Open(ctx context.Context, st wire.Start) (liveAgent, error)
	Close()
}

// prepared makes an earlyAgent of an agent.Prepared.
type prepared struct{ *agent.Prepared }

func (p prepared) Open(ctx context.Context, st wire.Start) (liveAgent, error) {
	a, err := p.Prepared.Open(ctx, st)
	if err != nil {
		return nil, err // not a liveAgent that holds nothing
	}
	return a, nil
}

func prepareAgent(c agent.Config) (earlyAgent, error) {
	p, err := agent.Prepare(c)
	if err != nil {
		return nil, err
	}
	return prepared{p}, nil
}

// firstWrite calls f before the first write: the clone's repository is there by then, and its checkout goes on for long
// enough to say so.
type firstWrite struct {
	io.Writer
	once sync.Once
	f    func()
}

func (w *firstWrite) Write(p []byte) (int, error) {
	w.once.Do(w.f)
	return w.Writer.Write(p)
}

func (s *session) agentConfig(st wire.Start) agent.Config {
	return agent.Config{
		Start: st, Dir: s.paths.workspace, Outputs: s.paths.outputs(), Sink: s, Log: s.log,
		Instructions: s.paths.instructions(),
		Untold:       func() { s.mu.Lock(); defer s.mu.Unlock(); s.untold = true },
	}
}

// instructions returns what the agent was not told in another way.
func (s *session) instructions() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.untold || s.start == nil {
		return ""
	}
	return s.start.Instructions
}

// startEarly starts the agent's process beside the checkout. Where that fails it is tried again in its own time.
func (s *session) startEarly(st wire.Start) {
	p, err := s.process(s.agentConfig(st))
	if err != nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.early = p
}

func (s *session) takeEarly() earlyAgent {
	s.mu.Lock()
	defer s.mu.Unlock()
	p := s.early
	s.early = nil
	return p
}

// dropEarly ends an early process that is of no use.
func (s *session) dropEarly() {
	if p := s.takeEarly(); p != nil {
		p.Close()
	}
}

// ensureAgent returns the agent; where none lives it launches one that goes on with the conversation.
func (s *session) ensureAgent(ctx context.Context) (live liveAgent, err error) {
	err = hold(ctx, s.launching, func() error {
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
		return s.phase("agent", func(io.Writer) (bool, error) {
			live, err = s.launch(ctx, st)
			if err != nil {
				return true, agentError(ctx, err)
			}
			s.mu.Lock()
			defer s.mu.Unlock()
			s.agent = live
			return true, nil
		})
	})
	return live, err
}

func (s *session) launch(ctx context.Context, st wire.Start) (liveAgent, error) {
	p := s.takeEarly()
	if p == nil {
		var err error
		if p, err = s.process(s.agentConfig(st)); err != nil {
			return nil, err
		}
	}
	st.MCP = slices.Concat(st.MCP, s.ownServer())
	return p.Open(ctx, st)
}

// agentError says in a user's words that the agent did not start.
func agentError(ctx context.Context, err error) error {
	var known *wire.Error
	if ctx.Err() != nil || errors.As(err, &known) {
		return err
	}
	return &wire.Error{Code: "agent_failed", Message: "The agent did not start: " + err.Error() + ".", Hint: "Try again."}
}
