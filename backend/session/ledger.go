package session

import (
	"context"
	"slices"
	"sync"
	"time"
)

// Connection is one row of the ledger: what a sandbox reached, or was kept from. It never says what was carried.
type Connection struct {
	ID      uint64 `json:"id"` // grows
	Session ID     `json:"session"`
	At      Millis `json:"at"`
	Host    string `json:"host"`
	Port    int    `json:"port"` // 0 where it could not be read
	Allowed bool   `json:"allowed"`
	Rule    string `json:"rule"` // what decided, or for what was refused the reason
	Open    bool   `json:"open"` // still going on
	End     string `json:"end"`  // why it ended, where not by itself
	Up      int64  `json:"up"`   // bytes from the sandbox
	Down    int64  `json:"down"` // bytes to it
	Millis  int64  `json:"millis"`
}

// MaxConnections bounds the rows kept for each session; the oldest go first, some at a time.
const MaxConnections = 10_000

// Ends of connections wait a moment to be kept, so that many need one write. That they were allowed is kept before they open.
const (
	endsWait = 200 * time.Millisecond
	maxEnds  = 256
)

// ledger holds the ends of connections that wait to be kept.
type ledger struct {
	begun Millis // of this life of the application

	mu   sync.Mutex
	ends []Connection
}

// hold takes the end of a connection. It returns whether it is the first that waits, and whether there are as many as may be.
func (l *ledger) hold(c Connection) (first, full bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.ends = append(l.ends, c)
	return len(l.ends) == 1, len(l.ends) >= maxEnds
}

func (l *ledger) take() []Connection {
	l.mu.Lock()
	defer l.mu.Unlock()
	ends := l.ends
	l.ends = nil
	return ends
}

// RecordConnection keeps a row of the ledger. What is refused, or opens, is kept when it returns.
func (m *Manager) RecordConnection(c Connection) {
	if !c.Allowed || c.Open || m.ctx.Err() != nil {
		m.keepConnections(c)
		return
	}
	switch first, full := m.ledger.hold(c); {
	case full:
		m.keepConnections()
	case first:
		time.AfterFunc(endsWait, func() { m.keepConnections() })
	}
}

// keepConnections keeps rows, after those that wait.
func (m *Manager) keepConnections(rows ...Connection) {
	m.writing.Lock()
	defer m.writing.Unlock()
	rows = slices.DeleteFunc(append(m.ledger.take(), rows...), func(c Connection) bool {
		_, err := m.session(c.Session)
		return err != nil
	})
	if len(rows) == 0 {
		return
	}
	if err := m.record(m.ctx, Change{Connections: rows}); err != nil {
		m.Log.Error("record connections", "rows", len(rows), "session", rows[0].Session, "err", err)
	}
}

// Connections implements Operations: the ledger of a session, the newest first.
func (m *Manager) Connections(ctx context.Context, id ID, limit int) ([]Connection, error) {
	if _, err := m.session(id); err != nil {
		return nil, err
	}
	m.Egress.Looked(id) // the list says that it asked for too much
	m.keepConnections()
	rows, err := m.Store.Connections(ctx, id, bound(limit, 1, maxPage))
	for i := range rows {
		if rows[i].Open && rows[i].At < m.ledger.begun {
			rows[i].Open, rows[i].End = false, "application ended"
		}
	}
	return rows, err
}
