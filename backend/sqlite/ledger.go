package sqlite

import (
	"context"
	"encoding/json"
	"fmt"

	"gorm.io/gorm"

	"background-agents/backend/session"
)

type connectionRow struct {
	ID      uint64
	Session session.ID
	Value   string
}

func (connectionRow) TableName() string { return "connections" }

// trimEvery is how many rows a session's ledger may grow above session.MaxConnections before the oldest go: finding them means
// to walk past all that stay.
const trimEvery = 100

// saveConnections writes rows of the ledger, and lets go of old ones. It is called with mu held.
func (s *Store) saveConnections(tx *gorm.DB, rows []session.Connection) error {
	for _, c := range rows {
		value, err := encode(c)
		if err != nil {
			return fmt.Errorf("encode connection %d: %w", c.ID, err)
		}
		if err := tx.Clauses(replace).Create(&connectionRow{c.ID, c.Session, value}).Error; err != nil {
			return err
		}
		if grown, known := s.grown[c.Session]; known && grown < trimEvery {
			s.grown[c.Session]++
			continue
		}
		err = tx.Exec(`DELETE FROM connections WHERE session = ? AND id < (SELECT id FROM connections WHERE session = ?
			ORDER BY id DESC LIMIT 1 OFFSET ?)`, c.Session, c.Session, session.MaxConnections-1).Error
		if err != nil {
			return err
		}
		s.grown[c.Session] = 1
	}
	return nil
}

// Connections implements session.Store.
func (s *Store) Connections(ctx context.Context, id session.ID, limit int) ([]session.Connection, error) {
	var rows []connectionRow
	err := s.read.WithContext(ctx).Where("session = ?", id).Order("id DESC").Limit(max(limit, 0)).Find(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("read ledger: %w", explain(err))
	}
	ledger := make([]session.Connection, len(rows))
	for i, row := range rows {
		if err := json.Unmarshal([]byte(row.Value), &ledger[i]); err != nil {
			return nil, damaged(fmt.Errorf("decode connection %d: %w", row.ID, err))
		}
	}
	return ledger, nil
}
