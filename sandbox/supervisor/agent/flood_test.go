package agent

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"background-agents/sandbox/wire"
)

// peak runs fn and returns the largest heap that was seen meanwhile, in MB.
func peak(fn func()) uint64 {
	stop, result := make(chan struct{}), make(chan uint64)
	go func() {
		var most uint64
		for {
			var m runtime.MemStats
			runtime.ReadMemStats(&m)
			most = max(most, m.HeapInuse)
			select {
			case <-stop:
				result <- most >> 20
				return
			case <-time.After(5 * time.Millisecond):
			}
		}
	}()
	fn()
	close(stop)
	return <-result
}

// flood passes over a test where time is short: under the race detector it takes minutes, and memory of its own.
func flood(t *testing.T) {
	t.Helper()
	if testing.Short() {
		t.Skip("a flood takes long")
	}
}

func TestAFloodOfChunksIsComplete(t *testing.T) {
	flood(t)
	h := launch(t, "")
	h.prompt("chunks", "100000")
	var want strings.Builder
	for i := range 100000 {
		fmt.Fprintf(&want, "%d ", i)
	}
	items := h.j.items()
	if len(items) != 1 || items[0] != "message: "+want.String() {
		t.Errorf("%d items, %d bytes, want %d", len(items), len(items[0]), want.Len())
	}
	if h.j.count > 20000 {
		t.Errorf("%d entries: chunks that came at once were not joined", h.j.count)
	}
}

func TestALongOutputIsKeptWholeInAFile(t *testing.T) {
	flood(t)
	h := launch(t, "")
	const mb = 200
	used := peak(func() { h.prompt("terminal output", fmt.Sprint(mb)) })
	tool := h.j.tools()["bash"]
	if tool.Size != mb<<20 || len(tool.Output) > wire.MaxText || len(tool.Output) < wire.MaxText-1024 || !strings.Contains(tool.Output, "bytes left out") {
		t.Errorf("size %d, output %d bytes", tool.Size, len(tool.Output))
	}
	st, err := os.Stat(filepath.Join(h.conf.Outputs, tool.Item))
	if err != nil || st.Size() != mb<<20 {
		t.Errorf("file: %v, %v", st, err)
	}
	if used > 100 {
		t.Errorf("used %d MB", used)
	}
	if n := len(h.j.all()); n > 300 {
		t.Errorf("%d entries for one tool call", n)
	}
}

func TestLiveOutputThatIsSentWholeEachTime(t *testing.T) {
	flood(t)
	h := launch(t, "")
	h.prompt("growing output", "40000")
	tool := h.j.tools()["bash"]
	var want strings.Builder
	for i := range 40000 {
		fmt.Fprintf(&want, "line %d\n", i)
	}
	file, err := os.ReadFile(filepath.Join(h.conf.Outputs, tool.Item))
	if err != nil || string(file) != want.String() {
		t.Errorf("file has %d bytes, want %d: %v", len(file), want.Len(), err)
	}
	if tool.Size != int64(want.Len()) || !strings.HasPrefix(tool.Output, "line 0\n") || !strings.HasSuffix(tool.Output, "line 39999\n") {
		t.Errorf("size %d, output %q … %q", tool.Size, tool.Output[:20], tool.Output[len(tool.Output)-20:])
	}
}

func TestAHugeMessageIsShortened(t *testing.T) {
	flood(t)
	h := launch(t, "")
	used := peak(func() { h.prompt("one huge message", "40") })
	tool := h.j.tools()["after it"]
	if tool.Status != "completed" || !strings.HasPrefix(tool.Output, "first é\n é") || !strings.HasSuffix(tool.Output, "é\n é last") {
		t.Errorf("tool = %s, %d bytes", tool.Status, len(tool.Output))
	}
	if used > 100 {
		t.Errorf("used %d MB", used)
	}
	if strings.ContainsRune(tool.Output, '\uFFFD') {
		t.Error("a character was cut in two")
	}
}

