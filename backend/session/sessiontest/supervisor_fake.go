package sessiontest

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"net"
	"slices"
	"strings"
	"sync"

	"background-agents/backend/session"
)

// Supervisor is what lies in a fake sandbox's volumes: a journal, and the turn that runs.
type Supervisor struct {
	e  *Engine
	id session.ID

	mu       sync.Mutex
	epoch    string
	journal  []session.Entry
	prompts  []session.PromptID // accepted ever
	turn     *Turn
	link     *link
	grown    chan struct{} // closed and recreated when the journal grows
	draft    bool          // files that the agent has not committed
	Restored []string
	emptied  bool // see Empty
	Imported int
	Started  session.StartSpec // with what it was started last
	Only     *session.OnlyList // what it alone has; nil: it does not know the call
	Outputs  string            // what Output gives for every item; "" for a text with its id
	Batch    int               // how many entries it hands over at once, 0 for a few
	Gaps     int               // how many times it is to hand over some of which one is missing
}

var epochs struct {
	sync.Mutex
	n int
}

func newSupervisor(e *Engine, id session.ID) *Supervisor {
	epochs.Lock()
	defer epochs.Unlock()
	epochs.n++
	return &Supervisor{e: e, id: id, epoch: fmt.Sprintf("epoch-%d", epochs.n), grown: make(chan struct{})}
}

// boot is the start of the container: a turn that the last life had begun is interrupted.
func (s *Supervisor) boot() {
	s.mu.Lock()
	t := s.turn
	s.turn = nil
	s.mu.Unlock()
	if t != nil {
		s.append(session.Entry{TurnEnd: &session.EntryTurnEnd{Prompt: t.Prompt.ID, Stop: "interrupted", Checkpoint: s.checkpoint()}})
	}
}

func (s *Supervisor) halt() {
	s.mu.Lock()
	if s.turn != nil {
		s.turn.kill()
	}
	s.mu.Unlock()
	s.cut()
}

func (s *Supervisor) cut() {
	s.mu.Lock()
	l := s.link
	s.mu.Unlock()
	if l != nil {
		_ = l.Close()
	}
}

func (s *Supervisor) append(e session.Entry) {
	s.mu.Lock()
	defer s.mu.Unlock()
	e.Epoch, e.Seq = s.epoch, uint64(len(s.journal)+1)
	s.journal = append(s.journal, e)
	close(s.grown)
	s.grown = make(chan struct{})
}

func (s *Supervisor) checkpoint() session.Checkpoint {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := fmt.Sprintf("%s-c%d", s.id, len(s.journal))
	if s.draft {
		return session.Checkpoint{Commit: c, Files: c + "-files"}
	}
	return session.Checkpoint{Commit: c, Files: c}
}

func (s *Supervisor) only() *session.OnlyList {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.Only
}

// Linker is the session.Linker for Engine.
type Linker struct{}

// Connect implements session.Linker.
func (Linker) Connect(_ context.Context, rw io.ReadWriteCloser, h session.LinkHandler) (session.Link, error) {
	s := rw.(channel).s
	ctx, cancel := context.WithCancel(context.Background())
	l := &link{s: s, cancel: cancel, ctx: ctx, done: make(chan struct{})}
	s.cut()
	s.mu.Lock()
	s.link = l
	s.mu.Unlock()
	go l.replay(h)
	return l, nil
}

type link struct {
	s      *Supervisor
	ctx    context.Context
	cancel context.CancelFunc
	done   chan struct{}
}

// replay hands over the journal after the host's cursor, for as long as the link lives.
func (l *link) replay(h session.LinkHandler) {
	defer close(l.done)
	defer l.cancel()
	at := 0
	if h.Cursor.Epoch == l.s.epoch {
		at = int(h.Cursor.Seq)
	}
	for {
		l.s.mu.Lock()
		entries, grown := slices.Clone(l.s.journal[at:]), l.s.grown
		entries = entries[:min(len(entries), cmp.Or(l.s.Batch, 7))]
		if l.s.Gaps > 0 && len(entries) > 1 {
			l.s.Gaps--
			entries[len(entries)-1].Seq++
		}
		l.s.mu.Unlock()
		if l.ctx.Err() != nil {
			return
		}
		if len(entries) > 0 {
			if h.Entries(l.ctx, entries) != nil {
				return
			}
			at += len(entries)
			continue
		}
		select {
		case <-grown:
		case <-l.ctx.Done():
			return
		}
	}
}

func (l *link) alive() error {
	if l.ctx.Err() != nil {
		return fmt.Errorf("%w: %w", session.ErrLinkLost, io.ErrClosedPipe)
	}
	return nil
}

