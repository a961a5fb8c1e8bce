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

// saveConnections writes rows of the ledger, and lets go of those beyond session.MaxConnections.
func saveConnections(tx *gorm.DB, rows []session.Connection) error {
	for _, c := range rows {
		value, err := encode(c)
		if err != nil {
			return fmt.Errorf("encode connection %d: %w", c.ID, err)
		}
		if err := tx.Clauses(replace).Create(&connectionRow{c.ID, c.Session, value}).Error; err != nil {
			return err
		}
		err = tx.Exec(`DELETE FROM connections WHERE session = ? AND id < (SELECT id FROM connections WHERE session = ?
			ORDER BY id DESC LIMIT 1 OFFSET ?)`, c.Session, c.Session, session.MaxConnections-1).Error
		if err != nil {
			return err
		}
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
