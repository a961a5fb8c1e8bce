package session

import (
	"context"
	"encoding/json"
	"regexp"
)

// redact returns text about a session as it may leave the application, without the values that the session's sandbox
// gets. It reads them where it does not know them yet; where they cannot be read the text must not be used.
func (m *Manager) redact(ctx context.Context, id ID, text string) (string, error) {
	s, p, err := m.sessionProject(id)
	if err != nil {
		return "", err
	}
	if _, err := m.readSecrets(ctx, s, p); err != nil {
		return "", err
	}
	return m.known(id).text(text), nil
}

// known returns the redactor of a session.
func (m *Manager) known(id ID) *redactor {
	if r := m.runner(id); r != nil {
		return r.secrets.Load()
	}
	return nil
}

// error returns an error as the user may be told of it.
func (r *redactor) error(err error) *Error {
	e := AsError(err)
	if r == nil || e == nil {
		return e
	}
	redacted := *e
	redacted.Message, redacted.Hint, redacted.Details = r.text(e.Message), r.text(e.Hint), r.text(e.Details)
	return &redacted
}

// entry returns an entry of the journal without secrets, but for what is written piece by piece: batch.write and output
// see to that.
func (r *redactor) entry(e Entry) Entry {
	if r == nil {
		return e
	}
	switch {
	case e.Tool != nil:
		t := *e.Tool
		t.Tool = r.tool(t.Tool)
		e.Tool = &t
	case e.Plan != nil:
		p := *e.Plan
		p.Entries = each(p.Entries, func(e PlanEntry) PlanEntry { e.Text, e.Priority = r.text(e.Text), r.text(e.Priority); return e })
		e.Plan = &p
	case e.Permission != nil:
		p := *e.Permission
		p.Permission.Title, p.Permission.Detail = r.text(p.Permission.Title), r.text(p.Permission.Detail)
		p.Permission.Options = each(p.Permission.Options, func(o PermissionOption) PermissionOption { o.Name = r.text(o.Name); return o })
		e.Permission = &p
	case e.Proposal != nil:
		p := *e.Proposal
		p.Proposal.Title, p.Proposal.Body, p.Proposal.Base = r.text(p.Proposal.Title), r.text(p.Proposal.Body), r.text(p.Proposal.Base)
		e.Proposal = &p
	case e.Missing != nil:
		m := *e.Missing
		m.Evidence = r.text(m.Evidence)
		e.Missing = &m
	case e.Agent != nil:
		a := *e.Agent
		a.Title = r.text(a.Title)
		a.Commands = each(a.Commands, func(c Command) Command {
			c.Name, c.Description, c.Hint = r.text(c.Name), r.text(c.Description), r.text(c.Hint)
			return c
		})
		a.Options = each(a.Options, r.option)
		e.Agent = &a
	case e.Phase != nil:
		p := *e.Phase
		p.Phase.Name = r.text(p.Phase.Name)
		e.Phase = &p
	case e.Usage != nil:
		u := *e.Usage
		u.Currency = r.text(u.Currency)
		e.Usage = &u
	case e.TurnEnd != nil && e.TurnEnd.Error != nil:
		t := *e.TurnEnd
		t.Error = r.error(t.Error)
		e.TurnEnd = &t
	}
	return e
}

// option redacts what is shown of an option; ids and values are what the agent is answered with.
func (r *redactor) option(o Option) Option {
	o.Name = r.text(o.Name)
	o.Choices = each(o.Choices, func(v OptionValue) OptionValue {
		v.Name, v.Description = r.text(v.Name), r.text(v.Description)
		return v
	})
	return o
}

func (r *redactor) tool(t Tool) Tool {
	t.Title = r.text(t.Title)
	t.Input = r.json(t.Input)
	t.Paths = each(t.Paths, r.text)
	t.Edits = each(t.Edits, func(e FileEdit) FileEdit { e.Path = r.text(e.Path); return e })
	return t
}

// json returns a JSON value without secrets. It stays as the agent wrote it unless that would leave no JSON: a secret
// may be a number, or hold quotes.
func (r *redactor) json(raw json.RawMessage) json.RawMessage {
	text := r.text(string(raw))
	switch {
	case text == string(raw):
		return raw
	case json.Valid([]byte(text)):
		return json.RawMessage(text)
	}
	whole, err := json.Marshal(concealed)
	if err != nil {
		return nil
	}
	return whole
}

// leftOut is the note that a supervisor puts between the first and the last part of a long output.
var leftOut = regexp.MustCompile(`\n… \d+ bytes left out …\n`)

// output returns a tool's output as the transcript keeps it, and the size of the whole. An output that still grows ends
// where the beginning of a secret may be: it comes whole again, and longer.
func (r *redactor) output(text string, size int64, ended bool) ([]byte, int64) {
	if r != nil {
		before := int64(len(text))
		if cut := leftOut.FindStringIndex(text); cut != nil && size > before {
			text = r.text(text[:cut[0]]) + text[cut[0]:cut[1]] + r.growing(r.ending(text[cut[1]:]), ended)
		} else {
			text = r.growing(text, ended)
		}
		size += int64(len(text)) - before
	}
	return []byte(validPrefix(text, MaxItemText)), size
}

func (r *redactor) growing(text string, ended bool) string {
	text, _, _ = r.scan(text, 0, ended)
	return text
}

func each[T any](list []T, f func(T) T) []T {
	if list == nil {
		return nil
	}
	out := make([]T, len(list))
	for i, v := range list {
		out[i] = f(v)
	}
	return out
}
