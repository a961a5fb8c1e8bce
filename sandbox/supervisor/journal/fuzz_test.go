package journal

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"background-agents/sandbox/wire"
)

// FuzzOpen opens a journal whose file holds whatever: it must open, and take and give entries as if nothing had been.
func FuzzOpen(f *testing.F) {
	dir := f.TempDir()
	j, err := Open(dir)
	if err != nil {
		f.Fatal(err)
	}
	_, _ = j.Accept(wire.Prompt{ID: "p", Text: "t"})
	_ = j.Append(delta("a", "b"))
	_ = j.Append(wire.Entry{TurnBegin: &wire.TurnBegin{Prompt: "p"}})
	_ = j.Close()
	names, _ := filepath.Glob(filepath.Join(dir, "*"))
	good, err := os.ReadFile(names[0])
	if err != nil {
		f.Fatal(err)
	}
	f.Add(good, uint64(1))
	f.Add(good[:len(good)-3], uint64(9))
	f.Add([]byte{}, uint64(0))
	f.Fuzz(func(t *testing.T, b []byte, seq uint64) {
		dir := t.TempDir()
		name := fmt.Sprintf("00000001-0123456789abcdef-%d.seg", 1+seq%100)
		if err := os.WriteFile(filepath.Join(dir, name), b, 0o600); err != nil {
			t.Fatal(err)
		}
		j, err := Open(dir)
		if err != nil {
			t.Fatal(err)
		}
		defer j.Close()
		r, _, err := j.Attach(wire.Cursor{Epoch: "0123456789abcdef", Seq: seq})
		if err != nil {
			t.Fatal(err)
		}
		defer r.Close()
		if err := j.Append(wire.Entry{TurnBegin: &wire.TurnBegin{Prompt: "q"}}); err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		if _, _, err := r.Next(ctx, 100, 1<<20); err != nil {
			t.Fatal(err)
		}
	})
}
