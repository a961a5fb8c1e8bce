package sandboxlink

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"background-agents/backend/session"
	"background-agents/sandbox/wire"
)

// call asks the supervisor for something and waits for its reply. result is nil where none is wanted.
func (l *Link) call(ctx context.Context, method string, params, result any) error {
	var raw json.RawMessage
	if params != nil {
		b, err := wire.Marshal(params)
		if err != nil {
			return fmt.Errorf("encode %s: %w", method, err)
		}
		if len(b) > wire.MaxFrame-1024 {
			return &session.Error{Code: session.CodeInvalid, Message: "That is too long to be sent to the sandbox.", Hint: "Shorten it, or attach it as a file."}
		}
		raw = b
	}
	id, reply, err := l.register()
	if err != nil {
		return err
	}
	defer l.unregister(id)
	if err := l.send(ctx, wire.Frame{Call: &wire.Call{ID: id, Method: method, Params: raw}}); err != nil {
		return err
	}
	select {
	case r := <-reply:
		return settle(method, r, result)
	case <-ctx.Done():
		return ctx.Err()
	case <-l.ended:
		return l.lost()
	}
}

func settle(method string, r wire.Reply, result any) error {
	if r.Error != nil {
		return sessionError(r.Error)
	}
	if result == nil || method == wire.MethodStart && len(r.Result) == 0 { // a supervisor of an earlier version says nothing to it
		return nil
	}
	if err := json.Unmarshal(r.Result, result); err != nil {
		return fmt.Errorf("read the answer to %s: %w", method, err)
	}
	return nil
}

func (l *Link) register() (uint64, chan wire.Reply, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.pending) >= maxCalls {
		return 0, nil, &session.Error{Code: session.CodeConflict, Message: "The sandbox has too much to do at once.", Hint: "Try again in a moment."}
	}
	l.lastID++
	reply := make(chan wire.Reply, 1)
	l.pending[l.lastID] = reply
	return l.lastID, reply, nil
}

func (l *Link) unregister(id uint64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.pending, id)
}

// answer hands a reply to who waits for it; one that nobody waits for came too late.
func (l *Link) answer(r wire.Reply) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if reply, ok := l.pending[r.ID]; ok {
		delete(l.pending, r.ID)
		reply <- r
	}
}

// cancelStart bounds how long an abandoned Start waits for the supervisor to have stopped it. The start ends with its
// sandbox then.
const cancelStart = time.Second

// Start implements session.Link. Where ctx ends first it stops the start in the sandbox too.
func (l *Link) Start(ctx context.Context, s session.StartSpec) error {
	env, files := revealed(s.Secrets)
	var started wire.Started
	err := l.call(ctx, wire.MethodStart, wire.Start{
		Base: s.Base, Branch: s.Branch, AuthorName: s.AuthorName, AuthorEmail: s.AuthorEmail,
		Command: s.Command, Env: append(env, s.Env...), Secrets: files, Conversation: s.Conversation,
		Model: s.Model, Effort: s.Effort, Mode: s.Mode, Policy: string(s.Policy), SetupSeconds: s.SetupSeconds, MCP: servers(s.MCP),
		Known: known(s.Known), Variables: s.Variables, SetupCommands: s.SetupCommands, StartCommands: s.StartCommands,
		Instructions: s.Instructions, Missing: s.Missing,
	}, &started)
	l.fresh.Store(err == nil && started.Fresh)
	if ctx.Err() != nil {
		stop, cancel := context.WithTimeout(l.ctx, cancelStart)
		defer cancel()
		_ = l.call(stop, wire.MethodCancel, wire.Cancel{Start: true}, nil)
	}
	return err
}

// Fresh implements session.Link.
func (l *Link) Fresh() bool { return l.fresh.Load() }

func known(k *session.Known) *wire.Known {
	if k == nil {
		return nil
	}
	out := &wire.Known{Branch: k.Branch, Remote: k.Remote}
	for _, t := range k.Tags {
		out.Tags = append(out.Tags, wire.Tag{Name: t.Name, ID: t.ID, Object: t.Object})
	}
	return out
}

// Prompt implements session.Link.
func (l *Link) Prompt(ctx context.Context, p session.PromptCommand) error {
	w := wire.Prompt{ID: string(p.ID), Text: p.Text}
	for _, f := range p.Files {
		w.Files = append(w.Files, wire.File{Path: f.Path, Name: f.Name, Mime: f.Mime})
	}
	return l.call(ctx, wire.MethodPrompt, w, nil)
}

// Cancel implements session.Link.
func (l *Link) Cancel(ctx context.Context) error {
	return l.call(ctx, wire.MethodCancel, wire.Cancel{}, nil)
}

// Settle implements session.Link.
func (l *Link) Settle(ctx context.Context, proposal, answer, url string) error {
	return l.call(ctx, wire.MethodSettle, wire.Settle{Proposal: proposal, Answer: answer, URL: url}, nil)
}

// Answer implements session.Link.
func (l *Link) Answer(ctx context.Context, permission, option string) error {
	return l.call(ctx, wire.MethodAnswer, wire.Answer{Permission: permission, Option: option}, nil)
}

// SetOption implements session.Link.
func (l *Link) SetOption(ctx context.Context, option, value string) error {
	return l.call(ctx, wire.MethodOption, wire.Option{Option: option, Value: value}, nil)
}

// SetPolicy implements session.Link.
func (l *Link) SetPolicy(ctx context.Context, p session.Policy) error {
	return l.call(ctx, wire.MethodPolicy, wire.Policy{Policy: string(p)}, nil)
}

// Checkpoint implements session.Link.
func (l *Link) Checkpoint(ctx context.Context) (session.Checkpoint, error) {
	var c wire.Checkpoint
	if err := l.call(ctx, wire.MethodCheckpoint, nil, &c); err != nil {
		return session.Checkpoint{}, err
	}
	return checkpoint(c)
}

// Only implements session.Link.
func (l *Link) Only(ctx context.Context) (session.OnlyList, error) {
	var list wire.OnlyList
	if err := l.call(ctx, wire.MethodOnly, nil, &list); err != nil {
		return session.OnlyList{}, err
	}
	return *only(&list), nil
}

// Restore implements session.Link.
func (l *Link) Restore(ctx context.Context, commit, files string) error {
	return l.call(ctx, wire.MethodRestore, wire.Checkpoint{Commit: commit, Files: files}, nil)
}

// Apply implements session.Link.
func (l *Link) Apply(ctx context.Context, from, to string) error {
	return l.call(ctx, wire.MethodApply, wire.Apply{From: from, To: to}, nil)
}
