package session

import (
	"context"
	"slices"
	"strings"
	"sync"
)

// HostRequest is a host that a sandbox wants to reach and that no rule decides. The rest comes from the sandbox, and is perhaps untrue:
// what the client says of itself, and its command line with those that started it, the innermost first, where they are known.
type HostRequest struct {
	Host     string
	Program  string
	Commands []string
}

// asking says in a few lines who wants to reach the host.
func (q HostRequest) asking() string {
	if len(q.Commands) == 0 {
		return q.Program
	}
	return strings.Join(q.Commands, "\nstarted by ")
}

// hostAsks are the requests that wait for an answer.
type hostAsks struct {
	mu      sync.Mutex
	waiting map[string]asker // by permission id
}

type asker struct {
	session ID
	answer  chan bool // gets one answer
}

// begin returns where the answer to a request will come.
func (a *hostAsks) begin(of ID, request string) <-chan bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.waiting == nil {
		a.waiting = map[string]asker{}
	}
	c := make(chan bool, 1)
	a.waiting[request] = asker{of, c}
	return c
}

// end takes the request away and reports whether it was still waiting: the first to end it decides.
func (a *hostAsks) end(request string, allow bool) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	who, ok := a.waiting[request]
	delete(a.waiting, request)
	if ok {
		who.answer <- allow
	}
	return ok
}

// endOf answers all of a session's requests with no.
func (a *hostAsks) endOf(id ID) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for request, who := range a.waiting {
		if who.session == id {
			delete(a.waiting, request)
			who.answer <- false
		}
	}
}

// NetworkPolicy returns what a session's sandbox may reach: the policy, and the user's rules for its project. A session
// that is not known may reach nothing.
func (m *Manager) NetworkPolicy(id ID) (n Network, allow, deny []string) {
	s, p, err := m.sessionProject(id)
	if err != nil {
		return "", nil, nil
	}
	for _, r := range p.Hosts {
		if r.Allow {
			allow = append(allow, r.Host)
		} else {
			deny = append(deny, r.Host)
		}
	}
	return s.Network, allow, deny
}

// AskHost asks the user whether a session's sandbox may reach a host, and waits for the answer or the end of ctx, which
// counts as no.
func (m *Manager) AskHost(ctx context.Context, id ID, q HostRequest) bool {
	request := hostAsk + newID()
	answer := m.asks.begin(id, request)
	_, err := m.update(ctx, id, func(s *Session, b *batch) error {
		it := b.add(ItemID(request), KindPermission)
		it.Permission = &Permission{
			ID: request, Title: "Reach " + q.Host + "?", Detail: b.secrets.text(q.asking()),
			Options: []PermissionOption{
				{ID: "once", Name: "Once", Kind: "allow_once"},
				{ID: "always", Name: "Always for this project", Kind: "allow_always"},
				{ID: "no", Name: "No", Kind: "reject_once"},
				{ID: "never", Name: "Never", Kind: "reject_always"},
			},
		}
		b.put(it, q.Host) // as it is: it is what the user decides about, and what a rule is made of
		return nil
	})
	if err != nil {
		m.asks.end(request, false)
		return false
	}
	select {
	case allow := <-answer:
		return allow
	case <-m.ctx.Done():
		return false // the next life of the application ends the request
	case <-ctx.Done():
	}
	if m.asks.end(request, false) {
		_ = m.endAsk(context.WithoutCancel(ctx), id, request, "cancelled", "policy")
	}
	return <-answer
}

// answerHost takes the user's answer; what should last is kept with the project.
func (m *Manager) answerHost(ctx context.Context, id ID, request, option string) error {
	allow, lasts := option == "once" || option == "always", option == "always" || option == "never"
	if !allow && option != "no" && option != "never" {
		return newError(CodeInvalid, "There is no answer \""+option+"\".", "Answer once, always, no or never.", nil)
	}
	it, err := m.Store.Item(ctx, id, ItemID(request))
	if err != nil {
		return err
	}
	if it.DoneAt != 0 || !m.asks.end(request, allow) {
		return newError(CodeConflict, "This was answered already.", "The sandbox asks again when it needs the host.", nil)
	}
	if err := m.endAsk(ctx, id, request, option, "user"); err != nil || !lasts {
		return err
	}
	s, err := m.session(id)
	if err != nil {
		return err
	}
	return m.ruleHost(ctx, s.Project, HostRule{Host: it.Text, Allow: allow})
}

func (m *Manager) endAsk(ctx context.Context, id ID, request, option, by string) error {
	_, err := m.update(ctx, id, func(s *Session, b *batch) error {
		if it := b.find(ItemID(request)); it != nil && it.DoneAt == 0 {
			b.answer(it, option, by)
		}
		return nil
	})
	return err
}

// maxHosts bounds a project's rules.
const maxHosts = 500

// SetHost implements Operations: the project's sandboxes may reach a host from now on, or may not.
func (m *Manager) SetHost(ctx context.Context, id ProjectID, r HostRule) error {
	host, err := m.Egress.Rule(r.Host)
	if err != nil {
		return err
	}
	return m.ruleHost(ctx, id, HostRule{Host: host, Allow: r.Allow})
}

// ForgetHost implements Operations: the policy alone decides about the host again.
func (m *Manager) ForgetHost(ctx context.Context, id ProjectID, host string) error {
	if plain, err := m.Egress.Rule(host); err == nil {
		host = plain
	}
	return m.changeHosts(ctx, id, func(rules []HostRule) ([]HostRule, error) {
		left := slices.DeleteFunc(slices.Clone(rules), func(r HostRule) bool { return r.Host == host })
		if len(left) == len(rules) {
			return nil, newError(CodeNotFound, "This project has no rule about "+host+".", "Its rules stand in the project's settings, and in `bga network hosts`.", nil)
		}
		return left, nil
	})
}

// ruleHost keeps a rule with a project, in place of one for the same host.
func (m *Manager) ruleHost(ctx context.Context, id ProjectID, rule HostRule) error {
	return m.changeHosts(ctx, id, func(rules []HostRule) ([]HostRule, error) {
		rules = slices.DeleteFunc(slices.Clone(rules), func(r HostRule) bool { return r.Host == rule.Host })
		if len(rules) >= maxHosts {
			return nil, newError(CodeInvalid, "This project has as many rules about hosts as it may.", "Forget some; *.example.com covers all below example.com.", nil)
		}
		return append(rules, rule), nil
	})
}

// changeHosts changes a project's rules, and holds the open connections of its sandboxes to them.
func (m *Manager) changeHosts(ctx context.Context, id ProjectID, change func([]HostRule) ([]HostRule, error)) error {
	_, err := m.updateProject(ctx, id, func(p *Project) (err error) {
		p.Hosts, err = change(p.Hosts)
		return err
	})
	if err == nil {
		m.hostsChanged(id)
	}
	return err
}

// hostsChanged says that the rules of a project's sessions are others now.
func (m *Manager) hostsChanged(id ProjectID) {
	m.mu.Lock()
	var of []ID
	for _, s := range m.sessions {
		if s.Project == id {
			of = append(of, s.ID)
		}
	}
	m.mu.Unlock()
	for _, s := range of {
		m.Egress.Changed(s)
	}
}

// SetNetwork implements Operations: from now on the session's sandbox reaches what this policy allows.
func (m *Manager) SetNetwork(ctx context.Context, id ID, n Network) error {
	if n == "" {
		n = Guarded
	}
	if err := validChoices("", n); err != nil {
		return err
	}
	if err := m.set(ctx, id, func(s *Session) { s.Network = n }); err != nil {
		return err
	}
	m.Egress.Changed(id)
	return nil
}
