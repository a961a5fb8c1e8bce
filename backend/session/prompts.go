package session

import (
	"context"
	"slices"
	"strings"
)

func (m *Manager) checkPrompt(n NewPrompt) (Prompt, error) {
	if strings.TrimSpace(n.Text) == "" && len(n.Attachments) == 0 {
		return Prompt{}, newError(CodeInvalid, "The prompt is empty.", "Write what the agent is to do.", nil)
	}
	if len(n.Text) > MaxPromptText {
		return Prompt{}, newError(CodeInvalid, "The prompt is longer than 1 MB.", "Attach the long part as a file.", nil)
	}
	if len(n.Attachments) > MaxAttachments {
		return Prompt{}, newError(CodeInvalid, "A prompt takes at most 20 attachments.", "Send the rest with the next prompt.", nil)
	}
	for _, a := range n.Attachments {
		if err := m.checkAttachment(a); err != nil {
			return Prompt{}, err
		}
	}
	p := Prompt{ID: n.ID, Text: n.Text, Attachments: slices.Clone(n.Attachments), At: m.now()}
	if p.Attachments == nil {
		p.Attachments = []Attachment{}
	}
	if p.ID == "" {
		p.ID = PromptID(newID())
	}
	return p, nil
}

// Prompt implements Operations: the prompt is stored when it returns. It goes behind what is queued, and what was
// held goes on with it. A session that is stopped or failed starts again.
func (m *Manager) Prompt(ctx context.Context, id ID, n NewPrompt) (Prompt, error) {
	prompt, err := m.checkPrompt(n)
	if err != nil {
		return Prompt{}, err
	}
	_, err = m.update(ctx, id, func(s *Session, _ *batch) error {
		if s.Status == Archived {
			return newError(CodeConflict, "The session is archived.", "Unarchive it first.", nil)
		}
		if known, ok := m.accepted(ctx, s, prompt.ID); ok {
			prompt = known
			return nil
		}
		if full(*s) {
			return errFull()
		}
		if len(s.Prompts) >= MaxQueue {
			return newError(CodeConflict, "100 prompts wait already.", "Wait for some of them, or cancel some.", nil)
		}
		s.Prompts = append(slices.Clone(s.Prompts), prompt)
		release(s)
		return nil
	})
	if err != nil {
		return Prompt{}, err
	}
	m.runner(id).wake()
	return prompt, nil
}

// release lets a session's queue go on.
func release(s *Session) {
	s.Held, s.Interrupted = false, false
	switch s.Status {
	case Stopped, Failed:
		s.Status, s.Error = Starting, nil
	}
}

// accepted finds a prompt that was accepted before, in the queue or in the transcript.
func (m *Manager) accepted(ctx context.Context, s *Session, id PromptID) (Prompt, bool) {
	for _, p := range s.Prompts {
		if p.ID == id {
			return p, true
		}
	}
	it, err := m.Store.Item(ctx, s.ID, promptItem(id))
	if err != nil {
		return Prompt{}, false
	}
	return Prompt{ID: id, Text: it.Text, Attachments: it.Prompt.Attachments, At: it.At, Sent: true}, true
}

// queued finds a prompt that was not sent yet.
func queued(s *Session, id PromptID) (int, error) {
	for i, p := range s.Prompts {
		if p.ID != id {
			continue
		}
		if p.Sent {
			return 0, newError(CodeConflict, "The agent has this prompt already.", "Stop the turn, or send another prompt.", nil)
		}
		return i, nil
	}
	return 0, newError(CodeNotFound, "This prompt is not in the queue.", "It may have been sent in the meantime.", nil)
}

// EditPrompt implements Operations.
func (m *Manager) EditPrompt(ctx context.Context, id ID, prompt PromptID, text string) error {
	if _, err := m.checkPrompt(NewPrompt{Text: text}); err != nil {
		return err
	}
	_, err := m.update(ctx, id, func(s *Session, _ *batch) error {
		if _, err := queued(s, prompt); err != nil {
			return err
		}
		s.Prompts = withPrompt(s.Prompts, prompt, func(p *Prompt) { p.Text = text })
		return nil
	})
	return err
}

// MovePrompt implements Operations. Places count from 0 over the whole queue; nothing moves before a prompt that was sent.
func (m *Manager) MovePrompt(ctx context.Context, id ID, prompt PromptID, to int) error {
	_, err := m.update(ctx, id, func(s *Session, _ *batch) error {
		from, err := queued(s, prompt)
		if err != nil {
			return err
		}
		p := s.Prompts[from]
		rest := slices.Delete(slices.Clone(s.Prompts), from, from+1)
		first := 0
		for first < len(rest) && rest[first].Sent {
			first++
		}
		s.Prompts = slices.Insert(rest, bound(to, first, len(rest)), p)
		return nil
	})
	return err
}

// CancelPrompt implements Operations. It returns the prompt, so that its text is not lost.
func (m *Manager) CancelPrompt(ctx context.Context, id ID, prompt PromptID) (Prompt, error) {
	var p Prompt
	_, err := m.update(ctx, id, func(s *Session, _ *batch) error {
		i, err := queued(s, prompt)
		if err != nil {
			return err
		}
		p = s.Prompts[i]
		s.Prompts = withoutPrompt(s.Prompts, prompt)
		if len(s.Prompts) == 0 {
			s.Held = false
		}
		return nil
	})
	if err == nil {
		m.runner(id).wake()
	}
	return p, err
}
