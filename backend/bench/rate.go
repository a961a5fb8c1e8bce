package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"background-agents/backend/session"
	"background-agents/sandbox/supervisor/journal"
	"background-agents/sandbox/wire"
)

// eventRate is deltas and items through the real journal, channel, store and a watcher, nothing lost, beside rows of
// the same size inserted into SQLite alone.
func eventRate(ctx context.Context, o options) ([]row, error) {
	n := o.small(200_000, 5_000)
	r, err := measure(o, row{Name: "event-rate", Unit: "events/s", Goal: ">= 20000/s, >= 0.5x"}, func(int) (float64, float64, error) {
		floor, err := insertRate(n)
		if err != nil {
			return 0, 0, err
		}
		ours, err := carryRate(ctx, n)
		return ours, floor, err
	})
	return []row{r}, err
}

// eventText is what one delta says.
const eventText = "some words of an answer as a model streams them, about as long as this line is. "

// deltasPerItem: an answer of two hundred chunks, then the next.
const deltasPerItem = 200

func insertRate(n int) (float64, error) {
	dir, err := os.MkdirTemp("", "bga-floor")
	if err != nil {
		return 0, err
	}
	defer os.RemoveAll(dir)
	db, err := sql.Open("sqlite", "file:"+filepath.Join(dir, "floor.db")+"?_pragma=journal_mode(WAL)&_pragma=synchronous(NORMAL)")
	if err != nil {
		return 0, err
	}
	defer db.Close()
	if _, err := db.Exec("create table events (session text, seq integer, text text, primary key (session, seq))"); err != nil {
		return 0, err
	}
	began := time.Now()
	for at := 0; at < n; at += 500 {
		tx, err := db.Begin()
		if err != nil {
			return 0, err
		}
		values := make([]any, 0, 1500)
		for i := at; i < min(at+500, n); i++ {
			values = append(values, "session", i, eventText)
		}
		rows := strings.TrimSuffix(strings.Repeat("(?,?,?),", len(values)/3), ",")
		if _, err := tx.Exec("insert into events values "+rows, values...); err != nil {
			return 0, err
		}
		if err := tx.Commit(); err != nil {
			return 0, err
		}
	}
	return float64(n) / time.Since(began).Seconds(), nil
}

func carryRate(ctx context.Context, n int) (float64, error) {
	dir, err := os.MkdirTemp("", "bga-rate")
	if err != nil {
		return 0, err
	}
	defer os.RemoveAll(dir)
	s, err := newStreamed(ctx, dir)
	if err != nil {
		return 0, err
	}
	defer s.close()
	return carry(ctx, s.manager, s.journal, n)
}

// carry appends n deltas to the journal and returns how many a second the watcher has seen, all of them.
func carry(ctx context.Context, m *session.Manager, j *journal.Journal, n int) (float64, error) {
	want := int64(n) * int64(len(eventText))
	seen := make(chan struct{})
	watching, stop := context.WithTimeout(ctx, 5*time.Minute)
	defer stop()
	go func() {
		defer close(seen)
		sizes, total := map[session.ItemID]int64{}, int64(0)
		_ = m.Watch(watching, func(e session.Event) {
			for _, it := range e.Items {
				if it.Kind == session.KindMessage {
					total += it.Size - sizes[it.ID]
					sizes[it.ID] = it.Size
				}
			}
			for _, d := range e.Deltas {
				total += d.Size - sizes[d.Item]
				sizes[d.Item] = d.Size
			}
			if total == want {
				stop()
			}
		})
	}()
	began := time.Now()
	for i := range n {
		err := j.Append(wire.Entry{Delta: &wire.Delta{Item: fmt.Sprint(j.Epoch(), "-", i/deltasPerItem), Kind: "message", Text: eventText}})
		if err != nil {
			return 0, err
		}
	}
	<-seen
	if !errors.Is(watching.Err(), context.Canceled) {
		return 0, errors.New("events were lost")
	}
	return float64(n) / time.Since(began).Seconds(), nil
}
