package session

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
)

// RebasePlan is what a rebase onto the newest state of the base would do.
type RebasePlan struct {
	Onto    string `json:"onto"`   // the base by name
	Commit  string `json:"commit"` // where it is now
	Behind  int    `json:"behind"` // commits that the base has and the session has not, at most 10,000
	Commits int    `json:"commits"`
	// Conflict says where it would stop; nil where it goes through.
	Conflict *RebaseConflict `json:"conflict,omitempty"`
	Command  string          `json:"command"`
	Fetched  string          `json:"fetched"` // the remote that was asked, "" where the base is a branch of this machine alone
}

// RebaseConflict is the first commit that does not apply, with the files that stand in its way.
type RebaseConflict struct {
	Subject string   `json:"subject"` // of the commit; "" for what is uncommitted
	Paths   []string `json:"paths"`
	Text    string   `json:"text"` // what git says, bounded
}

// Rebase is the user's yes to a RebasePlan. With Agent set, a conflict is given to the agent to resolve, else it ends the rebase.
type Rebase struct {
	Commit string `json:"commit"`
	Onto   string `json:"onto"` // by name; another than the base becomes the session's base
	Agent  bool   `json:"agent"`
}

// PlanRebase implements Operations. It asks the base's remote for what is new.
func (m *Manager) PlanRebase(ctx context.Context, id ID, onto string) (RebasePlan, error) {
	s, p, err := m.sessionProject(id)
	if err != nil {
		return RebasePlan{}, err
	}
	if err := hasResult(s); err != nil {
		return RebasePlan{}, err
	}
	s.BaseRef = cmp.Or(onto, s.BaseRef)
	done, err := m.outgoing(ctx, id, "Fetching the base")
	if err != nil {
		return RebasePlan{}, err
	}
	defer done()
	plan, err := m.Git.PlanRebase(ctx, p, s, m.progress(id, "Fetching the base"))
	if CodeOf(err) == CodeBaseMissing && onto == "" {
		e := *AsError(err)
		e.Hint = "Choose another base: bga rebase " + string(id) + " --onto BRANCH."
		return plan, &e
	}
	return plan, err
}

// Rebase implements Operations.
func (m *Manager) Rebase(ctx context.Context, id ID, yes Rebase) error {
	s, p, err := m.sessionProject(id)
	if err != nil {
		return err
	}
	if err := errors.Join(hasResult(s), quiet(s)); err != nil {
		return err
	}
	if yes.Commit == "" && yes.Onto != "" { // nothing to rebase, but another base from now on
		if _, err := m.Git.Resolve(ctx, p, yes.Onto); err != nil {
			return err
		}
		return m.set(ctx, id, func(s *Session) { s.BaseRef = yes.Onto })
	}
	v, conflict, err := m.Git.Rebase(ctx, p, s, yes.Commit)
	if err != nil {
		return err
	}
	if conflict != nil && !yes.Agent {
		return newError(CodeConflict, "The rebase stops at a conflict in "+strings.Join(conflict.Paths[:min(5, len(conflict.Paths))], ", ")+".",
			"Nothing was changed. The agent can resolve it.", nil)
	}
	if yes.Onto != "" && yes.Onto != s.BaseRef {
		if err := m.set(ctx, id, func(s *Session) { s.BaseRef = yes.Onto }); err != nil {
			return err
		}
		s.BaseRef = yes.Onto
	}
	if conflict == nil {
		return m.adopt(ctx, id, p, s, v, yes.Commit, "Rebased onto "+short(yes.Commit)+".")
	}
	return m.rebaseByAgent(ctx, id, p, s, yes.Commit, *conflict)
}

// rebaseByAgent gives the new base to the sandbox, and the conflict to the agent. The base of the session changes when a result
// comes that stands on it.
func (m *Manager) rebaseByAgent(ctx context.Context, id ID, p Project, s Session, onto string, c RebaseConflict) error {
	l, err := m.linked(ctx, id)
	if err != nil {
		return err
	}
	if err := m.runner(id).sendBase(ctx, l, p, onto, s.BaseCommit); err != nil {
		return err
	}
	if err := m.set(ctx, id, func(s *Session) { s.Onto = onto }); err != nil {
		return err
	}
	_, err = m.Prompt(ctx, id, NewPrompt{Text: rebasePrompt(s, onto, c)})
	return err
}

// sendBase gives a sandbox that knows one commit of the user's history another.
func (r *runner) sendBase(ctx context.Context, l Link, p Project, commit, knows string) error {
	pr, pw := io.Pipe()
	go func() { pw.CloseWithError(r.m.Git.Bundle(ctx, p, commit, []string{knows}, pw)) }()
	err := l.Import(ctx, pr)
	_ = pr.CloseWithError(errors.Join(err, io.ErrClosedPipe))
	return err
}

func rebasePrompt(s Session, onto string, c RebaseConflict) string {
	what := "the commit \"" + c.Subject + "\""
	if c.Subject == "" {
		what = "the uncommitted changes"
	}
	return fmt.Sprintf(`Rebase this branch onto commit %s, the newest state of its base (%s), which is in this repository now.

Keep uncommitted changes, for example with: git rebase --autostash %s
%s conflict in: %s. Resolve the conflicts so that the intent of both sides is kept, finish the rebase, and run the tests.

What git says:
%s`, onto, s.BaseRef, onto, what, strings.Join(c.Paths, ", "), c.Text)
}
