package session

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"
)

// Stop implements Operations. It ends a start, or asks for the end of the running turn; with neither it stops the
// sandbox. What is queued stays, and waits for the user.
func (m *Manager) Stop(ctx context.Context, id ID) error {
	r := m.runner(id)
	var was Session
	_, err := m.update(ctx, id, func(s *Session, _ *batch) error {
		was = *s
		s.Held = s.Held || slices.ContainsFunc(s.Prompts, func(p Prompt) bool { return !p.Sent })
		switch {
		case begun(*s) || s.Status == Working:
			s.Step = stepStopping
		case s.Status == Starting:
			s.Status, s.Queued, s.Step = Stopped, false, ""
			s.Prompts = unsent(s.Prompts)
			s.Held = len(s.Prompts) > 0
		case s.Status == Idle: // said first, so that nobody connects to what is about to stop
			s.Status, s.Sandbox = Stopped, SandboxStopped
		case hasContainer(*s): // of a session that failed, or that was stopped as the engine was away
			s.Sandbox = SandboxStopped
		}
		return nil
	})
	if err != nil {
		return err
	}
	link := r.current()
	switch {
	case begun(was) || was.Status == Working:
		return m.stopTurn(ctx, r, link, was)
	case was.Status == Starting:
		r.interrupt()
		if link != nil {
			ctx, cancel := context.WithTimeout(ctx, cancelWait)
			defer cancel()
			_ = link.Cancel(ctx) // what does not hear it is stopped by the runner
		}
		r.wake()
	case was.Status == Idle || hasContainer(was):
		r.interrupt()
		r.drop()
		if err := m.Engine.Stop(ctx, id); err != nil {
			_ = m.set(ctx, id, func(s *Session) { s.Sandbox = was.Sandbox })
			return err
		}
		r.wake()
	}
	return nil
}

func hasContainer(s Session) bool {
	return s.Sandbox == SandboxRunning || s.Sandbox == SandboxPreparing || s.Sandbox == SandboxPaused
}

// stopTurn ends a turn: by its supervisor, or where that is not reached or does not do it, by ending its container. The
// journal then tells, at the next start, how far the turn had come.
func (m *Manager) stopTurn(ctx context.Context, r *runner, link Link, was Session) error {
	if link == nil {
		return m.halt(ctx, r)
	}
	asked, cancel := context.WithTimeout(ctx, cancelWait)
	defer cancel()
	err := link.Cancel(asked)
	switch {
	case err == nil:
		m.wg.Go(func() { m.haltUnlessEnded(r, was.Prompts) })
		return nil
	case ctx.Err() != nil:
		return ctx.Err()
	case asked.Err() != nil || errors.Is(err, ErrLinkLost):
		return m.halt(ctx, r)
	}
	return err
}

// haltUnlessEnded ends the container of a session whose turn does not end although its supervisor has accepted that.
func (m *Manager) haltUnlessEnded(r *runner, prompts []Prompt) {
	if len(prompts) == 0 || !prompts[0].Sent {
		return // its result is on the way, which is no turn
	}
	for end := m.Now().Add(stopWait); m.Now().Before(end); {
		s, err := m.session(r.id)
		if err != nil || len(s.Prompts) == 0 || s.Prompts[0].ID != prompts[0].ID || !s.Prompts[0].Sent {
			return
		}
		select {
		case <-m.ctx.Done():
			return
		case <-time.After(stopCheck):
		}
	}
	if err := m.halt(m.ctx, r); err != nil {
		m.Log.Error("stop a sandbox whose turn does not end", "session", r.id, "err", err)
	}
}

// halt ends a sandbox that must not go on, whatever it is at. The session is stopped first, so that nobody starts it
// again. Where the engine is away, its sandbox is stopped when it is back.
func (m *Manager) halt(ctx context.Context, r *runner) error {
	if _, err := m.update(ctx, r.id, func(s *Session, b *batch) error { stopped(s, b); return nil }); err != nil {
		return err
	}
	r.interrupt()
	r.drop()
	err := m.Engine.Stop(ctx, r.id)
	if err != nil {
		if e := m.set(ctx, r.id, func(s *Session) { s.Sandbox = SandboxRunning }); e != nil {
			return errors.Join(err, e)
		}
	}
	r.wake()
	if CodeOf(err) == CodeDockerDown {
		return nil // rest stops it
	}
	return err
}

// stopped ends a session's turn, as the end of its sandbox does.
func stopped(s *Session, b *batch) {
	for _, p := range s.Prompts {
		if p.Sent && s.WorkedSince != 0 {
			foldTurnEnd(s, b, EntryTurnEnd{Prompt: p.ID, Stop: "cancelled"}, 0)
		}
	}
	s.Prompts = unsent(s.Prompts)
	s.Halt = true
	s.Status, s.Held, s.Step, s.Sandbox = Stopped, len(s.Prompts) > 0, "", SandboxStopped
}

func unsent(prompts []Prompt) []Prompt {
	prompts = slices.Clone(prompts)
	for i := range prompts {
		prompts[i].Stopped = prompts[i].Stopped || prompts[i].Sent
		prompts[i].Sent = false
	}
	return prompts
}

