package session

import (
	"context"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"
)

// spendPause is how long uses are gathered before they are recorded: a crash loses so much of the count at most, and a
// busy session costs one write in that time.
const spendPause = time.Second

// refusedPause is how long an agent has to end its turn when its budget is spent: some try again for a while.
const refusedPause = 30 * time.Second

// spending gathers what sessions use of their models, between the broker that counts and record.
type spending struct {
	mu      sync.Mutex
	waiting map[ID]Use    // used, not recorded yet; at most one entry a session
	today   DayUse        // with what waits
	signal  chan struct{} // holds a token while something waits
}

func newSpending() *spending {
	return &spending{waiting: map[ID]Use{}, signal: make(chan struct{}, 1)}
}

// Spend counts a use of a session's. It does not wait for the store.
func (m *Manager) Spend(id ID, u Use) {
	p := m.spending
	p.mu.Lock()
	p.turnTo(m)
	p.waiting[id] = p.waiting[id].Plus(u)
	p.today.Use = p.today.Use.Plus(u)
	p.mu.Unlock()
	select {
	case p.signal <- struct{}{}:
	default:
	}
}

// turnTo makes today the day that it is. The caller holds mu.
func (p *spending) turnTo(m *Manager) {
	day := m.Now().Format(time.DateOnly)
	if p.today.Day == day {
		return
	}
	use, err := m.Store.Day(m.ctx, day)
	if err != nil {
		m.Log.Error("read what was spent today", "err", err)
	}
	p.today = DayUse{Day: day, Use: use}
}

// Today returns what all sessions have used today.
func (m *Manager) Today(context.Context) (DayUse, error) {
	p := m.spending
	p.mu.Lock()
	defer p.mu.Unlock()
	p.turnTo(m)
	return p.today, nil
}

// recordSpent records what waits, a while after the first of it came, until the Manager closes.
func (m *Manager) recordSpent() {
	for {
		select {
		case <-m.ctx.Done():
			return
		case <-m.spending.signal:
		}
		select {
		case <-m.ctx.Done():
			return // Close records the rest
		case <-time.After(spendPause):
		}
		m.recordWaiting()
	}
}

// recordWaiting records what waits: each session's use together with the day's, so that no crash counts one without
// the other.
func (m *Manager) recordWaiting() {
	m.writing.Lock()
	defer m.writing.Unlock()
	p := m.spending
	p.mu.Lock()
	waiting, today := p.waiting, p.today
	p.waiting = map[ID]Use{}
	p.mu.Unlock()
	for _, u := range waiting { // what the day was before them
		today.Use = today.Use.Plus(Use{-u.Requests, -u.Input, -u.Output, -u.USD, -u.Estimated})
	}
	for id, u := range maps.All(waiting) {
		c := Change{}
		sum := today
		sum.Use = sum.Use.Plus(u)
		c.Day = &sum
		if s, err := m.session(id); err == nil {
			s.Usage = s.Usage.plus(u)
			c.Session = &s
		}
		if err := m.record(m.ctx, c); err != nil {
			m.Log.Error("record use of models", "session", id, "err", err)
			p.mu.Lock()
			p.waiting[id] = p.waiting[id].Plus(u) // with the next
			p.mu.Unlock()
			continue
		}
		today = sum
	}
}

// flagFor is the option of `bga budget` that raises a bound, which is one of dollars or of tokens.
func flagFor(bound string) string {
	if strings.HasPrefix(bound, "$") {
		return "--usd N"
	}
	return "--tokens N"
}

// Allow returns nil where a session may ask its model now, else an Error with CodeBudget, by which its turn ends.
func (m *Manager) Allow(ctx context.Context, id ID) error {
	s, err := m.session(id)
	if err != nil {
		return err
	}
	settings, p := m.Settings(), m.spending
	p.mu.Lock()
	p.turnTo(m)
	session, today := s.Usage.total().Plus(p.waiting[id]), p.today.Use
	p.mu.Unlock()
	budget := settings.SessionBudget
	if s.Budget != nil {
		budget = *s.Budget
	}
	var refused *Error
	if bound := budget.spent(session); bound != "" {
		refused = newError(CodeBudget, "The session's budget of "+bound+" is spent.",
			"Raise the budget in the session's details or with `bga budget "+string(id)+" "+flagFor(bound)+"`, then Retry.", nil)
	} else if bound := settings.DayBudget.spent(today); bound != "" {
		refused = newError(CodeBudget, "Today's budget of "+bound+" for all sessions is spent.",
			"Raise the budget in Settings under Models or with `bga budget --day "+flagFor(bound)+"`, then Retry; or go on tomorrow.", nil)
	}
	if refused == nil {
		return nil
	}
	// The agent may ask before its journal says that the turn has begun.
	if s.Refused == nil && slices.ContainsFunc(s.Prompts, func(p Prompt) bool { return p.Sent }) {
		if err := m.set(ctx, id, func(s *Session) { s.Refused = refused }); err != nil {
			return err
		}
		m.wg.Go(func() { m.endRefused(id) })
	}
	return refused
}

// endRefused ends the turn of an agent that does not end it by itself, though it may ask its model no more.
func (m *Manager) endRefused(id ID) {
	select {
	case <-m.ctx.Done():
		return
	case <-time.After(refusedPause):
	}
	s, err := m.session(id)
	if err != nil || s.Refused == nil {
		return
	}
	if link := m.runner(id).current(); link != nil {
		if err := link.Cancel(m.ctx); err != nil {
			m.Log.Warn("end the turn whose budget is spent", "session", id, "err", err)
		}
	}
}

// SetBudget implements Operations: nil lets the settings' budget of a session count.
func (m *Manager) SetBudget(ctx context.Context, id ID, b *Budget) error {
	if b != nil {
		if err := b.valid(); err != nil {
			return err
		}
	}
	return m.set(ctx, id, func(s *Session) { s.Budget = b })
}
