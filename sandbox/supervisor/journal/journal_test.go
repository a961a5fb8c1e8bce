package journal

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"background-agents/sandbox/wire"
)

func open(t *testing.T, dir string) *Journal {
	t.Helper()
	j, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = j.Close() })
	return j
}

func delta(item, text string) wire.Entry {
	return wire.Entry{Delta: &wire.Delta{Item: item, Kind: "message", Text: text}}
}

func appendAll(t *testing.T, j *Journal, entries ...wire.Entry) {
	t.Helper()
	for _, e := range entries {
		if err := j.Append(e); err != nil {
			t.Fatal(err)
		}
	}
}

// settle returns when all that was appended is in the files.
func settle(t *testing.T, j *Journal) {
	t.Helper()
	if err := j.wait(&record{do: func() error { return nil }, done: make(chan error, 1)}); err != nil {
		t.Fatal(err)
	}
}

// readAll returns the entries after a cursor, up to the journal's end.
func readAll(t *testing.T, j *Journal, at wire.Cursor) []wire.Entry {
	t.Helper()
	settle(t, j)
	r, _, err := j.Attach(at)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	var all []wire.Entry
	end := j.End()
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	for seq := at.Seq; seq < end.Seq; {
		raw, last, err := r.Next(ctx, 100, 64<<10)
		if err != nil {
			t.Fatalf("after %d: %v", seq, err)
		}
		for _, b := range raw {
			var e wire.Entry
			if err := json.Unmarshal(b, &e); err != nil {
				t.Fatal(err)
			}
			all = append(all, e)
		}
		seq = last
	}
	for i, e := range all {
		if e.Epoch != end.Epoch || i > 0 && e.Seq != all[i-1].Seq+1 {
			t.Fatalf("entry %d is %s/%d", i, e.Epoch, e.Seq)
		}
	}
	return all
}

func text(entries []wire.Entry) string {
	var b strings.Builder
	for _, e := range entries {
		if e.Delta != nil {
			b.WriteString(e.Delta.Text)
		}
	}
	return b.String()
}

func TestEntriesSurviveReopening(t *testing.T) {
	dir := t.TempDir()
	j := open(t, dir)
	epoch := j.Epoch()
	appendAll(t, j, wire.Entry{TurnBegin: &wire.TurnBegin{Prompt: "p"}}, delta("a", "<one> "), delta("a", "two"))
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	if err := j.Append(delta("a", "late")); err == nil {
		t.Error("a closed journal takes entries")
	}
	j = open(t, dir)
	if j.Epoch() != epoch {
		t.Error("the epoch changed")
	}
	appendAll(t, j, delta("b", " three"))
	if got := text(readAll(t, j, wire.Cursor{})); got != "<one> two three" {
		t.Errorf("text is %q", got)
	}
	if s := j.State(); s.Running != "p" {
		t.Errorf("running is %q", s.Running)
	}
}

// A journal that is cut or changed anywhere opens with a whole number of its entries.
func TestTornTailIsCutAway(t *testing.T) {
	dir := t.TempDir()
	j := open(t, dir)
	for i := range 50 {
		appendAll(t, j, delta("a", fmt.Sprintf("%02d ", i)))
		settle(t, j)
	}
	whole := text(readAll(t, j, wire.Cursor{}))
	_ = j.Close()
	names, _ := filepath.Glob(filepath.Join(dir, "*.seg"))
	good, err := os.ReadFile(names[0])
	if err != nil {
		t.Fatal(err)
	}
	head, _ := json.Marshal(snapshot{})
	least := headerSize + 1 + len(head)
	for range 60 {
		bad := slices.Clone(good)
		at := least + rand.IntN(len(good)-least)
		switch rand.IntN(3) {
		case 0:
			bad = bad[:at]
		case 1:
			bad[at] ^= byte(1 + rand.IntN(255))
		case 2: // what a crashed machine leaves: length without bytes
			clear(bad[at:])
		}
		if err := os.WriteFile(names[0], bad, 0o600); err != nil {
			t.Fatal(err)
		}
		j, err := Open(dir)
		if err != nil {
			t.Fatalf("cut at %d: %v", at, err)
		}
		appendAll(t, j, delta("z", "end"))
		got := text(readAll(t, j, wire.Cursor{Epoch: j.Epoch()}))
		if rest, ok := strings.CutSuffix(got, "end"); !ok || !strings.HasPrefix(whole, rest) {
			t.Fatalf("changed at %d: %q", at, got)
		}
		_ = j.Close()
	}
}

func TestJournalWithoutItsHeadBeginsAnew(t *testing.T) {
	dir := t.TempDir()
	j := open(t, dir)
	epoch := j.Epoch()
	appendAll(t, j, delta("a", "x"))
	_ = j.Close()
	names, _ := filepath.Glob(filepath.Join(dir, "*.seg"))
	if err := os.WriteFile(names[0], []byte("nothing"), 0o600); err != nil {
		t.Fatal(err)
	}
	j = open(t, dir)
	appendAll(t, j, delta("a", "y"))
	if got := readAll(t, j, wire.Cursor{Epoch: epoch, Seq: 1}); j.Epoch() == epoch || len(got) == 0 && j.End().Seq == 0 {
		t.Errorf("epoch %s, %d entries", j.Epoch(), len(got))
	}
}
