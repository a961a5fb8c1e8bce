package sqlite_test

import (
	"path/filepath"
	"testing"

	"background-agents/backend/session"
	"background-agents/backend/session/sessiontest"
	"background-agents/backend/sqlite"
)

func TestStore(t *testing.T) {
	sessiontest.TestStore(t, func(t *testing.T, dir string) session.Store {
		// Every character of the path means only itself.
		s, err := sqlite.Open(t.Context(), filepath.Join(dir, "a b%20?#&ñ", "app.db"))
		if err != nil {
			t.Fatal(err)
		}
		return s
	})
}
