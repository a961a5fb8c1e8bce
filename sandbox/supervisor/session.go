package main

import (
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"os"
	"sync"
	"time"

	"background-agents/sandbox/supervisor/agent"
	"background-agents/sandbox/supervisor/journal"
	"background-agents/sandbox/supervisor/missing"
	"background-agents/sandbox/supervisor/workspace"
	"background-agents/sandbox/wire"
)

// files is a workspace.Workspace.
type files interface {
	Ensure(ctx context.Context, c workspace.Clone, out io.Writer) (fresh bool, err error)
	Hook(ctx context.Context, name string, env []string, limit time.Duration, out io.Writer) (ran bool, err error)
	Commands(ctx context.Context, name string, commands, env []string, limit time.Duration, out io.Writer) error
	Checkpoint(ctx context.Context) (wire.Checkpoint, error)
	Only(ctx context.Context) (wire.OnlyList, error)
	OnlyAtLast(ctx context.Context) (wire.OnlyList, error)
	Bundle(ctx context.Context, b wire.Bundle, out io.Writer) error
	Import(ctx context.Context, bundle io.Reader) error
	Restore(ctx context.Context, c wire.Checkpoint) error
	Fresh() bool
	Use() error
	Apply(ctx context.Context, from, to string) error
}

// session is the one session of this sandbox: it prepares, runs one turn at a time, and does what the host calls for.
// It goes on without a host.
type session struct {
	journal *journal.Journal
	files   files
	process func(c agent.Config) (earlyAgent, error)
	sealed  func() error // says what is wrong with the seal
	paths   paths
	log     io.Writer
	// patience is how long a tool waits for the user.
	patience time.Duration

	attached  chan struct{} // closed when the first host has linked
	attach    sync.Once
	recovered chan struct{} // closed when what a former supervisor left open is closed
	wake      chan struct{} // holds a token while there may be a prompt to run
	using     chan struct{} // holds a token while the workspace changes
	launching chan struct{} // holds a token while an agent is launched
	turns     chan struct{} // holds a token while a turn runs, or nothing may

	mu       sync.Mutex
	ctx      context.Context // of run: what goes on without a host ends with it
	start    *wire.Start     // what the host sent last; secrets in it stay in memory
	starting *attempt
	prepared bool       // workspace and hooks are done in this life of the supervisor
	early    earlyAgent // started beside the checkout, for the first launch
	agent    liveAgent
	untold   bool // the agent has no way of its own to hear its instructions
	turn     *turn
	// proposals are the pull requests that the agent asks for and waits for now.
	proposals map[string]chan wire.Settle
	dropped   map[string]bool // accepted prompts that were cancelled before they began

	missing *missing.Reporter // of what the sandbox does not have
}

func newSession(j *journal.Journal, f files, process func(agent.Config) (earlyAgent, error), sealed func() error, p paths) *session {
	s := &session{
		journal: j, files: f, process: process, sealed: sealed, paths: p, log: os.Stderr,
		attached: make(chan struct{}), recovered: make(chan struct{}), wake: make(chan struct{}, 1),
		using: make(chan struct{}, 1), launching: make(chan struct{}, 1), turns: make(chan struct{}, 1),
		ctx: context.Background(), dropped: map[string]bool{}, proposals: map[string]chan wire.Settle{}, patience: answerLimit,
	}
	s.missing = s.newReporter()
	return s
}

// run ends what a former supervisor left open, and then runs the prompts that the journal holds, until ctx ends.
func (s *session) run(ctx context.Context) error {
	s.mu.Lock()
	s.ctx = ctx
	s.mu.Unlock()
	stop := context.AfterFunc(ctx, s.closeAgent) // a turn ends with its agent
	defer stop()
	// Only with the host's cursor does the journal know whether a crash took entries that the host has.
	select {
	case <-s.attached:
	case <-ctx.Done():
		return nil
	}
	if err := s.recover(ctx); err != nil {
		return err
	}
	close(s.recovered)
	for {
		p, ok := s.next()
		if !ok {
			select {
			case <-s.wake:
				continue
			case <-ctx.Done():
				return nil
			}
		}
		if err := s.runTurn(ctx, p); err != nil {
			if ctx.Err() != nil {
				return nil
			}
			return err
		}
	}
}

