package backend

import (
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
)

// maxLog bounds a log file in bytes; the one before it is kept.
const maxLog = 10 << 20

// logFile is the installation's log.
type logFile struct {
	*slog.Logger
	f *os.File
}

func (l logFile) Close() error { return l.f.Close() }

// openLog opens the log in dir, and puts one that has grown too long aside. What is written goes through hide.
func openLog(dir string, hide func(io.Writer) io.Writer) (logFile, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return logFile{}, fmt.Errorf("make log folder: %w", err)
	}
	path := filepath.Join(dir, "backend.log")
	if st, err := os.Stat(path); err == nil && st.Size() > maxLog {
		if err := os.Rename(path, path+".1"); err != nil {
			return logFile{}, fmt.Errorf("put old log aside: %w", err)
		}
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return logFile{}, fmt.Errorf("open log: %w", err)
	}
	return logFile{slog.New(slog.NewTextHandler(hide(f), nil)), f}, nil
}
