package broker

import (
	"bytes"
	"sync"
	"testing"

	"background-agents/backend/session"
)

// logged is a log that is written while it is read.
type logged struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *logged) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *logged) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// tallied is what the brokers of the running test have told of each session.
var tallied struct {
	mu  sync.Mutex
	use map[session.ID]session.Use
}

func count(t *testing.T) func(session.ID, session.Use) {
	t.Helper()
	tallied.mu.Lock()
	tallied.use = map[session.ID]session.Use{}
	tallied.mu.Unlock()
	return func(id session.ID, u session.Use) {
		tallied.mu.Lock()
		defer tallied.mu.Unlock()
		tallied.use[id] = tallied.use[id].Plus(u)
	}
}

func used(id session.ID) session.Use {
	tallied.mu.Lock()
	defer tallied.mu.Unlock()
	return tallied.use[id]
}
