package sqlite

import (
	"embed"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"gorm.io/gorm"
)

//go:embed schema/*.sql
var released embed.FS

// errVersion says which schema a file has and which this program knows.
type errVersion struct{ have, know int }

func (e errVersion) Error() string {
	return fmt.Sprintf("database has schema %d, this program knows %d", e.have, e.know)
}

// schema reads the statements of each version from 0001.sql on.
func schema(files fs.FS) ([]string, error) {
	var versions []string
	for {
		b, err := fs.ReadFile(files, fmt.Sprintf("schema/%04d.sql", len(versions)+1))
		if errors.Is(err, fs.ErrNotExist) {
			return versions, nil
		}
		if err != nil {
			return nil, fmt.Errorf("read schema: %w", err)
		}
		versions = append(versions, string(b))
	}
}

// checkHeader looks at the file without SQLite, which would touch it. A missing or empty file is a new database.
// The format: https://www.sqlite.org/fileformat.html#the_database_header
func checkHeader(path string, know int) error {
	f, err := os.Open(path)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return denied(err)
	}
	defer f.Close()
	header := make([]byte, 100)
	switch _, err := io.ReadFull(f, header); {
	case errors.Is(err, io.EOF):
		return nil
	case errors.Is(err, io.ErrUnexpectedEOF):
		return damaged(fmt.Errorf("%s is too short for a database", path))
	case err != nil:
		return denied(fmt.Errorf("read database header: %w", err))
	}
	if string(header[:16]) != "SQLite format 3\x00" {
		return damaged(fmt.Errorf("%s is not an SQLite database", path))
	}
	if have := int(binary.BigEndian.Uint32(header[60:])); have > know {
		return newer(have, know)
	}
	return nil
}

// migrate brings the database to the last of the versions. It makes a copy first where there is something to lose.
func migrate(db *gorm.DB, path string, versions []string) error {
	have, err := userVersion(db)
	if err != nil {
		return err
	}
	switch {
	case have > len(versions):
		return newer(have, len(versions))
	case have == len(versions):
		return nil
	case have > 0:
		if err := backUp(db, fmt.Sprintf("%s.v%d.backup", path, have)); err != nil {
			return err
		}
	}
	for v := have; v < len(versions); v++ {
		err := db.Transaction(func(tx *gorm.DB) error {
			if err := tx.Exec(versions[v]).Error; err != nil {
				return err
			}
			return tx.Exec(fmt.Sprintf("PRAGMA user_version = %d", v+1)).Error
		})
		if err != nil {
			return fmt.Errorf("migrate database to version %d: %w", v+1, explain(err))
		}
	}
	// The header is what the next start, of whatever version, looks at first.
	return explain(db.Exec("PRAGMA wal_checkpoint(TRUNCATE)").Error)
}

func userVersion(db *gorm.DB) (int, error) {
	var v int
	if err := db.Raw("PRAGMA user_version").Scan(&v).Error; err != nil {
		return 0, fmt.Errorf("read database version: %w", explain(err))
	}
	return v, nil
}

// backUp writes a copy of the database. The name appears only when the copy is complete; one that is there stays,
// since it is from before an earlier attempt at the same step.
func backUp(db *gorm.DB, path string) error {
	if _, err := os.Stat(path); err == nil {
		return nil
	}
	part := path + ".part"
	_ = os.Remove(part) // left by an attempt that was cut off
	if err := db.Exec("VACUUM INTO ?", part).Error; err != nil {
		_ = os.Remove(part)
		return fmt.Errorf("back up database: %w", explain(err))
	}
	if err := os.Rename(part, path); err != nil {
		return fmt.Errorf("back up database: %w", err)
	}
	return nil
}
