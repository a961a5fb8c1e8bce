package missing

import (
	"strings"
	"sync"

	"background-agents/sandbox/wire"
)

// Reporter tells of what is missing: what the host wants to hear of, each once, at most wire.MaxMissing in all. It is
// safe for concurrent use.
type Reporter struct {
	// Send gets what is missing. It is called by one goroutine at a time.
	Send func(wire.Missing)
	// Interpreter is that of Run.
	Interpreter func(script string) string

	mu     sync.Mutex
	wanted map[string]string // command -> what it is part of
	told   map[string]bool   // by what it is part of, and version
}

// Want says which commands the host wants to hear of, each with the name of what it is part of: gcc and cc are told of
// once.
func (r *Reporter) Want(commands map[string]string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.wanted = commands
}

// Ended looks at a command that has ended.
func (r *Reporter) Ended(run Run) {
	if !r.listens() {
		return
	}
	run.Interpreter = r.Interpreter
	for _, m := range Find(run) {
		r.report(m)
	}
}

// NotFound takes the words of a command that a shell did not find.
func (r *Reporter) NotFound(words []string) {
	if len(words) > 0 && IsCommand(words[0]) {
		r.report(wire.Missing{Command: words[0], Packages: Packages(words[0], words)})
	}
}

// listens reports whether anything may be told still.
func (r *Reporter) listens() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.wanted) > 0 && len(r.told) < wire.MaxMissing
}

func (r *Reporter) report(m wire.Missing) {
	r.mu.Lock()
	defer r.mu.Unlock()
	part, wanted := r.wanted[m.Command]
	key := strings.TrimSpace(part + " " + m.Version)
	if !wanted || r.told[key] || len(r.told) >= wire.MaxMissing {
		return
	}
	if r.told == nil {
		r.told = map[string]bool{}
	}
	r.told[key] = true
	r.Send(m)
}
