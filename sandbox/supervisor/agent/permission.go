package agent

import (
	"encoding/json"
	"slices"
	"strings"
	"sync"

	"background-agents/sandbox/wire"
)

// Policies, by which permission requests are answered.
const (
	policyAsk   = "ask"
	policyEdits = "allow_edits"
	policyAll   = "allow_all"
)

const (
	maxOpenRequests = 200      // waiting at a time; more are refused
	maxOptions      = 20       // of one request
	maxDetail       = 16 << 10 // bytes of what is asked for
	byUser          = "user"
	byPolicy        = "policy"
	answerCancelled = "cancelled"
)

// permissionRequest is session/request_permission.
type permissionRequest struct {
	SessionID string `json:"sessionId"`
	ToolCall  struct {
		toolUpdate
		Content json.RawMessage `json:"content"`
	} `json:"toolCall"`
	Options []struct {
		OptionID string `json:"optionId"`
		Name     string `json:"name"`
		Kind     string `json:"kind"`
	} `json:"options"`
}

// permissions are the requests that wait for an answer.
type permissions struct {
	said *transcript
	gone <-chan struct{} // closed when the agent is gone, and with it who asked

	mu     sync.Mutex
	policy string
	open   map[string]*openRequest
	refuse bool // the turn is being cancelled
}

type openRequest struct {
	entry wire.Permission
	kind  string
	paths []string
	done  chan struct{} // closed when entry.Answer is set
}

func newPermissions(said *transcript, policy string, gone <-chan struct{}) *permissions {
	return &permissions{said: said, gone: gone, policy: policy, open: map[string]*openRequest{}}
}

// ask returns the option that was chosen, "" for none: the turn was cancelled. It waits for the user where the policy does
// not answer.
func (p *permissions) ask(q permissionRequest) (option string) {
	r := p.said.permission(q)
	p.mu.Lock()
	if p.refuse || len(p.open) >= maxOpenRequests {
		r.entry.Answer = answerCancelled
	} else if o := allowed(p.policy, r); o != "" {
		r.entry.Answer, r.entry.By = o, byPolicy
	} else {
		p.open[r.entry.ID] = r
	}
	first := r.entry
	p.said.askOrAnswer(first) // under the lock, so that it comes before its answer
	p.mu.Unlock()
	if first.Answer == "" {
		select {
		case <-r.done:
		case <-p.gone:
			p.end(r.entry.ID, answerCancelled, "")
		}
		<-r.done
	}
	if r.entry.Answer == answerCancelled {
		return ""
	}
	return r.entry.Answer
}

// end sets a request's answer, once; ok says whether this was it.
func (p *permissions) end(id, answer, by string) (ok bool) {
	p.mu.Lock()
	r := p.open[id]
	if r == nil {
		p.mu.Unlock()
		return false
	}
	delete(p.open, id)
	r.entry.Answer, r.entry.By = answer, by
	p.said.askOrAnswer(r.entry)
	close(r.done)
	p.mu.Unlock()
	return true
}

func (p *permissions) answer(id, option string) error {
	p.mu.Lock()
	r := p.open[id]
	p.mu.Unlock()
	if r != nil && !slices.ContainsFunc(r.entry.Options, func(o wire.PermissionOption) bool { return o.ID == option }) {
		return &wire.Error{Code: "invalid", Message: "The agent does not offer the answer “" + clip(option, 100) + "”."}
	}
	if r == nil || !p.end(id, option, byUser) {
		return &wire.Error{Code: "conflict", Message: "This request was answered already, or its turn has ended."}
	}
	return nil
}

func (p *permissions) policyNow() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.policy
}

func (p *permissions) setPolicy(policy string) {
	p.mu.Lock()
	p.policy = policy
	answers := map[string]string{}
	for id, r := range p.open {
		if o := allowed(policy, r); o != "" {
			answers[id] = o
		}
	}
	p.mu.Unlock()
	for id, o := range answers {
		p.end(id, o, byPolicy)
	}
}

// cancelAll ends the open requests; with refuse, those that come until beginTurn too.
func (p *permissions) cancelAll(refuse bool) {
	p.mu.Lock()
	p.refuse = refuse
	ids := make([]string, 0, len(p.open))
	for id := range p.open {
		ids = append(ids, id)
	}
	p.mu.Unlock()
	for _, id := range ids {
		p.end(id, answerCancelled, "")
	}
}

func (p *permissions) beginTurn() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.refuse = false
}

// allowed returns the option by which a policy allows a request, "" where the user is to be asked. It allows once, so
// that a stricter policy later still asks. allow_edits covers what is read or changed inside the workspace.
func allowed(policy string, r *openRequest) string {
	switch policy {
	case policyAll:
	case policyEdits:
		if !slices.Contains([]string{"edit", "delete", "move", "read", "search"}, r.kind) {
			return ""
		}
		if slices.ContainsFunc(r.paths, func(p string) bool { return strings.HasPrefix(p, "/") || strings.HasPrefix(p, "..") }) {
			return ""
		}
	default:
		return ""
	}
	for _, kind := range []string{"allow_once", "allow_always"} {
		for _, o := range r.entry.Options {
			if o.Kind == kind {
				return o.ID
			}
		}
	}
	return ""
}
