package session_test

import (
	"testing"
	"testing/synctest"
	"time"

	"background-agents/backend/session"
)

func TestLedgerKeepsWhatHappened(t *testing.T) {
	story(t, hello, func(w *world) {
		id := w.create("work")
		w.until(id, session.Idle)
		stored := func() []session.Connection {
			rows, err := w.store.Connections(ctx, id, 1000)
			w.must(err)
			return rows
		}
		opened := session.Connection{ID: 1, Session: id, Host: "example.com", Allowed: true, Open: true}
		w.RecordConnection(opened)
		w.RecordConnection(session.Connection{ID: 2, Session: id, Host: "evil.example"})
		if rows := stored(); len(rows) != 2 || !rows[1].Open {
			t.Errorf("an opening and a refusal are kept at once, and not %+v", rows)
		}
		ended := opened
		ended.Open, ended.Down = false, 5
		w.RecordConnection(ended)
		if rows := stored(); !rows[1].Open {
			t.Error("an end waits for others")
		}
		rows, err := w.Connections(ctx, id, 10)
		w.must(err)
		if len(rows) != 2 || rows[1] != ended || stored()[1] != ended {
			t.Errorf("who asks sees the end: %+v", rows)
		}
		for i := range 600 {
			w.RecordConnection(session.Connection{ID: uint64(10 + i), Session: id, Host: "example.com", Allowed: true})
		}
		if n := len(stored()); n < 2+512 || n > 2+600 {
			t.Errorf("no more than a few hundred wait: %d are kept", n)
		}
		time.Sleep(time.Second)
		synctest.Wait()
		if n := len(stored()); n != 602 {
			t.Errorf("after a second %d are kept", n)
		}
		w.RecordConnection(session.Connection{ID: 1000, Session: "nobody", Host: "example.com"})
		if n := len(stored()); n != 602 {
			t.Error("a session that is gone has no ledger")
		}
	})
}

func TestLedgerClosesWhatACrashLeftOpen(t *testing.T) {
	story(t, hello, func(w *world) {
		id := w.create("work")
		w.until(id, session.Idle)
		w.RecordConnection(session.Connection{ID: 1, Session: id, At: session.Millis(time.Now().UnixMilli()), Host: "example.com", Allowed: true, Open: true})
		w.RecordConnection(session.Connection{ID: 2, Session: id, Host: "example.com", Allowed: true})
		time.Sleep(time.Second)
		w.reopen()
		rows, err := w.Connections(ctx, id, 10)
		w.must(err)
		if len(rows) != 2 || rows[1].Open || rows[1].End != "application ended" {
			t.Errorf("%+v", rows)
		}
		w.RecordConnection(session.Connection{ID: 3, Session: id, At: session.Millis(time.Now().UnixMilli()), Host: "example.com", Allowed: true, Open: true})
		if rows, _ := w.Connections(ctx, id, 1); !rows[0].Open {
			t.Errorf("%+v", rows)
		}
	})
}
