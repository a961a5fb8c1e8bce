package sqlite

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"github.com/glebarez/sqlite"
	"gorm.io/gorm"
	"gorm.io/gorm/logger"

	"background-agents/backend/session"
)

// readers bounds the connections that read at once.
const readers = 4

// Store is a session.Store in one file. Its methods may be called from any goroutine.
type Store struct {
	write *gorm.DB // one connection: SQLite has one writer at a time, and waiting in Go is fair and cannot fail
	read  *gorm.DB

	mu        sync.Mutex             // one Save at a time, for what follows
	announced map[session.ID]choices // as stored, so that they are written only when they change
	grown     map[session.ID]int     // rows of the ledger since it was last trimmed, none for one not seen yet
}

var _ session.Store = (*Store)(nil)

// Open opens the database at path, making it and its folder where they are missing, and brings its schema up to date.
func Open(ctx context.Context, path string) (*Store, error) {
	return open(ctx, path, released)
}

func open(ctx context.Context, path string, files fs.FS) (*Store, error) {
	versions, err := schema(files)
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, denied(err)
	}
	if err := checkHeader(path, len(versions)); err != nil {
		return nil, err
	}
	s := &Store{announced: map[session.ID]choices{}, grown: map[session.ID]int{}}
	if s.write, err = connect(path, 1, "_txlock=immediate", "_pragma=journal_mode(WAL)", "_pragma=journal_size_limit(67108864)"); err != nil {
		return nil, err
	}
	if err := migrate(s.write.WithContext(ctx), path, versions); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	_ = os.Chmod(path, 0o600) // transcripts are the user's own; where there are no modes there is nothing to set
	if s.read, err = connect(path, readers, "_pragma=query_only(1)"); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

func connect(path string, connections int, options ...string) (*gorm.DB, error) {
	options = append(options, "_pragma=busy_timeout(5000)", "_pragma=synchronous(FULL)", "_pragma=cache_size(-8000)")
	db, err := gorm.Open(sqlite.Open(address(path)+"?"+strings.Join(options, "&")), &gorm.Config{
		Logger:                 logger.Discard,
		SkipDefaultTransaction: true, // each Save is one already
	})
	if err != nil {
		return nil, fmt.Errorf("open database: %w", explain(err))
	}
	pool, err := db.DB()
	if err != nil {
		return nil, fmt.Errorf("open database: %w", err)
	}
	pool.SetMaxOpenConns(connections)
	pool.SetMaxIdleConns(connections)
	return db, nil
}

// address returns path as a URI, in which no character of it means anything.
func address(path string) string {
	path = filepath.ToSlash(path)
	if !strings.HasPrefix(path, "/") && filepath.VolumeName(path) != "" {
		path = "/" + path
	}
	return "file:" + (&url.URL{Path: path}).EscapedPath()
}

// Check reads the whole file and returns an error where it is damaged. It takes seconds for a large one.
func (s *Store) Check(ctx context.Context) error {
	var found string
	if err := s.read.WithContext(ctx).Raw("PRAGMA quick_check(1)").Scan(&found).Error; err != nil {
		return fmt.Errorf("check database: %w", explain(err))
	}
	if found != "ok" {
		return damaged(errors.New(found))
	}
	return nil
}

// Close waits for what is running and closes the file.
func (s *Store) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	var all []error
	// The writer last: the last one to close folds the write-ahead log into the file.
	for _, db := range []*gorm.DB{s.read, s.write} {
		if db == nil {
			continue
		}
		pool, err := db.DB()
		if err == nil {
			err = pool.Close()
		}
		all = append(all, err)
	}
	return errors.Join(all...)
}
