package journal

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"background-agents/sandbox/wire"
)

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

// A host that followed an impostor for a while must not get again what it had before.
func TestHostThatFollowedAnotherJournalGetsANewEpoch(t *testing.T) {
	for name, meanwhile := range map[string]func(t *testing.T, j *Journal, dir string) *Journal{
		"in one life": func(t *testing.T, j *Journal, _ string) *Journal {
			r, _, err := j.Attach(wire.Cursor{})
			if err != nil {
				t.Fatal(err)
			}
			defer r.Close()
			if _, _, err := r.Next(context.Background(), 1, 1<<20); err != nil {
				t.Fatal(err)
			}
			j.Ack(wire.Cursor{Epoch: j.Epoch(), Seq: 1})
			return j
		},
		"in the next life": func(t *testing.T, j *Journal, dir string) *Journal { _ = j.Close(); return open(t, dir) },
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			j := open(t, dir)
			appendAll(t, j, delta("a", "x"))
			epoch := j.Epoch()
			j = meanwhile(t, j, dir)
			r, renewed, err := j.Attach(wire.Cursor{Epoch: "0123456789abcdef", Seq: 3})
			if err != nil || !renewed || j.Epoch() == epoch {
				t.Fatalf("renewed %v, epoch %s after %s, %v", renewed, j.Epoch(), epoch, err)
			}
			_ = r.Close()
		})
	}
	t.Run("but a journal that no host knows is told to any", func(t *testing.T) {
		j := open(t, t.TempDir())
		appendAll(t, j, delta("a", "x"))
		r, renewed, err := j.Attach(wire.Cursor{Epoch: "0123456789abcdef", Seq: 3})
		if err != nil || renewed {
			t.Fatal(renewed, err)
		}
		defer r.Close()
		if raw, last, err := r.Next(context.Background(), 10, 1<<20); err != nil || len(raw) != 1 || last != 1 {
			t.Errorf("%d entries up to %d, %v", len(raw), last, err)
		}
	})
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
