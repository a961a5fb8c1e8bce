package main

import (
	"context"

	"background-agents/backend/session"
)

// missingWords are the answers to a tool that is missing, as `bga answer` takes them.
var missingWords = map[string]bool{"add": true, "not-now": false}

// openMissing returns the tool that a session has lacked longest without an answer.
func openMissing(ctx context.Context, at *access, s session.Session) (found session.Item, err error) {
	for it, err := range session.Backward(ctx, at, s, lookBack) {
		if err != nil {
			return session.Item{}, err
		}
		if it.Missing != nil && it.Missing.Answer == "" {
			found = it
		}
	}
	if found.Missing == nil {
		return found, &session.Error{
			Code: session.CodeConflict, Message: "Nothing is missing.", Hint: "It may have been answered already.",
		}
	}
	return found, nil
}

// missingText asks about a tool in one line.
func missingText(m *session.MissingTool) string {
	text := visible(m.Command) + " is not in this sandbox."
	if m.Wanted != "" {
		text = "The project needs " + visible(m.Command) + " " + visible(m.Wanted) + " or newer."
	}
	what := m.Label
	if m.Tool.Name == "" {
		what = "the package " + what
	}
	if m.From != "" {
		what += " (from " + visible(m.From) + ")"
	}
	return text + " Add " + what + " to the project's environment?"
}

// missing prints a tool that the sandbox lacks, and once it is there how that was answered.
func (t *transcript) missing(it session.Item) {
	t.once(it, func() { t.line("? " + missingText(it.Missing)) })
	if it.Missing.Answer != "" && t.printed[it.ID] == 1 {
		t.printed[it.ID] = 2
		t.line("  " + it.Missing.Answer)
	}
}