// Attached implements channel.Handler.
func (s *session) Attached(renewed bool) {
	s.attach.Do(func() { close(s.attached) })
	if renewed {
		go func() { _ = s.cancel(context.Background(), wire.Cancel{}) }() // the host counts the turn as lost
	}
}

// notice tells the user something in one sentence.
func (s *session) notice(text string) {
	_ = s.Append(wire.Entry{Notice: &wire.Notice{Item: "notice-" + rand.Text()[:8], Text: text}})
}

// Append implements agent.Sink: the journal, and what the session learns from it.
func (s *session) Append(e wire.Entry) error {
	s.mu.Lock()
	if e.Agent != nil && s.start != nil {
		learn(s.start, *e.Agent)
	}
	if s.turn != nil && (e.Tool != nil || e.Delta != nil && e.Delta.Kind == "message" && e.Delta.Text != "") {
		s.turn.said = true
	}
	s.mu.Unlock()
	err := s.journal.Append(e)
	if e.Tool != nil {
		s.ended(e.Tool)
	}
	return err
}

// learn keeps the conversation and the options that the agent has now, so that the next launch has them too.
func learn(st *wire.Start, a wire.Agent) {
	if a.Conversation != "" {
		st.Conversation = a.Conversation
	}
	for _, o := range a.Options {
		switch o.Category {
		case "model":
			st.Model = o.Value
		case "thought_level":
			st.Effort = o.Value
		case "mode":
			st.Mode = o.Value
		}
	}
}

// recover closes the turn that the former supervisor was running, with the files as they are.
func (s *session) recover(ctx context.Context) error {
	st := s.journal.State()
	var entries []wire.Entry
	for _, t := range st.Tools {
		t.Status = "failed"
		entries = append(entries, wire.Entry{Tool: &t})
	}
	for _, p := range st.Permissions {
		p.Answer = "cancelled"
		entries = append(entries, wire.Entry{Permission: &p})
	}
	for _, p := range st.Phases {
		p.Status = "failed"
		entries = append(entries, wire.Entry{Phase: &p})
	}
	if st.Running != "" {
		end := &wire.TurnEnd{Prompt: st.Running, Stop: "interrupted"}
		var err error
		if end.Checkpoint, err = s.checkpoint(ctx); err != nil {
			fmt.Fprintln(s.log, "checkpoint of an interrupted turn:", err)
		}
		end.Only = s.only(ctx)
		entries = append(entries, wire.Entry{TurnEnd: end})
	}
	for _, e := range entries {
		if err := s.journal.Append(e); err != nil {
			return err
		}
	}
	return nil
}

// checkpointLimit bounds one checkpoint, so that a turn ends whatever the agent left behind.
const checkpointLimit = 10 * time.Minute

func (s *session) checkpoint(ctx context.Context) (c wire.Checkpoint, err error) {
	ctx, cancel := context.WithTimeout(ctx, checkpointLimit)
	defer cancel()
	err = hold(ctx, s.using, func() error { c, err = s.files.Checkpoint(ctx); return err })
	return c, err
}

// onlyLimit bounds the look for what is in the sandbox alone, at the end of a turn.
const onlyLimit = 30 * time.Second

// only returns what is in the sandbox alone, after a checkpoint; nil where that cannot be told.
func (s *session) only(ctx context.Context) *wire.OnlyList {
	ctx, cancel := context.WithTimeout(ctx, onlyLimit)
	defer cancel()
	var list wire.OnlyList
	err := hold(ctx, s.using, func() (err error) { list, err = s.files.OnlyAtLast(ctx); return err })
	if err != nil {
		fmt.Fprintln(s.log, "look for what is in the sandbox alone:", err)
		return nil
	}
	return &list
}

// hold calls f while it has the place's one token.
func hold(ctx context.Context, place chan struct{}, f func() error) error {
	select {
	case place <- struct{}{}:
		defer func() { <-place }()
		return f()
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (s *session) poke() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

func alive(a liveAgent) bool {
	if a == nil {
		return false
	}
	select {
	case <-a.Done():
		return false
	default:
		return true
	}
}

func (s *session) closeAgent() {
	s.mu.Lock()
	a := s.agent
	s.mu.Unlock()
	if a != nil {
		_ = a.Close()
	}
}
