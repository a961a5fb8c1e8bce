package session

import (
	"context"
	"io"
	"slices"
	"strings"
)

// leak looks for known values in what is written to it, across the borders of writes.
type leak struct {
	r       *redactor
	rest    string // may be the beginning of a value
	covered int
	found   []string // names
}

func (l *leak) Write(b []byte) (int, error) {
	s := l.rest + string(b)
	out, held, covered := l.r.scan(s, l.covered, false)
	if out != s[:held] {
		for _, f := range l.r.forms {
			if m := mark(f.of.name); !slices.Contains(l.found, f.of.name) && strings.Count(out, m) > strings.Count(s[:held], m) {
				l.found = append(l.found, f.of.name)
			}
		}
	}
	l.rest, l.covered = s[held:], covered
	return len(b), nil
}

// leaks returns the names of secrets whose values stand in what a push would bring: the sandbox has them, so an agent may have
// committed one.
func (m *Manager) leaks(ctx context.Context, s Session, p Project, lease string) ([]string, error) {
	if _, err := m.readSecrets(ctx, s, p); err != nil {
		return nil, err
	}
	l := &leak{r: m.known(s.ID), found: []string{}}
	if l.r == nil {
		return l.found, nil
	}
	if err := m.Git.WriteOutgoing(ctx, p, s, lease, l); err != nil {
		return nil, err
	}
	slices.Sort(l.found)
	return l.found, nil
}

// Blocked says why a plan of this session cannot be agreed to, nil where it can.
func (p PushPlan) Blocked(id ID) error {
	if len(p.Secrets) == 0 {
		return nil
	}
	return newError(CodeSecretInside, "The commits hold the value of "+strings.Join(p.Secrets, ", ")+".",
		"Nothing is pushed. Ask the agent to take it out of all its commits, or if it is not a secret run "+
			"`bga secret plain "+p.Secrets[0]+" --session "+string(id)+"`, then try again.", nil)
}

var _ io.Writer = (*leak)(nil)
