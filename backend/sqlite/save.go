package sqlite

import (
	"context"
	"fmt"
	"reflect"
	"strings"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"background-agents/backend/session"
)

// insertBatch is how many items go into one statement; larger is not faster.
const insertBatch = 100

// Save implements session.Store.
func (s *Store) Save(ctx context.Context, c session.Change) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	db := s.write.WithContext(ctx)
	// Each connection starts with FULL, and the setting cannot be changed in a transaction.
	sync := "FULL"
	if grows(c) {
		sync = "NORMAL"
	}
	if err := db.Exec("PRAGMA synchronous = " + sync).Error; err != nil {
		return fmt.Errorf("save: %w", explain(err))
	}
	announced, changed := choices{}, false
	if c.Session != nil {
		announced = choices{c.Session.Options, c.Session.Commands}
		changed = !reflect.DeepEqual(announced, s.announced[c.Session.ID])
	}
	err := db.Transaction(func(tx *gorm.DB) error {
		if err := saveValues(tx, c); err != nil {
			return err
		}
		if changed {
			if err := saveChoices(tx, c.Session.ID, announced); err != nil {
				return err
			}
		}
		if err := saveItems(tx, c.Items); err != nil {
			return err
		}
		if err := saveDeltas(tx, c.Deltas); err != nil {
			return err
		}
		if err := s.saveConnections(tx, c.Connections); err != nil {
			return err
		}
		if err := saveDay(tx, c.Day); err != nil {
			return err
		}
		return drop(tx, c)
	})
	if err != nil {
		return fmt.Errorf("save: %w", explain(err))
	}
	if changed {
		s.announced[c.Session.ID] = announced
	}
	delete(s.announced, c.DropSession)
	delete(s.grown, c.DropSession)
	return nil
}

// grows reports whether a change only makes open items of a session grow: what a running turn does many times a second,
// and what is not worth the wait for the disk. Nor is a count of what was used.
func grows(c session.Change) bool {
	if c.Day != nil {
		return true
	}
	if c.Settings != nil || c.Project != nil || c.DropProject != "" || c.DropSession != "" || len(c.Items)+len(c.Deltas)+len(c.Connections) == 0 {
		return false
	}
	for _, it := range c.Items {
		if it.DoneAt != 0 {
			return false
		}
	}
	return true
}

var replace = clause.OnConflict{UpdateAll: true}

func saveValues(tx *gorm.DB, c session.Change) error {
	if c.Settings != nil {
		value, err := encode(c.Settings)
		if err != nil {
			return fmt.Errorf("encode settings: %w", err)
		}
		if err := tx.Clauses(replace).Create(&settingsRow{1, value}).Error; err != nil {
			return err
		}
	}
	if c.Project != nil {
		value, err := encode(c.Project)
		if err != nil {
			return fmt.Errorf("encode project %s: %w", c.Project.ID, err)
		}
		if err := tx.Clauses(replace).Create(&projectRow{c.Project.ID, value}).Error; err != nil {
			return err
		}
	}
	if c.Session != nil {
		row, err := newSessionRow(*c.Session)
		if err != nil {
			return err
		}
		return tx.Clauses(replace).Create(&row).Error
	}
	return nil
}

func saveChoices(tx *gorm.DB, id session.ID, announced choices) error {
	value, err := encode(announced)
	if err != nil {
		return fmt.Errorf("encode choices of session %s: %w", id, err)
	}
	return tx.Exec("INSERT OR REPLACE INTO choices (session, value) VALUES (?, ?)", id, value).Error
}

// saveItems writes full values. An item's place never changes; another item's place is refused by the index.
func saveItems(tx *gorm.DB, items []session.Item) error {
	if len(items) == 0 {
		return nil
	}
	const columns = "(session, seq, id, rev, kind, turn, parent, at, done_at, size, details, text)"
	const values = "(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
	const update = ` ON CONFLICT (session, id) DO UPDATE SET rev = excluded.rev, kind = excluded.kind, turn = excluded.turn,
		parent = excluded.parent, at = excluded.at, done_at = excluded.done_at, size = excluded.size,
		details = excluded.details, text = excluded.text WHERE seq = excluded.seq`
	for len(items) > 0 {
		n := min(len(items), insertBatch)
		args := make([]any, 0, n*12)
		for _, it := range items[:n] {
			r, err := newItemRow(it)
			if err != nil {
				return err
			}
			args = append(args, r.Session, r.Seq, r.ID, r.Rev, r.Kind, r.Turn, r.Parent, r.At, r.DoneAt, r.Size, r.Details, r.Text)
		}
		done := tx.Exec("INSERT INTO items "+columns+" VALUES "+values+strings.Repeat(", "+values, n-1)+update, args...)
		if done.Error != nil {
			return done.Error
		}
		if done.RowsAffected != int64(n) {
			return fmt.Errorf("items of session %s: one has another place than before", items[0].Session)
		}
		items = items[n:]
	}
	return nil
}

// saveDeltas appends text, all that belongs to one item at once: each append writes the item again.
func saveDeltas(tx *gorm.DB, deltas []session.Delta) error {
	type key struct {
		session session.ID
		item    session.ItemID
	}
	type sum struct {
		first, last session.Delta
		text        strings.Builder
	}
	sums, order := map[key]*sum{}, []key{}
	for _, d := range deltas {
		k := key{d.Session, d.Item}
		switch s := sums[k]; {
		case s == nil:
			sums[k], order = &sum{first: d}, append(order, k)
		case s.last.Rev != d.Prev:
			return notFollowing(d)
		}
		sums[k].last = d
		sums[k].text.WriteString(d.Text)
	}
	for _, k := range order {
		s := sums[k]
		done := tx.Exec("UPDATE items SET text = text || ?, rev = ?, size = ? WHERE session = ? AND id = ? AND rev = ?",
			s.text.String(), s.last.Rev, s.last.Size, k.session, k.item, s.first.Prev)
		if done.Error != nil {
			return done.Error
		}
		if done.RowsAffected != 1 {
			return notFollowing(s.first)
		}
	}
	return nil
}

func notFollowing(d session.Delta) error {
	return fmt.Errorf("delta to revision %d of item %s in session %s does not follow what is stored", d.Rev, d.Item, d.Session)
}

func drop(tx *gorm.DB, c session.Change) error {
	if c.DropProject != "" {
		if err := tx.Exec("DELETE FROM projects WHERE id = ?", c.DropProject).Error; err != nil {
			return err
		}
	}
	if c.DropSession == "" {
		return nil
	}
	for _, from := range []string{"sessions WHERE id = ?", "choices WHERE session = ?", "items WHERE session = ?", "connections WHERE session = ?"} {
		if err := tx.Exec("DELETE FROM "+from, c.DropSession).Error; err != nil {
			return err
		}
	}
	return nil
}
