package session

import (
	"strings"
	"time"
)

// The broker knows best why a turn failed: it has seen the status with which the model's provider answered, before the
// agent did. What the agent makes of it comes from a sandbox, differs from agent to agent, and is often JSON. So where
// the last request to the model failed, the broker's sentence is the turn's error, and the agent's words are its
// details. Where the broker knows of no failure, the agent is quoted.

// problemPause is the shortest time between two problems of which a session's line tells: a sandbox may ask without
// end.
const problemPause = time.Second

// Answered is told by the Broker what became of a request to the session's model: nil where it was answered. While the
// agent tries again by itself, the session's line says why it waits.
func (m *Manager) Answered(id ID, problem *Error) {
	r := m.runner(id)
	if r == nil {
		return
	}
	r.mu.Lock()
	before, now := r.problem, r.m.Now()
	r.problem = problem
	told := problem == nil || problem.Code == CodeBudget || before != nil && before.Message == problem.Message ||
		now.Sub(r.problemAt) < problemPause
	if !told {
		r.problemAt = now
	}
	r.mu.Unlock()
	if told {
		return
	}
	step := strings.TrimSuffix(firstLine(m.known(id).text(problem.Message), 200), ".")
	if err := m.set(m.ctx, id, func(s *Session) {
		if s.WorkedSince != 0 {
			s.Step = step
		}
	}); err != nil && m.ctx.Err() == nil {
		m.Log.Error("record that a model does not answer", "session", id, "err", err)
	}
}

// modelProblem returns why the last request to the model failed, nil where it did not.
func (r *runner) modelProblem() *Error {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.problem
}

// explained returns the error of a turn in the broker's words, where it is one of the model's.
func (b *batch) explained(said *Error) *Error {
	r := b.m.runner(b.s.ID)
	if r == nil || said == nil {
		return said
	}
	switch said.Code {
	case CodeModel, CodeAgent, CodeEmptyTurn:
	default:
		return said
	}
	problem := r.modelProblem()
	if problem == nil {
		return said
	}
	told := *b.secrets.error(problem)
	words := said.Details
	if words == "" {
		words = said.Message
	}
	if told.Details != "" {
		words = told.Details + "\n" + words
	}
	told.Details = words
	return &told
}