// Resume implements Operations: a stopped session starts, what was held goes on, and an interrupted turn is taken up.
func (m *Manager) Resume(ctx context.Context, id ID) error {
	_, err := m.update(ctx, id, func(s *Session, _ *batch) error {
		if s.Status == Archived {
			return newError(CodeConflict, "The session is archived.", "Unarchive it first.", nil)
		}
		if full(*s) {
			return errFull()
		}
		if s.Interrupted {
			p, err := m.checkPrompt(NewPrompt{Text: "You were interrupted. Look at what is done already, and go on from there."})
			if err != nil {
				return err
			}
			s.Prompts = append([]Prompt{p}, s.Prompts...)
		}
		release(s)
		return nil
	})
	if err == nil {
		m.runner(id).wake()
	}
	return err
}

// Retry implements Operations: a start that failed begins again; a turn that failed gets its prompt once more.
func (m *Manager) Retry(ctx context.Context, id ID) error {
	_, err := m.update(ctx, id, func(s *Session, _ *batch) error {
		if s.Status != Failed && !s.Interrupted {
			return newError(CodeConflict, "There is nothing to retry.", "Send another prompt.", nil)
		}
		if full(*s) {
			return errFull()
		}
		if last, ok := m.failedPrompt(ctx, s); ok {
			s.Prompts = append([]Prompt{last}, s.Prompts...)
		}
		release(s)
		return nil
	})
	if err == nil {
		m.runner(id).wake()
	}
	return err
}

// failedPrompt returns a new copy of the prompt whose turn failed, where it was a turn that did.
func (m *Manager) failedPrompt(ctx context.Context, s *Session) (Prompt, bool) {
	it, err := m.Store.Item(ctx, s.ID, turnItem(s.Turns))
	if err != nil || it.Result == nil || it.Result.Stop != "error" && it.Result.Stop != "interrupted" {
		return Prompt{}, false
	}
	// The prompt stands before its turn's end.
	for old, err := range Backward(ctx, m.Store, *s, s.Items) {
		if err != nil {
			break
		}
		if old.Kind == KindPrompt && old.Turn == s.Turns {
			p, err := m.checkPrompt(NewPrompt{Text: old.Text, Attachments: old.Prompt.Attachments})
			return p, err == nil
		}
	}
	return Prompt{}, false
}

// Archive implements Operations: the sandbox stops, the worktree goes where it holds nothing of the user's.
func (m *Manager) Archive(ctx context.Context, id ID, force bool) error {
	if !force {
		m.askOnly(ctx, id)
	}
	s, p, err := m.sessionProject(id)
	if err != nil {
		return err
	}
	if s.Status == Working || s.Pending != nil {
		return newError(CodeConflict, "The agent is at work.", "Stop it first.", nil)
	}
	if !force && s.Only != nil {
		return newError(CodeUnsaved, "Only the sandbox has "+strings.Join(s.Only.Lines(), "; ")+".", "Bring it out first, or archive the session all the same.", nil)
	}
	r := m.runner(id)
	if err := m.set(ctx, id, func(s *Session) { s.Status, s.Unread, s.Queued, s.Step = Archived, false, false, "" }); err != nil {
		return err
	}
	r.interrupt()
	r.drop()
	r.wake()
	stopped := true
	if hasContainer(s) {
		if err := m.Engine.Stop(ctx, id); err != nil {
			m.Log.Warn("stop archived sandbox", "session", id, "err", err)
			stopped = false // rest does, when the engine is back
		}
	}
	worktree := s.Worktree
	if worktree != "" && m.Git.ForgetWorktree(ctx, p, s) == nil {
		worktree = ""
	}
	defer r.wake()
	return m.set(ctx, id, func(s *Session) {
		s.Worktree = worktree
		if stopped && hasContainer(*s) {
			s.Sandbox = SandboxStopped
		}
		if !stopped && s.Status == Archived {
			s.Sandbox = SandboxRunning
		}
	})
}

// Unarchive implements Operations.
func (m *Manager) Unarchive(ctx context.Context, id ID) error {
	return m.set(ctx, id, func(s *Session) {
		if s.Status == Archived {
			s.Status = Stopped
			s.Held = len(s.Prompts) > 0
		}
	})
}

// Unsaved implements Operations: what would be lost with the session.
func (m *Manager) Unsaved(ctx context.Context, id ID) ([]string, error) {
	m.askOnly(ctx, id)
	s, p, err := m.sessionProject(id)
	if err != nil {
		return nil, err
	}
	list, err := m.Git.Unsaved(ctx, p, s)
	if CodeOf(err) == CodeRepoMissing {
		list, err = nil, nil
	}
	if s.Only != nil {
		for _, l := range s.Only.Lines() {
			list = append(list, "in the sandbox: "+l)
		}
	}
	if s.WorkedSince != 0 || s.Pending != nil {
		list = append(list, "a turn that is still running")
	}
	return list, err
}

// Delete implements Operations.
func (m *Manager) Delete(ctx context.Context, id ID, force bool) error {
	s, err := m.session(id)
	if err != nil {
		return err
	}
	if !force {
		list, err := m.Unsaved(ctx, id)
		if err != nil {
			return err
		}
		if len(list) > 0 {
			return newError(CodeUnsaved, "This would lose "+strings.Join(list, ", ")+".", "Push or merge it first, or delete it all the same.", nil)
		}
	}
	if err := m.forgetSecrets(ctx, "session", s.Secrets); err != nil {
		return err
	}
	r := m.runner(id)
	if r == nil {
		return nil // deleted meanwhile
	}
	r.interrupt()
	if err := m.set(ctx, id, func(s *Session) { s.Deleted = true }); err != nil {
		return err
	}
	r.interrupt()
	r.finish()
	r.drop()
	m.asks.endOf(id)
	m.Egress.Looked(id) // nothing more is kept about it
	return m.removeSession(ctx, id)
}
