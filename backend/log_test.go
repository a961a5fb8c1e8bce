package backend

import (
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"background-agents/backend/session"
)

func TestASandboxWritesToALogOfItsOwn(t *testing.T) {
	dir := t.TempDir()
	log, err := openLog(dir, func(w io.Writer) io.Writer { return w })
	if err != nil {
		t.Fatal(err)
	}
	log.Info("about all")
	log.Info("about one", "session", session.ID("one"))
	log.With("session", session.ID("two")).Warn("about two", "err", "x")
	log.Info("about nothing that is a name", "session", "../evil")
	if err := log.Close(); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string][]string{
		"backend.log": {"about all", "about nothing"}, "session-one.log": {"about one"}, "session-two.log": {"about two"},
	} {
		text, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil || strings.Count(string(text), "\n") != len(want) {
			t.Errorf("%s: %q %v", name, text, err)
		}
		for _, w := range want {
			if !strings.Contains(string(text), w) {
				t.Errorf("%s: %q lacks %q", name, text, w)
			}
		}
	}
}

// A sandbox asks its model's address for nothing, as fast as it can.
func TestRepeatedLinesAreCountedNotWritten(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dir := t.TempDir()
		log, err := openLog(dir, func(w io.Writer) io.Writer { return w })
		if err != nil {
			t.Fatal(err)
		}
		defer log.Close()
		const flood = 200_000
		for i := range flood {
			log.Info("model request", "session", session.ID("loud"), "path", i)
		}
		log.Info("model request", "session", session.ID("quiet"))
		for i := range 2 * maxKinds {
			log.Error(strings.Repeat("y", i), "session", session.ID("odd"))
		}
		time.Sleep(repeatWindow)
		log.Log(t.Context(), slog.LevelInfo, "the next", "session", session.ID("loud"))
		loud, err := os.ReadFile(filepath.Join(dir, "session-loud.log"))
		if err != nil {
			t.Fatal(err)
		}
		lines := strings.Split(strings.TrimSpace(string(loud)), "\n")
		if len(lines) != maxRepeats+2 || !strings.Contains(lines[maxRepeats], `line="model request" count=199900`) || !strings.Contains(lines[maxRepeats+1], "the next") {
			t.Errorf("%d lines, at their end %q", len(lines), lines[max(0, len(lines)-2):])
		}
		if quiet, err := os.ReadFile(filepath.Join(dir, "session-quiet.log")); err != nil || strings.Count(string(quiet), "\n") != 1 {
			t.Errorf("the other session's log: %q %v", quiet, err)
		}
	})
}
