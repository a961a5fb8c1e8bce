package sqlite

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"background-agents/backend/session"
)

// made returns the path of a database with one session and items, closed.
func made(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "app.db")
	s, err := Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	fill(t, s, "one", 2000)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	return path
}

func fill(t testing.TB, s *Store, id session.ID, n int) {
	t.Helper()
	items := make([]session.Item, n)
	for i := range items {
		seq := uint64(i + 1)
		items[i] = session.Item{
			Session: id, ID: session.ItemID(fmt.Sprint("m", seq)), Seq: seq, Rev: seq, Kind: session.KindMessage, At: 1, DoneAt: 2,
			Text: strings.Repeat("some words ", 10), Size: 110,
		}
	}
	if err := s.Save(context.Background(), session.Change{Session: &session.Session{ID: id, Items: uint64(n)}, Items: items}); err != nil {
		t.Fatal(err)
	}
}

func content(t *testing.T, path string) []byte {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestOpenRefusesAndLeavesTheFile(t *testing.T) {
	for outcome, c := range map[string]struct {
		code   session.Code
		change func(file []byte) []byte
	}{
		"a newer version":      {session.CodeNewerDatabase, func(f []byte) []byte { f[63] = 200; return f }},
		"another kind of file": {session.CodeDatabase, func([]byte) []byte { return bytes.Repeat([]byte("text "), 100) }},
		"a file cut short":     {session.CodeDatabase, func(f []byte) []byte { return f[:50] }},
		"a damaged schema":     {session.CodeDatabase, func(f []byte) []byte { copy(f[100:], bytes.Repeat([]byte{0xA5}, 3000)); return f }},
	} {
		t.Run(outcome, func(t *testing.T) {
			path := made(t)
			want := c.change(content(t, path))
			if err := os.WriteFile(path, want, 0o600); err != nil {
				t.Fatal(err)
			}
			s, err := Open(t.Context(), path)
			if err == nil {
				_, _, _, err = s.Load(t.Context())
				_ = s.Close()
			}
			if session.CodeOf(err) != c.code || session.AsError(err).Hint == "" {
				t.Errorf("got %v (%s), want %s with a hint", err, session.CodeOf(err), c.code)
			}
			if !bytes.Equal(content(t, path), want) {
				t.Error("the file was changed")
			}
		})
	}
}

func TestDamagedPageIsSaid(t *testing.T) {
	path := made(t)
	file := content(t, path)
	for page := 16; page < len(file)/4096; page++ {
		copy(file[page*4096:], bytes.Repeat([]byte{0x5A}, 2000))
	}
	if err := os.WriteFile(path, file, 0o600); err != nil {
		t.Fatal(err)
	}
	s, err := Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if _, err := s.Items(t.Context(), "one", 1, 5000); session.CodeOf(err) != session.CodeDatabase {
		t.Errorf("items: %v, want %s", err, session.CodeDatabase)
	}
	if err := s.Check(t.Context()); session.CodeOf(err) != session.CodeDatabase {
		t.Errorf("check: %v, want %s", err, session.CodeDatabase)
	}
}

func TestFullDiskChangesNothingAndPasses(t *testing.T) {
	s, err := Open(t.Context(), filepath.Join(t.TempDir(), "app.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	fill(t, s, "one", 10)
	// A full disk as SQLite meets it: no page more.
	limit := func(pages int) {
		if err := s.write.Exec(fmt.Sprintf("PRAGMA max_page_count = %d", pages)).Error; err != nil {
			t.Fatal(err)
		}
	}
	limit(1)
	big := session.Item{Session: "one", ID: "big", Seq: 11, Text: strings.Repeat("x", 200_000)}
	c := session.Change{Session: &session.Session{ID: "one", Title: "after"}, Items: []session.Item{big}}
	if err := s.Save(t.Context(), c); session.CodeOf(err) != session.CodeDiskFull {
		t.Fatalf("save: %v, want %s", err, session.CodeDiskFull)
	}
	_, _, sessions, err := s.Load(t.Context())
	if err != nil || sessions[0].Title != "" {
		t.Fatalf("after the failure: %v %q", err, sessions[0].Title)
	}
	limit(1 << 30)
	if err := s.Save(t.Context(), c); err != nil {
		t.Fatal("with room again:", err)
	}
}

func TestMigrationKeepsACopyAndIsAllOrNothing(t *testing.T) {
	versions, err := schema(released)
	if err != nil {
		t.Fatal(err)
	}
	files := func(next string) fstest.MapFS {
		all := fstest.MapFS{}
		for i, text := range append(slices.Clone(versions), next) {
			all[fmt.Sprintf("schema/%04d.sql", i+1)] = &fstest.MapFile{Data: []byte(text)}
		}
		return all
	}
	path := made(t)
	if _, err := open(t.Context(), path, files("CREATE TABLE extra (id); INSERT INTO nowhere VALUES (1);")); err == nil {
		t.Fatal("a broken step was taken for done")
	}
	s, err := Open(t.Context(), path)
	if err != nil {
		t.Fatal("the old version cannot open it after a failed step:", err)
	}
	if err := s.read.Exec("SELECT * FROM extra").Error; err == nil {
		t.Error("half of the failed step was kept")
	}
	_ = s.Close()
	if s, err = open(t.Context(), path, files("CREATE TABLE extra (id);")); err != nil {
		t.Fatal(err)
	}
	if items, err := s.Items(t.Context(), "one", 1, 5000); err != nil || len(items) != 2000 {
		t.Errorf("after the step: %d items, %v", len(items), err)
	}
	_ = s.Close()
	if _, err := Open(t.Context(), path); session.CodeOf(err) != session.CodeNewerDatabase {
		t.Errorf("the old version opens it: %v", err)
	}
	backup, err := Open(t.Context(), fmt.Sprintf("%s.v%d.backup", path, len(versions)))
	if err != nil {
		t.Fatal("the copy:", err)
	}
	defer backup.Close()
	if items, err := backup.Items(t.Context(), "one", 1, 5000); err != nil || len(items) != 2000 {
		t.Errorf("the copy: %d items, %v", len(items), err)
	}
}

func TestMigrationGivesSessionsTheTimeOfTheirLastTurn(t *testing.T) {
	versions, err := schema(released)
	if err != nil {
		t.Fatal(err)
	}
	old := fstest.MapFS{}
	for i, text := range versions[:2] {
		old[fmt.Sprintf("schema/%04d.sql", i+1)] = &fstest.MapFile{Data: []byte(text)}
	}
	path := filepath.Join(t.TempDir(), "app.db")
	s, err := open(t.Context(), path, old)
	if err != nil {
		t.Fatal(err)
	}
	for id, c := range map[session.ID]session.Session{
		"finished": {Turns: 2, CreatedAt: 10, UpdatedAt: 99},
		"working":  {Turns: 3, WorkedSince: 30, CreatedAt: 10, UpdatedAt: 99},
		"new":      {CreatedAt: 10, UpdatedAt: 99},
	} {
		c.ID = id
		items := []session.Item{
			{Session: id, ID: "turn-1", Seq: 1, Rev: 1, Kind: session.KindTurn, Turn: 1, At: 15, DoneAt: 16},
			{Session: id, ID: "turn-2", Seq: 2, Rev: 2, Kind: session.KindTurn, Turn: 2, At: 20, DoneAt: 21},
		}
		if err := s.Save(t.Context(), session.Change{Session: &c, Items: items[:min(c.Turns, 2)]}); err != nil {
			t.Fatal(err)
		}
		text := "UPDATE sessions SET value = json_remove(value, '$.turnedAt')" // as the version before wrote it
		if err := s.write.Exec(text).Error; err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if s, err = Open(t.Context(), path); err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	_, _, sessions, err := s.Load(t.Context())
	got := map[session.ID]session.Millis{}
	for _, s := range sessions {
		got[s.ID] = s.TurnedAt
	}
	if want := map[session.ID]session.Millis{"finished": 20, "working": 30, "new": 10}; err != nil || !maps.Equal(got, want) {
		t.Errorf("%v %v, want %v", got, err, want)
	}
}
