package session

import (
	"context"
	"slices"
)

// AnswerMissing implements Operations. A yes adds the tool to the project's environment and restarts the sandbox with
// it as soon as no turn runs; a no is kept for the project.
func (m *Manager) AnswerMissing(ctx context.Context, id ID, item ItemID, add bool) error {
	s, err := m.session(id)
	if err != nil {
		return err
	}
	it, err := m.Store.Item(ctx, id, item)
	switch {
	case err != nil:
		return err
	case it.Missing == nil:
		return newError(CodeNotFound, "There is nothing missing.", "Look at the transcript.", nil)
	case it.Missing.Answer != "":
		return errMissingAnswered()
	}
	if !add {
		if err := m.declineTool(ctx, s.Project, *it.Missing); err != nil {
			return err
		}
		return m.settleMissing(ctx, id, item, MissingDeclined)
	}
	more := Environment{Packages: it.Missing.Packages}
	if it.Missing.Tool.Name != "" {
		more.Tools = []Toolchain{it.Missing.Tool}
	}
	if _, err := m.SetEnvironment(ctx, s.Project, EnvironmentChoice{Add: &more}); err != nil {
		return err
	}
	if err := m.settleMissing(ctx, id, item, MissingAdded); err != nil {
		return err
	}
	if r := m.runner(id); r != nil {
		r.wake()
	}
	return nil
}

func errMissingAnswered() *Error {
	return newError(CodeConflict, "This was answered already.",
		"The project's settings show its environment, `bga env` too.", nil)
}

// declineTool keeps that the user does not want to be asked for a tool again. What is declined is of our table, and so
// are few.
func (m *Manager) declineTool(ctx context.Context, id ProjectID, t MissingTool) error {
	part := Remedy{Tool: t.Tool.Name, Packages: t.Packages}.Part()
	_, err := m.updateProject(ctx, id, func(p *Project) error {
		if !slices.Contains(p.DeclinedTools, part) {
			p.DeclinedTools = append(slices.Clone(p.DeclinedTools), part)
		}
		return nil
	})
	return err
}

func (m *Manager) settleMissing(ctx context.Context, id ID, item ItemID, answer string) error {
	_, err := m.update(ctx, id, func(s *Session, b *batch) error {
		it := b.find(item)
		if it == nil || it.Missing == nil || it.Missing.Answer != "" {
			return errMissingAnswered()
		}
		answered := *it.Missing
		answered.Answer = answer
		it.Missing = &answered
		b.done(it)
		b.change(it)
		s.Renew = s.Renew || answer == MissingAdded
		return nil
	})
	return err
}

// renews reports whether the session's container is to be started again before it is used: nothing runs in it that
// would be lost.
func renews(s Session) bool {
	return s.Renew && slices.Contains([]Status{Starting, Idle, Working}, s.Status) && !begun(s) &&
		!slices.ContainsFunc(s.Prompts, func(p Prompt) bool { return p.Sent })
}