func (l *link) Start(_ context.Context, spec session.StartSpec) error {
	if err := l.alive(); err != nil {
		return err
	}
	l.s.mu.Lock()
	l.s.Started = spec
	fresh := len(l.s.journal) == 0
	l.s.mu.Unlock()
	if fresh {
		l.s.append(session.Entry{Phase: &session.EntryPhase{Item: session.ItemID(l.s.epoch + "-clone"), Phase: session.Phase{Name: "clone", Status: "done", Millis: 5}}})
		l.s.append(session.Entry{Agent: &session.EntryAgent{Conversation: "conversation", Options: []session.Option{{ID: "model", Category: "model", Value: spec.Model}}}})
	}
	return nil
}

func (l *link) Prompt(_ context.Context, p session.PromptCommand) error {
	if err := l.alive(); err != nil {
		return err
	}
	s := l.s
	s.mu.Lock()
	if slices.Contains(s.prompts, p.ID) {
		s.mu.Unlock()
		return nil
	}
	s.prompts = append(s.prompts, p.ID)
	t := newTurn(s, p)
	s.turn = t
	s.mu.Unlock()
	s.append(session.Entry{TurnBegin: &session.EntryTurnBegin{Prompt: p.ID}})
	go t.run()
	return nil
}

func (l *link) Cancel(context.Context) error {
	l.s.mu.Lock()
	defer l.s.mu.Unlock()
	if l.s.turn != nil {
		l.s.turn.stop()
	}
	return l.alive()
}

func (l *link) Answer(_ context.Context, permission, option string) error {
	l.s.mu.Lock()
	t := l.s.turn
	l.s.mu.Unlock()
	if t == nil || !t.answer(permission, option) {
		return &session.Error{Code: session.CodeConflict, Message: "It was answered already."}
	}
	return nil
}

func (l *link) Settle(_ context.Context, proposal, answer, url string) error {
	l.s.mu.Lock()
	t := l.s.turn
	l.s.mu.Unlock()
	if t == nil || !t.answer(proposal, strings.TrimSpace(answer+" "+url)) {
		return &session.Error{Code: session.CodeConflict, Message: "The agent does not wait for that any more."}
	}
	return nil
}

func (l *link) SetOption(_ context.Context, option, value string) error {
	l.s.append(session.Entry{Agent: &session.EntryAgent{Options: []session.Option{{ID: option, Category: option, Value: value}}}})
	return nil
}

func (l *link) SetPolicy(context.Context, session.Policy) error { return l.alive() }

func (l *link) Checkpoint(context.Context) (session.Checkpoint, error) {
	return l.s.checkpoint(), l.alive()
}

// Only implements session.Link.
func (l *link) Only(context.Context) (session.OnlyList, error) {
	l.s.mu.Lock()
	defer l.s.mu.Unlock()
	if l.s.Only == nil {
		return session.OnlyList{}, &session.Error{Code: session.CodeInvalid, Message: "The sandbox knows no call “only”."} // an older one
	}
	return *l.s.Only, nil
}

func (l *link) Bundle(_ context.Context, c session.Checkpoint, _ []string, w io.Writer) error {
	_, err := io.WriteString(w, c.Files)
	return err
}

func (l *link) Import(_ context.Context, bundle io.Reader) error {
	_, err := io.Copy(io.Discard, bundle)
	l.s.mu.Lock()
	defer l.s.mu.Unlock()
	l.s.Imported++
	return err
}

// Empty loses the workspace, and nothing else of the sandbox.
func (s *Supervisor) Empty() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.emptied = true
}

// Fresh implements session.Link.
func (l *link) Fresh() bool {
	l.s.mu.Lock()
	defer l.s.mu.Unlock()
	return l.s.emptied
}

func (l *link) Restore(_ context.Context, _, files string) error {
	l.s.mu.Lock()
	defer l.s.mu.Unlock()
	l.s.Restored, l.s.emptied = append(l.s.Restored, files), false
	return l.alive()
}

func (l *link) Apply(context.Context, string, string) error { return l.alive() }

func (l *link) Upload(_ context.Context, name string, r io.Reader) (string, error) {
	_, err := io.Copy(io.Discard, r)
	return "/uploads/" + name, err
}

func (l *link) Output(_ context.Context, item session.ItemID, w io.Writer) error {
	l.s.mu.Lock()
	text := l.s.Outputs
	l.s.mu.Unlock()
	if text == "" {
		text = "whole " + string(item)
	}
	for _, piece := range strings.SplitAfter(text, "a") {
		if _, err := io.WriteString(w, piece); err != nil {
			return err
		}
	}
	return nil
}

func (l *link) Dial(context.Context, int) (net.Conn, error) { return nil, l.alive() }
func (l *link) Epoch() string                               { return l.s.epoch }
func (l *link) Done() <-chan struct{}                       { return l.done }
func (l *link) Close() error                                { l.cancel(); return nil }

// Close ends every container.
func (e *Engine) Close() {
	e.Lock()
	var all []session.ID
	for id := range e.running {
		all = append(all, id)
	}
	e.Unlock()
	for _, id := range all {
		e.Kill(id)
	}
}

// Box returns the supervisor of a session, for a test to look at.
func (e *Engine) Box(id session.ID) *Supervisor {
	e.Lock()
	defer e.Unlock()
	return e.boxes[id]
}
