package egress

import (
	"context"
	"errors"
	"strings"
	"time"
	"unicode"
)

const (
	// AskLimit is how long a connection is held for the user's answer. It ends with the answer, with a policy that has
	// one, with the program's own end, or the program is told that the user did not answer.
	AskLimit = 10 * time.Minute
	// A yes is remembered for the session, so that a command's further connections are not asked about; a no, so
	// that one which tries again is not either. What should last is written into the policy.
	yesHolds = time.Hour
	noHolds  = 10 * time.Minute
	// askLingers is how long a question stands after its program has hung up: pip hangs up after 15 seconds and tries
	// again. It ends when the program comes back, or the question is withdrawn.
	askLingers = 30 * time.Second
)

// Request is what the user is asked about.
type Request struct {
	Host string `json:"host"`
	Port int    `json:"port"` // 443 or 80
	// Program is what the client says it is (its User-Agent, such as "npm/10.8 node/v22"), "" where it says nothing.
	// It comes from the sandbox: printable, at most 100 characters, and perhaps untrue.
	Program string `json:"program"`
	// Commands are the command lines of the program and of those that started it, the innermost first, none where they
	// are not known. They too come from the sandbox: printable, at most 5 of 500 bytes.
	Commands []string `json:"commands"`
}

// caller is a connection that can tell who in the sandbox holds it.
type caller interface {
	Commands(ctx context.Context) []string
}

// Bounds of Request.Commands.
const (
	callerWait  = 2 * time.Second // for the sandbox to tell; the question is then asked without
	maxCommands = 5
	maxCommand  = 500
)

// commandsOf asks who holds a flow's connection.
func commandsOf(ctx context.Context, who caller) []string {
	if who == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, callerWait)
	defer cancel()
	told := who.Commands(ctx)
	var all []string
	for _, text := range told[:min(len(told), maxCommands)] {
		all = append(all, strings.Map(func(r rune) rune {
			if !unicode.IsPrint(r) { // also what turns the direction of writing round
				return '?'
			}
			return r
		}, text[:min(len(text), maxCommand)]))
	}
	return all
}

// question is one that waits for the user. The Proxy's lock guards it; allow and late may be read when done is closed.
type question struct {
	waiters int
	linger  *time.Timer // since the last waiter hung up
	cancel  context.CancelFunc
	done    chan struct{}
	allow   bool
	late    bool // nobody answered within AskLimit
}

// answer is one that the user gave.
type answer struct {
	allow bool
	until time.Time
}

// forget drops what is remembered no longer.
func (box *sandbox) forget() {
	now := time.Now()
	for host, a := range box.answers {
		if now.After(a.until) {
			delete(box.answers, host)
		}
	}
}

// outcome of asking.
type outcome int

const (
	saidNo outcome = iota
	saidYes
	again   // the policy changed meanwhile
	tooMany // enough is waiting already, or was asked since the user last looked
	left    // the sandbox hung up
	noReply // the user did not answer
)

// asked waits for the user's answer about the flow's host. Who asks for the same host waits for the same answer.
func (p *Proxy) asked(f *flow) outcome {
	q, known := p.question(f)
	if q == nil {
		return known
	}
	o := p.await(f, q)
	p.unask(f, q, o == left && f.hungUp())
	return o
}

func (p *Proxy) await(f *flow, q *question) outcome {
	for {
		select {
		case <-q.done:
			switch {
			case q.allow:
				return saidYes
			case q.late:
				return noReply
			}
			return saidNo
		case <-f.woken:
			// Whatever else changed: a question that still stands is not asked a second time.
			if _, j := p.judged(f); j.verdict != ask {
				return again
			}
		case <-f.ctx.Done():
			return left
		}
	}
}

// question returns the question about the flow's host, asking it where nobody has, or else what is known already.
func (p *Proxy) question(f *flow) (*question, outcome) {
	p.mu.Lock()
	defer p.mu.Unlock()
	box, host := f.box, f.target.host()
	if a, ok := box.answers[host]; ok && time.Now().Before(a.until) {
		if a.allow {
			return nil, saidYes
		}
		return nil, saidNo
	}
	if p.Ask == nil {
		return nil, saidNo
	}
	q := box.questions[host]
	if box.held >= maxHeld || q == nil && (len(box.questions) >= maxQuestions || box.unseen >= maxQuestions) {
		return nil, tooMany
	}
	if q == nil {
		q = p.pose(f)
	}
	if q.linger != nil {
		q.linger.Stop()
		q.linger = nil
	}
	box.held++
	q.waiters++
	return q, saidNo
}

// pose begins to ask. The question outlives the connection that brought it, as long as another waits for it.
func (p *Proxy) pose(f *flow) *question {
	box, host, who, id := f.box, f.target.host(), f.caller, f.row.Session
	r := Request{Host: host, Port: int(f.target.port), Program: f.program}
	ctx, cancel := context.WithTimeout(p.ctx, AskLimit)
	q := &question{cancel: cancel, done: make(chan struct{})}
	box.questions[host] = q
	box.unseen++
	p.wg.Go(func() {
		defer cancel()
		r.Commands = commandsOf(ctx, who)
		allow := p.Ask(ctx, id, r) && ctx.Err() == nil
		p.mu.Lock()
		defer p.mu.Unlock()
		if box.questions[host] == q {
			delete(box.questions, host)
		}
		if ctx.Err() == nil {
			box.unseen = 0
		}
		if ctx.Err() == nil && len(box.answers) < maxAnswers {
			holds := noHolds
			if allow {
				holds = yesHolds
			}
			box.answers[host] = answer{allow, time.Now().Add(holds)}
		}
		q.allow, q.late = allow, errors.Is(ctx.Err(), context.DeadlineExceeded)
		close(q.done)
	})
	return q
}

// unask ends one wait. With the last the question is withdrawn: at once, or where its program just hung up, when it has
// not come back after a while.
func (p *Proxy) unask(f *flow, q *question, mayReturn bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	f.box.held--
	if q.waiters--; q.waiters > 0 {
		return
	}
	box, host := f.box, f.target.host()
	if !mayReturn {
		box.withdraw(host, q)
		return
	}
	q.linger = time.AfterFunc(askLingers, func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		if q.waiters == 0 {
			box.withdraw(host, q)
		}
	})
}

func (box *sandbox) withdraw(host string, q *question) {
	q.cancel()
	if q.linger != nil {
		q.linger.Stop()
	}
	if box.questions[host] == q {
		delete(box.questions, host)
	}
}