func TestAMessageThatCannotBeShortenedEndsInAnError(t *testing.T) {
	flood(t)
	h := launch(t, "")
	stop, _, _, err := turnOf(h, "huge without strings")
	if stop != "error" || err == nil || !strings.Contains(err.Message, "too long") {
		t.Errorf("%s, %v", stop, err)
	}
	if got := h.j.items(); len(got) != 2 || !strings.Contains(got[0], "left out") {
		t.Errorf("items = %q", got)
	}
	h.prompt("and it goes on")
}

func TestAFullJournalDoesNotStopTheAgent(t *testing.T) {
	h := configure(t, "")
	h.j.fail = errors.New("disk full")
	h.launch()
	h.prompt("hello")
	h.waitLog("disk full")
}

func TestToolUpdatesArePaced(t *testing.T) {
	h := launch(t, "")
	lines := []string{"lines", `{"sessionUpdate":"tool_call","toolCallId":"x","title":"T","status":"in_progress"}`}
	for i := range 200 {
		lines = append(lines, fmt.Sprintf(`{"sessionUpdate":"tool_call_update","toolCallId":"x","content":[{"type":"content","content":{"type":"text","text":"%d"}}]}`, i), "sleep 2")
	}
	lines = append(lines, "sleep 300")
	begun := time.Now()
	done := make(chan bool)
	go func() { h.prompt(lines...); close(done) }()
	h.wait("last value before the end", func(e wire.Entry) bool { return e.Tool != nil && e.Tool.Output == "199" && e.Tool.Status == "running" })
	<-done
	if n, most := len(h.j.all()), int(time.Since(begun)/toolPace)+6; n > most {
		t.Errorf("%d entries, want at most %d", n, most)
	}
}

func TestLongArgumentsAreBounded(t *testing.T) {
	h := launch(t, "")
	h.prompt("lines", `{"sessionUpdate":"tool_call","toolCallId":"x","title":"`+strings.Repeat("t", 5000)+`","rawInput":{"path":"a","content":"`+strings.Repeat("x", 200<<10)+`"}}`,
		`{"sessionUpdate":"tool_call","toolCallId":"y","title":"list","rawInput":[`+strings.Repeat(`"a b c d e f g h i j k",`, 20000)+`"z"]}`)
	for title, tool := range h.j.tools() {
		var v any
		if len(tool.Input) > maxInput || json.Unmarshal(tool.Input, &v) != nil || len(title) > maxTitle+4 {
			t.Errorf("%s: %d bytes", clip(title, 20), len(tool.Input))
		}
	}
}

func TestShrinkerKeepsJSONWhole(t *testing.T) {
	long := strings.Repeat(`\ud83d\ude00\\\"\n`, 300<<10)
	s := &shrinker{}
	in := `{"a":"x\"y","b":"` + long + `","c":["` + long + `",1,"\u0041"]}`
	for i := 0; i < len(in); i += 4093 { // in pieces that split everything somewhere
		s.write([]byte(in[i:min(len(in), i+4093)]))
	}
	var v struct {
		A, B string
		C    []any
	}
	if err := json.Unmarshal(s.out, &v); err != nil || s.overflow {
		t.Fatal(err, s.overflow)
	}
	if v.A != `x"y` || v.C[2] != "A" || len(v.B) >= len(long) || !strings.Contains(v.B, "left out") {
		t.Errorf("a = %q, b = %d bytes", v.A, len(v.B))
	}
}

func TestLinesAreCounted(t *testing.T) {
	for name, c := range map[string]struct {
		old, new       string
		added, removed int
	}{
		"new file":     {"", "a\nb\n", 2, 0},
		"emptied":      {"a\nb", "", 0, 2},
		"same":         {"a\nb\n", "a\nb\n", 0, 0},
		"middle":       {"a\nb\nc\n", "a\nX\nY\nc\n", 2, 1},
		"moved":        {"a\nb\nc\n", "b\nc\na\n", 1, 1},
		"interleaved":  {"1\n2\n3\n4\n5", "1\nx\n3\ny\n5", 2, 2},
		"beyond bound": {strings.Repeat("a\n", 5000), strings.Repeat("b\n", 3000), 3000, 5000},
	} {
		if a, r := countChanges(c.old, c.new); a != c.added || r != c.removed {
			t.Errorf("%s: +%d -%d, want +%d -%d", name, a, r, c.added, c.removed)
		}
	}
}
