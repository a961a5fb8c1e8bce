package session

import (
	"context"
)

// Proposal is a pull request that the agent asks for. All of it is the agent's word.
type Proposal struct {
	ID     string `json:"id"`
	Title  string `json:"title"`
	Base   string `json:"base"`
	Draft  bool   `json:"draft"`
	Body   string `json:"body"`
	Answer string `json:"answer"` // "" while nobody answered, opened or declined
	URL    string `json:"url"`    // of what was opened
}

// Answers to a Proposal.
const (
	ProposalOpened   = "opened"
	ProposalDeclined = "declined"
)

// EntryProposal is an agent's request for a pull request.
type EntryProposal struct {
	Item     ItemID
	Proposal Proposal
}

// maxProposals bounds the requests that wait for the user in one session; more are answered with no.
const maxProposals = 3

func foldProposal(s *Session, b *batch, p *EntryProposal) {
	waiting := 0
	for _, it := range b.t.open {
		if it.Kind == KindProposal && it.DoneAt == 0 {
			waiting++
		}
	}
	it := b.add(p.Item, KindProposal)
	asked := p.Proposal
	it.Proposal = &asked
	if waiting >= maxProposals {
		it.Proposal.Answer = ProposalDeclined
		b.done(it)
		return
	}
	b.change(it)
	s.Step = "Asks for a pull request"
}

// DeclineProposal implements Operations.
func (m *Manager) DeclineProposal(ctx context.Context, id ID, item ItemID) error {
	if _, err := m.openProposal(ctx, id, item); err != nil {
		return err
	}
	return m.settleProposal(ctx, id, item, ProposalDeclined, "")
}

// openProposal returns an agent's request that waits for an answer; it may wait for longer than the turn it came in.
func (m *Manager) openProposal(ctx context.Context, id ID, item ItemID) (Item, error) {
	it, err := m.Store.Item(ctx, id, item)
	if err != nil {
		return it, err
	}
	if it.Proposal == nil {
		return it, newError(CodeNotFound, "The agent asks for no pull request there.", "Look at the transcript.", nil)
	}
	if it.Proposal.Answer != "" {
		return it, newError(CodeConflict, "This was answered already.", "The agent asks again when it needs to.", nil)
	}
	return it, nil
}

// settleProposal records the answer, and tells it to the agent where that still waits for it.
func (m *Manager) settleProposal(ctx context.Context, id ID, item ItemID, answer, url string) error {
	request := ""
	_, err := m.update(ctx, id, func(s *Session, b *batch) error {
		it := b.find(item)
		if it == nil || it.Proposal == nil || it.Proposal.Answer != "" {
			return newError(CodeConflict, "This was answered already.", "The agent asks again when it needs to.", nil)
		}
		asked := *it.Proposal
		asked.Answer, asked.URL, request = answer, url, asked.ID
		it.Proposal = &asked
		b.done(it)
		b.change(it)
		return nil
	})
	if err != nil {
		return err
	}
	if l := m.runner(id).current(); l != nil {
		if err := l.Settle(ctx, request, answer, url); err != nil {
			m.Log.Info("tell the agent of its pull request", "session", id, "err", err) // it asked no more
		}
	}
	return nil
}

// takeWhileWorking fetches what the agent has committed so far: it asks for the pull request in the middle of its turn.
func (m *Manager) takeWhileWorking(ctx context.Context, id ID) {
	s, err := m.session(id)
	if err != nil || s.WorkedSince == 0 || s.Pending != nil {
		return
	}
	if l := m.runner(id).current(); l != nil {
		if err := m.take(ctx, l, id); err != nil {
			m.Log.Warn("fetch what the agent has so far", "session", id, "err", err)
		}
	}
}
