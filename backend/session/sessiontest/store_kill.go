package sessiontest

import (
	"bufio"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"

	"background-agents/backend/session"
)

// childDir is set for the process that writes until it is killed: the folder of its store.
const childDir = "SESSIONTEST_STORE"

const (
	growing  = session.ID("growing")
	pieces   = 7 // deltas that make one item
	killings = 8
)

// piece returns step n of the writing: every one moves the cursor, and appends to the last item or begins the next.
func piece(n uint64) session.Change {
	seq := (n-1)/pieces + 1
	s := &session.Session{ID: growing, Items: seq, Rev: n, Cursor: session.Cursor{Epoch: "e", Seq: n}}
	id := session.ItemID(fmt.Sprint("m", seq))
	text := fmt.Sprintf("%d\n", n)
	if (n-1)%pieces == 0 {
		it := session.Item{Session: growing, ID: id, Seq: seq, Rev: n, Kind: session.KindMessage, Text: text}
		return session.Change{Session: s, Items: []session.Item{it}}
	}
	return session.Change{Session: s, Deltas: []session.Delta{{Session: growing, Item: id, Prev: n - 1, Rev: n, Text: text}}}
}

// storeSurvives kills a process that writes, at random moments, and looks at what it left: all that was acknowledged,
// at most one change more, and the items exactly as far as the cursor says.
func storeSurvives(t *testing.T, open OpenStore) {
	if dir := os.Getenv(childDir); dir != "" {
		writeForever(t, open(t, dir))
	}
	dir := t.TempDir()
	var before uint64
	for range killings {
		acknowledged := writeAndKill(t, dir)
		if acknowledged == 0 {
			acknowledged = before
		}
		store := open(t, dir)
		_, _, sessions, err := store.Load(t.Context())
		equal(t, "error", err, nil)
		if len(sessions) != 1 {
			t.Fatalf("%d sessions after the kill, want 1", len(sessions))
		}
		at := sessions[0].Cursor.Seq
		if at < acknowledged || at > acknowledged+1 {
			t.Fatalf("cursor is at %d, %d was acknowledged", at, acknowledged)
		}
		items, err := store.Items(t.Context(), growing, 1, 1<<20)
		equal(t, "error", err, nil)
		var text, want strings.Builder
		for i, it := range items {
			equal(t, "place", it.Seq, uint64(i+1))
			text.WriteString(it.Text)
		}
		for n := uint64(1); n <= at; n++ {
			fmt.Fprintf(&want, "%d\n", n)
		}
		if text.String() != want.String() {
			t.Fatalf("the text has %d bytes, want %d for cursor %d", text.Len(), want.Len(), at)
		}
		equal(t, "close", store.Close(), nil)
		before = at
	}
	t.Logf("%d changes, %d kills", before, killings)
}

func writeForever(t *testing.T, store session.Store) {
	_, _, sessions, err := store.Load(t.Context())
	n := uint64(1)
	if len(sessions) > 0 {
		n = sessions[0].Cursor.Seq + 1
	}
	for ; err == nil; n++ {
		if err = store.Save(t.Context(), piece(n)); err == nil {
			_, err = fmt.Printf("saved %d\n", n)
		}
	}
	t.Fatal(err)
}

// writeAndKill starts this test again in a process of its own and kills it. It returns the last change that the process
// said was saved, 0 where it said nothing.
func writeAndKill(t *testing.T, dir string) (last uint64) {
	var run []string
	for name := range strings.SplitSeq(t.Name(), "/") {
		run = append(run, "^"+name+"$")
	}
	child := exec.CommandContext(t.Context(), os.Args[0], "-test.run="+strings.Join(run, "/"), "-test.v")
	child.Env = append(os.Environ(), childDir+"="+dir)
	out, err := child.StdoutPipe()
	equal(t, "error", err, nil)
	equal(t, "start", child.Start(), nil)
	lines := bufio.NewScanner(out)
	var killer *time.Timer
	for lines.Scan() {
		number, found := strings.CutPrefix(lines.Text(), "saved ")
		if !found {
			continue
		}
		if n, err := strconv.ParseUint(number, 10, 64); err == nil {
			last = n
		}
		if killer == nil {
			killer = time.AfterFunc(time.Duration(rand.IntN(60_000))*time.Microsecond, func() { _ = child.Process.Kill() })
		}
	}
	_ = child.Wait()
	if killer == nil {
		t.Fatal("the writing process ended before it had written anything")
	}
	return last
}
