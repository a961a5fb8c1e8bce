package sqlite

import (
	"context"
	"encoding/json"
	"fmt"
	"math"

	"gorm.io/gorm"

	"background-agents/backend/session"
)

// Load implements session.Store. Projects and sessions come in the order of their making.
func (s *Store) Load(ctx context.Context) (session.Settings, []session.Project, []session.Session, error) {
	var settings session.Settings
	var projects []session.Project
	var sessions []session.Session
	s.mu.Lock()
	defer s.mu.Unlock()
	err := s.read.WithContext(ctx).Transaction(func(tx *gorm.DB) (err error) {
		if settings, err = loadSettings(tx); err != nil {
			return err
		}
		if projects, err = loadProjects(tx); err != nil {
			return err
		}
		sessions, err = loadSessions(tx)
		return err
	})
	if err != nil {
		return session.Settings{}, nil, nil, fmt.Errorf("load: %w", explain(err))
	}
	for _, se := range sessions {
		s.announced[se.ID] = choices{se.Options, se.Commands}
	}
	return settings, projects, sessions, nil
}

func loadSettings(tx *gorm.DB) (settings session.Settings, err error) {
	var rows []settingsRow
	if err := tx.Find(&rows).Error; err != nil || len(rows) == 0 {
		return settings, err
	}
	if err := json.Unmarshal([]byte(rows[0].Value), &settings); err != nil {
		return settings, damaged(fmt.Errorf("decode settings: %w", err))
	}
	return settings, nil
}

func loadProjects(tx *gorm.DB) ([]session.Project, error) {
	var rows []projectRow
	if err := tx.Order("value ->> 'createdAt', id").Find(&rows).Error; err != nil {
		return nil, err
	}
	projects := make([]session.Project, len(rows))
	for i, row := range rows {
		if err := json.Unmarshal([]byte(row.Value), &projects[i]); err != nil {
			return nil, damaged(fmt.Errorf("decode project %s: %w", row.ID, err))
		}
	}
	return projects, nil
}

func loadSessions(tx *gorm.DB) ([]session.Session, error) {
	var announced []choicesRow
	if err := tx.Find(&announced).Error; err != nil {
		return nil, err
	}
	said := make(map[session.ID]string, len(announced))
	for _, row := range announced {
		said[row.Session] = row.Value
	}
	var rows []sessionRow
	if err := tx.Order("created_at, id").Find(&rows).Error; err != nil {
		return nil, err
	}
	sessions := make([]session.Session, len(rows))
	for i, row := range rows {
		s, err := row.session(said[row.ID])
		if err != nil {
			return nil, err
		}
		sessions[i] = s
	}
	return sessions, nil
}

// Items implements session.Store.
func (s *Store) Items(ctx context.Context, id session.ID, from uint64, limit int) ([]session.Item, error) {
	return s.items(s.read.WithContext(ctx).Where("session = ? AND seq >= ?", id, from).Order("seq").Limit(max(limit, 0)), session.MaxPageOf)
}

// Changed implements session.Store.
func (s *Store) Changed(ctx context.Context, id session.ID, since uint64, limit int) ([]session.Item, error) {
	return s.items(s.read.WithContext(ctx).Where("session = ? AND rev > ?", id, since).Order("rev").Limit(max(limit, 0)), session.MaxPageOf)
}

// Open implements session.Store; the items come in order.
func (s *Store) Open(ctx context.Context, id session.ID) ([]session.Item, error) {
	return s.items(s.read.WithContext(ctx).Where("session = ? AND done_at = 0", id).Order("seq"), math.MaxInt64)
}

// Item implements session.Store.
func (s *Store) Item(ctx context.Context, id session.ID, item session.ItemID) (session.Item, error) {
	found, err := s.items(s.read.WithContext(ctx).Where("session = ? AND id = ?", id, item), math.MaxInt64)
	if err != nil {
		return session.Item{}, err
	}
	if len(found) == 0 {
		return session.Item{}, &session.Error{
			Code:    session.CodeNotFound,
			Message: "This part of the transcript does not exist.",
			Hint:    "Look at the session's transcript again: `bga log " + string(id) + "`.",
		}
	}
	return found[0], nil
}

// items reads until they are larger than most together.
func (s *Store) items(query *gorm.DB, most int64) ([]session.Item, error) {
	rows, err := query.Model(&itemRow{}).Rows()
	if err != nil {
		return nil, fmt.Errorf("read items: %w", explain(err))
	}
	defer rows.Close()
	items := []session.Item{}
	for size := int64(0); size <= most && rows.Next(); {
		var row itemRow
		if err := query.ScanRows(rows, &row); err != nil {
			return nil, fmt.Errorf("read items: %w", explain(err))
		}
		it, err := row.item()
		if err != nil {
			return nil, err
		}
		items = append(items, it)
		size += it.Weight()
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("read items: %w", explain(err))
	}
	return items, nil
}
