package agent

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"background-agents/sandbox/wire"
)

// journal collects entries.
type journal struct {
	mu      sync.Mutex
	entries []wire.Entry
	count   int
	drop    bool // only count
	fail    error
}

func (j *journal) Append(e wire.Entry) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.count++
	if !j.drop {
		j.entries = append(j.entries, e)
	}
	return j.fail
}

func (j *journal) all() []wire.Entry {
	j.mu.Lock()
	defer j.mu.Unlock()
	return append([]wire.Entry(nil), j.entries...)
}

// log is a buffer that may be written and read at once.
type log struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *log) Write(p []byte) (int, error) { l.mu.Lock(); defer l.mu.Unlock(); return l.b.Write(p) }
func (l *log) String() string              { l.mu.Lock(); defer l.mu.Unlock(); return l.b.String() }

type harness struct {
	*Agent
	t    *testing.T
	conf Config
	j    *journal
	log  *log
}

// configure returns a harness for the fake in one of its modes, not yet launched.
func configure(t *testing.T, mode string) *harness {
	h := &harness{t: t, j: &journal{}, log: &log{}}
	h.conf = Config{
		Start:   wire.Start{Command: []string{os.Args[0]}, Env: []string{"FAKE_AGENT=" + mode}, Policy: "ask"},
		Dir:     t.TempDir(),
		Outputs: t.TempDir(), Sink: h.j, Log: h.log,
	}
	return h
}

func (h *harness) launch() *harness {
	h.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), openLimit)
	defer cancel()
	a, err := Launch(ctx, h.conf)
	if err != nil {
		h.t.Fatal(err)
	}
	h.Agent = a
	h.t.Cleanup(func() { a.Close() })
	return h
}

func launch(t *testing.T, mode string) *harness { t.Helper(); return configure(t, mode).launch() }

// prompt runs a turn that must end well.
func (h *harness) prompt(lines ...string) {
	h.t.Helper()
	if stop, _, _, err := h.Prompt(context.Background(), wire.Prompt{ID: "p", Text: strings.Join(lines, "\n")}); stop != "end_turn" || err != nil {
		h.t.Fatalf("turn ended with %s, %v", stop, err)
	}
}

// wait waits until cond holds for an entry.
func (h *harness) wait(what string, cond func(wire.Entry) bool) wire.Entry {
	h.t.Helper()
	for begun := time.Now(); time.Since(begun) < time.Minute; time.Sleep(5 * time.Millisecond) {
		for _, e := range h.j.all() {
			if cond(e) {
				return e
			}
		}
	}
	h.t.Fatalf("no %s; entries: %s", what, show(h.j.all()))
	return wire.Entry{}
}

func (h *harness) waitLog(s string) {
	h.t.Helper()
	for begun := time.Now(); !strings.Contains(h.log.String(), s); time.Sleep(5 * time.Millisecond) {
		if time.Since(begun) > time.Minute {
			h.t.Fatalf("the log has no %q: %s", s, clip(h.log.String(), 2000))
		}
	}
}

func show(list []wire.Entry) string {
	var b strings.Builder
	for _, e := range list {
		j, _ := json.Marshal(e)
		b.WriteString(clip(string(j), 600) + "\n")
	}
	return b.String()
}

// items returns, for each item in order, its kind and its last value or joined text.
func (j *journal) items() []string {
	var order []string
	text := map[string]string{}
	kind := map[string]string{}
	see := func(item, k string) {
		if _, ok := kind[item]; !ok {
			order = append(order, item)
		}
		kind[item] = k
	}
	for _, e := range j.all() {
		switch {
		case e.Delta != nil:
			see(e.Delta.Item, e.Delta.Kind)
			text[e.Delta.Item] += e.Delta.Text
		case e.Tool != nil:
			see(e.Tool.Item, "tool")
			text[e.Tool.Item] = e.Tool.Status + " " + e.Tool.Title
		case e.Plan != nil:
			see(e.Plan.Item, "plan")
			text[e.Plan.Item] = ""
			for _, s := range e.Plan.Entries {
				text[e.Plan.Item] += s.Status + " " + s.Text + ";"
			}
		case e.Permission != nil:
			see(e.Permission.Item, "permission")
			text[e.Permission.Item] = e.Permission.Answer + " " + e.Permission.By
		case e.Notice != nil:
			see(e.Notice.Item, "notice")
			text[e.Notice.Item] = e.Notice.Text
		}
	}
	var out []string
	for _, i := range order {
		out = append(out, kind[i]+": "+text[i])
	}
	return out
}

func (j *journal) tools() map[string]wire.Tool {
	m := map[string]wire.Tool{}
	for _, e := range j.all() {
		if e.Tool != nil {
			m[e.Tool.Title] = *e.Tool
		}
	}
	return m
}

func wantCode(t *testing.T, err error, code string) *wire.Error {
	t.Helper()
	var e *wire.Error
	if !errors.As(err, &e) || e.Code != code {
		t.Fatalf("error = %v, want code %s", err, code)
	}
	return e
}
