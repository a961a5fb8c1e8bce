package journal

import (
	"context"
	"encoding/json"
	"errors"
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

func TestAcknowledgedSegmentsAreDeleted(t *testing.T) {
	dir := t.TempDir()
	j := open(t, dir)
	if _, err := j.Accept(wire.Prompt{ID: "known"}); err != nil {
		t.Fatal(err)
	}
	appendAll(t, j, wire.Entry{TurnBegin: &wire.TurnBegin{Prompt: "known"}})
	for i := range 500 {
		appendAll(t, j, delta(fmt.Sprint(i), strings.Repeat("x", 100_000)))
	}
	settle(t, j)
	before, _ := filepath.Glob(filepath.Join(dir, "*.seg"))
	if len(before) < 4 {
		t.Fatalf("%d segments", len(before))
	}
	middle := wire.Cursor{Epoch: j.Epoch(), Seq: 250}
	j.Ack(wire.Cursor{Epoch: "other", Seq: 400})
	j.Ack(middle)
	if got := readAll(t, j, middle); len(got) != int(j.End().Seq)-250 {
		t.Errorf("%d entries after the middle", len(got))
	}
	j.Ack(j.End())
	after, _ := filepath.Glob(filepath.Join(dir, "*.seg"))
	if len(after) != 1 {
		t.Errorf("%d segments are left", len(after))
	}
	end := j.End()
	_ = j.Close()
	j = open(t, dir)
	if j.End() != end || j.State().Running != "known" {
		t.Errorf("end %v is %v, state %+v", end, j.End(), j.State())
	}
	if fresh, err := j.Accept(wire.Prompt{ID: "known"}); fresh || err != nil {
		t.Errorf("a known prompt is fresh: %v, %v", fresh, err)
	}
	// A host that lost what it had acknowledged gets a new epoch rather than a gap.
	r, renewed, err := j.Attach(wire.Cursor{Epoch: end.Epoch, Seq: 3})
	if err != nil || !renewed || j.Epoch() == end.Epoch || j.State().Running != "" {
		t.Errorf("renewed %v, epoch %s, %v", renewed, j.Epoch(), err)
	}
	_ = r.Close()
	appendAll(t, j, wire.Entry{TurnEnd: &wire.TurnEnd{Prompt: "known"}}, delta("n", "new"))
	if got := readAll(t, j, wire.Cursor{}); len(got) != 1 || got[0].Seq != 1 {
		t.Errorf("the new epoch has %d entries", len(got))
	}
}

// After a crash of the machine the host may have entries that the disk does not.
func TestHostThatIsAheadIsFollowed(t *testing.T) {
	dir := t.TempDir()
	j := open(t, dir)
	appendAll(t, j, delta("a", "x"))
	epoch := j.Epoch()
	_ = j.Close()
	j = open(t, dir)
	r, renewed, err := j.Attach(wire.Cursor{Epoch: epoch, Seq: 7})
	if err != nil || renewed {
		t.Fatal(renewed, err)
	}
	defer r.Close()
	appendAll(t, j, delta("a", "y"))
	raw, last, err := r.Next(context.Background(), 10, 1<<20)
	if err != nil || len(raw) != 1 || last != 8 {
		t.Errorf("%d entries up to %d, %v", len(raw), last, err)
	}
}

func TestPromptsAreAcceptedOnce(t *testing.T) {
	j := open(t, t.TempDir())
	for i := range maxAccepted {
		for _, want := range []bool{true, false} {
			fresh, err := j.Accept(wire.Prompt{ID: fmt.Sprint(i)})
			if err != nil || fresh != want {
				t.Fatalf("prompt %d: %v, %v", i, fresh, err)
			}
		}
	}
	if _, err := j.Accept(wire.Prompt{ID: "more"}); !errors.Is(err, ErrBusy) {
		t.Errorf("one prompt too many: %v", err)
	}
}

func TestStateKnowsWhatIsOpen(t *testing.T) {
	dir := t.TempDir()
	j := open(t, dir)
	appendAll(t, j,
		wire.Entry{TurnBegin: &wire.TurnBegin{Prompt: "p"}},
		wire.Entry{Tool: &wire.Tool{Item: "t1", Status: "running", Output: "half"}},
		wire.Entry{Tool: &wire.Tool{Item: "t2", Status: "completed"}},
		wire.Entry{Permission: &wire.Permission{Item: "q1", ID: "1"}},
		wire.Entry{Permission: &wire.Permission{Item: "q2", ID: "2"}},
		wire.Entry{Permission: &wire.Permission{Item: "q2", ID: "2", Answer: "yes"}},
		wire.Entry{Phase: &wire.Phase{Item: "f", Name: "agent", Status: "running", Output: "text"}},
	)
	settle(t, j)
	_ = j.Close()
	s := open(t, dir).State()
	if len(s.Tools) != 1 || s.Tools[0].Output != "half" || len(s.Permissions) != 1 || Local(s.Permissions[0].Item) != "q1" || len(s.Phases) != 1 {
		t.Errorf("%+v", s)
	}
}

func TestNeighboursAreJoined(t *testing.T) {
	d := func(item, text string) *record { e := delta(item, text); return &record{entry: &e} }
	tool := func(item, status, out string) *record {
		return &record{entry: &wire.Entry{Tool: &wire.Tool{Item: item, Status: status, Output: out}}}
	}
	got := join([]*record{d("a", "1"), d("a", "2"), d("b", "3"), tool("t", "running", "x"), tool("t", "running", "xy"), tool("t", "completed", "xyz"), tool("t", "completed", "w"), d("b", "4")})
	if len(got) != 5 || got[0].entry.Delta.Text != "12" || got[2].entry.Tool.Output != "xyz" || got[3].entry.Tool.Output != "w" {
		t.Errorf("%d records", len(got))
	}
	long := strings.Repeat("é", wire.MaxText)
	if parts := split(long, 1000); strings.Join(parts, "") != long || len(parts[0]) > 1000 {
		t.Error("split loses text")
	}
}

func TestTextIsLeftOutPastTheBound(t *testing.T) {
	defer func(n int64) { MaxUnacked = n }(MaxUnacked)
	MaxUnacked = 20 << 20
	j := open(t, t.TempDir())
	for i := range 400 {
		appendAll(t, j, delta(fmt.Sprint(i), strings.Repeat("x", 100_000)))
	}
	appendAll(t, j, wire.Entry{TurnBegin: &wire.TurnBegin{Prompt: "kept"}})
	all := readAll(t, j, wire.Cursor{})
	if n := len(all); n > 220 || all[n-2].Notice == nil || all[n-1].TurnBegin == nil {
		t.Errorf("%d entries", n)
	}
	j.Ack(j.End())
	appendAll(t, j, delta("again", "x"))
	if got := readAll(t, j, wire.Cursor{Epoch: j.Epoch(), Seq: all[len(all)-1].Seq}); len(got) != 1 || got[0].Delta == nil {
		t.Errorf("after the acknowledgement: %d", len(got))
	}
}

func TestLongEntriesKeepTheirEnd(t *testing.T) {
	j := open(t, t.TempDir())
	big := strings.Repeat("\x01", 2<<20)
	appendAll(t, j, wire.Entry{Tool: &wire.Tool{Item: "t", Status: "completed", Output: big, Input: json.RawMessage(`"x"`)}}, delta("m", big))
	all := readAll(t, j, wire.Cursor{})
	if all[0].Tool == nil || all[0].Tool.Status != "completed" || text(all) != big {
		t.Errorf("%d entries, %d bytes of text", len(all), len(text(all)))
	}
}

func BenchmarkAppend(b *testing.B) {
	j, err := Open(b.TempDir())
	if err != nil {
		b.Fatal(err)
	}
	defer j.Close()
	e := delta("item", "some words of a model ")
	for b.Loop() {
		if err := j.Append(e); err != nil {
			b.Fatal(err)
		}
	}
}
