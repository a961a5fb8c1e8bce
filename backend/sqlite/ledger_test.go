package sqlite_test

import (
	"path/filepath"
	"testing"

	"background-agents/backend/session"
	"background-agents/backend/sqlite"
)

func TestLedgerIsBounded(t *testing.T) {
	s, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "app.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	save := func(of session.ID, from, n int) {
		rows := make([]session.Connection, n)
		for i := range rows {
			rows[i] = session.Connection{ID: uint64(from + i), Session: of, Host: "example.com"}
		}
		if err := s.Save(t.Context(), session.Change{Connections: rows}); err != nil {
			t.Fatal(err)
		}
	}
	save("other", 1, 5)
	save("one", 10, session.MaxConnections)
	for i := range 50 {
		save("one", 20_000+10*i, 10)
	}
	rows, err := s.Connections(t.Context(), "one", 2*session.MaxConnections)
	if err != nil || len(rows) < session.MaxConnections || len(rows) > session.MaxConnections+100 {
		t.Errorf("%d rows are kept: %v", len(rows), err)
	}
	if rows[0].ID != 20_499 || rows[len(rows)-1].ID < 300 {
		t.Errorf("the oldest goes first: %d to %d", rows[0].ID, rows[len(rows)-1].ID)
	}
	if rows, err := s.Connections(t.Context(), "other", 100); err != nil || len(rows) != 5 {
		t.Errorf("another session has %d rows: %v", len(rows), err)
	}
}
