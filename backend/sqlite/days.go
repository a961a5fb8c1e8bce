package sqlite

import (
	"context"
	"encoding/json"
	"fmt"

	"gorm.io/gorm"

	"background-agents/backend/session"
)

type dayRow struct {
	Day   string
	Value string
}

func (dayRow) TableName() string { return "days" }

func saveDay(tx *gorm.DB, d *session.DayUse) error {
	if d == nil {
		return nil
	}
	value, err := encode(d.Use)
	if err != nil {
		return fmt.Errorf("encode day %s: %w", d.Day, err)
	}
	return tx.Exec("INSERT OR REPLACE INTO days (day, value) VALUES (?, ?)", d.Day, value).Error
}

// Day implements session.Store.
func (s *Store) Day(ctx context.Context, day string) (session.Use, error) {
	var rows []dayRow
	if err := s.read.WithContext(ctx).Where("day = ?", day).Find(&rows).Error; err != nil {
		return session.Use{}, fmt.Errorf("read day: %w", explain(err))
	}
	var use session.Use
	if len(rows) == 0 {
		return use, nil
	}
	if err := json.Unmarshal([]byte(rows[0].Value), &use); err != nil {
		return use, damaged(fmt.Errorf("decode day %s: %w", day, err))
	}
	return use, nil
}
