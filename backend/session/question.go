package session

import (
	"context"
	"slices"
	"strings"
)

// hostAsk begins the ids of permission requests that are the application's own: may this sandbox reach that host?
const hostAsk = "host:"

// isHostAsk says whether an item is such a request. It is nobody's turn: a hook or what runs in the background asks as well.
func isHostAsk(it *openItem) bool {
	return it.Permission != nil && strings.HasPrefix(it.Permission.ID, hostAsk)
}

// Does returns what the session does, whether or not a question of it is open meanwhile.
func (s Session) Does() Status {
	if s.Doing != "" {
		return s.Doing
	}
	return s.Status
}

// shown returns sessions as their watchers see them: whatever one does, it needs its user while a question of it is open.
func shown(sessions ...Session) []Session {
	for i := range sessions {
		if s := &sessions[i]; s.Questions > 0 {
			s.Doing, s.Status = s.Status, NeedsYou
		}
	}
	return sessions
}

// countQuestions ends an update: the session knows how many questions are open. One that stopped asks nothing; what its sandbox
// still asked about hosts is void, and returned.
func countQuestions(s *Session, b *batch) (void []string) {
	if !b.t.loaded {
		return nil
	}
	open := 0
	for _, it := range openItems(b) {
		switch {
		case it.DoneAt != 0:
		case isHostAsk(it) && !asks(*s):
			void = append(void, it.Permission.ID)
			b.answer(it, "cancelled", "policy")
		case isHostAsk(it), s.Status != Failed && (it.Kind == KindPermission || it.Kind == KindProposal):
			open++ // an agent whose session failed to start again cannot be answered
		}
	}
	if !asks(*s) {
		open = 0
	}
	if open > s.Questions {
		s.Unread = true
	}
	s.Questions = open
	return void
}

// asks says whether a sandbox can be there that asks something.
func asks(s Session) bool {
	return slices.Contains([]Status{Starting, Idle, Working, Failed}, s.Status)
}

// askAnew counts the questions of sessions that needed their user when the application ended: those about hosts ended with it, as
// those did who asked them.
func (m *Manager) askAnew(ctx context.Context) {
	for id, s := range m.sessions {
		if s.Questions == 0 && s.Status != NeedsYou {
			continue
		}
		err := m.set(ctx, id, func(s *Session) {
			if s.Status == NeedsYou { // an earlier build kept it so, of turns alone
				s.Status = Working
			}
		})
		if err != nil {
			m.Log.Error("count open questions", "session", id, "err", err)
		}
	}
}
