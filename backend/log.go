package backend

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"regexp"
	"sync"
	"time"

	"background-agents/backend/logfile"
)

// mainLog is the file of what is about no session.
const mainLog = "backend.log"

// Bounds of lines that say the same of the same session: so many in so long. What was left out is counted in a line of its own.
const (
	repeatWindow = 10 * time.Second
	maxRepeats   = 100
	maxKinds     = 1000 // different lines in one window; more are counted together
)

// installationLog is the installation's log: backend.log, and a file for each session. What a sandbox does is in its own file, so
// that it pushes out nothing of others.
type installationLog struct {
	*slog.Logger
	files *logfile.Folder
}

func (l installationLog) Close() error { return l.files.Close() }

// openLog opens the log in dir. What is written goes through hide.
func openLog(dir string, hide func(io.Writer) io.Writer) (installationLog, error) {
	files, err := logfile.Open(dir)
	if err != nil {
		return installationLog{}, fmt.Errorf("open log: %w", err)
	}
	if _, err := files.Write(mainLog, nil); err != nil { // it is there, and can be written to
		return installationLog{}, errors.Join(err, files.Close())
	}
	out := &logWriter{files: files, seen: map[repeatKey]*repeat{}}
	out.hidden = hide(writerFunc(func(p []byte) (int, error) { return files.Write(out.file, p) }))
	return installationLog{slog.New(&logHandler{out, slog.NewTextHandler(out, nil), ""}), files}, nil
}

type writerFunc func(p []byte) (int, error)

func (f writerFunc) Write(p []byte) (int, error) { return f(p) }

// logWriter writes one line at a time, to the file of the record that is being handled.
type logWriter struct {
	files  *logfile.Folder
	hidden io.Writer

	mu    sync.Mutex
	file  string // of the line that is being written
	since time.Time
	seen  map[repeatKey]*repeat // in the window that began at since
}

func (w *logWriter) Write(p []byte) (int, error) { return w.hidden.Write(p) }

// repeatKey is what makes two lines the same.
type repeatKey struct {
	file    string
	level   slog.Level
	message string
}

type repeat struct {
	lines int
	h     *logHandler
}

// logHandler writes lines about a session to the session's own file.
type logHandler struct {
	out  *logWriter
	text slog.Handler
	file string // of the session that the logger is for
}

// Enabled implements slog.Handler.
func (h *logHandler) Enabled(ctx context.Context, l slog.Level) bool { return h.text.Enabled(ctx, l) }

// WithAttrs implements slog.Handler.
func (h *logHandler) WithAttrs(attrs []slog.Attr) slog.Handler {
	file := h.file
	for _, a := range attrs {
		file = fileOf(a, file)
	}
	return &logHandler{h.out, h.text.WithAttrs(attrs), file}
}

// WithGroup implements slog.Handler.
func (h *logHandler) WithGroup(name string) slog.Handler {
	return &logHandler{h.out, h.text.WithGroup(name), h.file}
}

// Handle implements slog.Handler.
func (h *logHandler) Handle(ctx context.Context, r slog.Record) error {
	file := h.file
	r.Attrs(func(a slog.Attr) bool {
		file = fileOf(a, file)
		return true
	})
	if file == "" {
		file = mainLog
	}
	w := h.out
	w.mu.Lock()
	defer w.mu.Unlock()
	if r.Time.Sub(w.since) >= repeatWindow || r.Time.Before(w.since) {
		w.summarize(ctx, r.Time)
	}
	key := repeatKey{file, r.Level, r.Message}
	n := w.seen[key]
	if n == nil && len(w.seen) >= maxKinds {
		key = repeatKey{mainLog, slog.LevelInfo, "other lines"}
		n = w.seen[key]
	}
	if n == nil {
		n = &repeat{h: h}
		w.seen[key] = n
	}
	if n.lines++; n.lines > maxRepeats {
		return nil
	}
	w.file = file
	return h.text.Handle(ctx, r)
}

// summarize ends a window: it says what was left out. The caller holds mu.
func (w *logWriter) summarize(ctx context.Context, now time.Time) {
	for key, n := range w.seen {
		if n.lines <= maxRepeats {
			continue
		}
		r := slog.NewRecord(now, slog.LevelWarn, "repeated lines were left out", 0)
		r.AddAttrs(slog.String("line", key.message), slog.Int("count", n.lines-maxRepeats))
		w.file = key.file
		_ = n.h.text.Handle(ctx, r) // as with every line, there is nowhere to say that it could not be written
	}
	clear(w.seen)
	w.since = now
}

var sessionForm = regexp.MustCompile(`^[0-9A-Za-z-]{1,64}$`)

// fileOf returns the file that an attribute asks for, else file.
func fileOf(a slog.Attr, file string) string {
	if a.Key != "session" {
		return file
	}
	if id := a.Value.String(); sessionForm.MatchString(id) {
		return "session-" + id + ".log"
	}
	return file
}
