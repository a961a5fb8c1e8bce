package session

import (
	"context"
	"net"
	"slices"
	"strings"
	"time"
)

// Rename implements Operations.
func (m *Manager) Rename(ctx context.Context, id ID, title string) error {
	title = firstLine(title, 80)
	if title == "" {
		return newError(CodeInvalid, "A title needs at least one letter.", "Write a short title.", nil)
	}
	return m.set(ctx, id, func(s *Session) { s.Title, s.Named = title, true })
}

// Pin implements Operations.
func (m *Manager) Pin(ctx context.Context, id ID, pinned bool) error {
	return m.set(ctx, id, func(s *Session) { s.Pinned = pinned })
}

// Seen implements Operations.
func (m *Manager) Seen(ctx context.Context, id ID) error {
	m.Egress.Looked(id)
	if s, err := m.session(id); err != nil || !s.Unread {
		return err
	}
	return m.set(ctx, id, func(s *Session) { s.Unread = false })
}

// linkWait is how long a command waits for the link to a sandbox that runs, as just after the start of the application;
// linkCheck is how often it is looked for. The wait ends with the link, or with the sentence that the sandbox did not
// answer.
const (
	linkWait  = 5 * time.Second
	linkCheck = 20 * time.Millisecond
)

// linked returns the session's live link.
func (m *Manager) linked(ctx context.Context, id ID) (Link, error) {
	for end := m.Now().Add(linkWait); ; {
		s, err := m.session(id)
		if err != nil {
			return nil, err
		}
		if l := m.runner(id).prompted(); l != nil {
			return l, nil
		}
		switch {
		case s.Sandbox != SandboxRunning:
			return nil, newError(CodeSandboxGone, "The session's sandbox is not running.", "Resume the session first.", nil)
		case m.Now().After(end):
			return nil, NoAnswer(CodeSandboxGone, "The session's sandbox", linkWait, "Try again in a moment, or stop the session.")
		}
		select {
		case <-time.After(linkCheck):
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// SetOption implements Operations. Without a running agent the choice is kept for its start.
func (m *Manager) SetOption(ctx context.Context, id ID, option, value string) error {
	s, err := m.session(id)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(s.Options, func(o Option) bool { return o.ID == option })
	if i < 0 {
		return newError(CodeNotFound, "The agent has no option \""+option+"\".", "Its options are shown once it has started.", nil)
	}
	if l := m.runner(id).current(); l != nil {
		return l.SetOption(ctx, option, value) // the agent answers with its options
	}
	return m.set(ctx, id, func(s *Session) {
		s.Options = slices.Clone(s.Options)
		s.Options[i].Value = value
		foldAgent(s, &EntryAgent{Options: s.Options})
	})
}

// SetPolicy implements Operations.
func (m *Manager) SetPolicy(ctx context.Context, id ID, p Policy) error {
	if err := validChoices(p, ""); err != nil {
		return err
	}
	if err := m.set(ctx, id, func(s *Session) { s.Policy = p }); err != nil {
		return err
	}
	if l := m.runner(id).current(); l != nil {
		return l.SetPolicy(ctx, p)
	}
	return nil
}

// Answer implements Operations: the first answer wins, a later one is refused with CodeConflict.
func (m *Manager) Answer(ctx context.Context, id ID, permission, option string) error {
	if strings.HasPrefix(permission, hostAsk) {
		return m.answerHost(ctx, id, permission, option)
	}
	l, err := m.linked(ctx, id)
	if err != nil {
		return err
	}
	return l.Answer(ctx, permission, option)
}

// notice adds a line for the user to the transcript.
func notice(b *batch, text string) {
	it := b.add(ItemID("notice-"+newID()), KindNotice)
	b.write(it, text)
	b.done(it)
}

// Dial opens a connection to a loopback port in the session's sandbox.
func (m *Manager) Dial(ctx context.Context, id ID, port int) (net.Conn, error) {
	l, err := m.linked(ctx, id)
	if err != nil {
		return nil, err
	}
	return l.Dial(ctx, port)
}
