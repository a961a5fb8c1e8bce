package backend_test

import (
	"bytes"
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"background-agents/backend/session"
	"background-agents/build/test/slow"
)

// highWater returns the most memory that a process has had, in MB, from its status as Linux gives it.
func highWater(t *testing.T, status string) int {
	t.Helper()
	for line := range strings.Lines(status) {
		if rest, found := strings.CutPrefix(line, "VmHWM:"); found {
			kb, err := strconv.Atoi(strings.Fields(rest)[0])
			if err != nil {
				t.Fatal(err)
			}
			return kb >> 10
		}
	}
	t.Fatalf("no VmHWM in %q", status)
	return 0
}

// A turn that says 100,000 chunks, and runs a command that prints 200 MB: memory of backend and supervisor stays
// bounded, what came is whole, and another session goes on beside it.
func TestAFloodStaysBoundedAndHoldsUpNobody(t *testing.T) {
	slow.Test(t)
	const chunks = 100_000
	l := newLive(t)
	loud := l.create(fmt.Sprintf("demo: repeat %d word \ndemo: bash head -c 200000000 /dev/zero | tr '\\0' x | fold -w 99\ndemo: text All said.", chunks))
	l.until(loud, firstImage, func(s session.Session) bool { return s.WorkedSince != 0 })
	began := time.Now()
	quiet := l.create("demo: text Hello.")
	l.until(quiet, 2*time.Minute, settled(session.Idle))
	beside := time.Since(began)
	s := l.until(loud, 10*time.Minute, settled(session.Idle))
	if s.Error != nil {
		t.Fatalf("the turn ends with %+v", s.Error)
	}

	words, output := 0, int64(0)
	for _, it := range l.items(loud) {
		if len(it.Text) > session.MaxItemText {
			t.Errorf("an item holds %d bytes", len(it.Text))
		}
		switch it.Kind {
		case session.KindMessage:
			var whole bytes.Buffer
			l.must(l.Output(ctx, loud, it.ID, &whole))
			words += strings.Count(whole.String(), "word ")
		case session.KindTool:
			output = max(output, it.Size)
		}
	}
	if words != chunks {
		t.Errorf("%d words of %d came", words, chunks)
	}
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", l.cmd.Process.Pid))
	l.must(err)
	var inside bytes.Buffer
	_, err = l.Exec(ctx, loud, session.Exec{Command: []string{"sh", "-c", "cat /proc/$(pgrep -xo supervisor)/status"}, Stdout: &inside})
	l.must(err)
	host, supervisor := highWater(t, string(status)), highWater(t, inside.String())
	t.Logf("turn %v, a session beside it %v, tool output %d MB; most memory: backend %d MB, supervisor %d MB",
		time.Since(began).Round(time.Second), beside.Round(time.Second), output>>20, host, supervisor)
	if host > 200 || supervisor > 100 {
		t.Errorf("most memory: backend %d MB, supervisor %d MB", host, supervisor)
	}
}
