package sandboxlink

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"background-agents/backend/session"
)

func TestTurnOfARealSupervisor(t *testing.T) {
	p, h := newProcess(t), newHost()
	ctx := t.Context()
	l := h.connect(t, p.connect())
	if err := l.Start(ctx, p.spec()); err != nil {
		t.Fatal(err)
	}
	if err := l.Prompt(ctx, session.PromptCommand{ID: "p1", Text: "say hello <&>\nwrite new.txt content"}); err != nil {
		t.Fatal(err)
	}
	end := h.turn(t, "p1")
	if end.Stop != "end_turn" || end.Error != nil || h.said() != "hello <&>" {
		t.Fatalf("%+v, %v, %q", end, end.Error, h.said())
	}
	var bundle bytes.Buffer
	if err := l.Bundle(ctx, end.Checkpoint, []string{p.base}, &bundle); err != nil {
		t.Fatal(err)
	}
	repo := filepath.Join(p.dir, "repo")
	file := filepath.Join(p.dir, "result.bundle")
	if err := os.WriteFile(file, bundle.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	p.git(repo, "fetch", "-q", file, "refs/result/*:refs/result/*")
	if got := p.git(repo, "show", end.Checkpoint.Files+":new.txt"); got != "content" {
		t.Errorf("the file holds %q", got)
	}
	if err := l.Bundle(ctx, end.Checkpoint, []string{"--all"}, io.Discard); err == nil {
		t.Error("an option is taken for a commit")
	}
	// The same conversation goes on after the agent died, and stop ends a turn within a second.
	for i, c := range []struct{ text, stop string }{{"say a\ndie", "error"}, {"say b\nhang", "cancelled"}, {"say c", "end_turn"}} {
		id := session.PromptID(fmt.Sprint("q", i))
		if err := l.Prompt(ctx, session.PromptCommand{ID: id, Text: c.text}); err != nil {
			t.Fatal(err)
		}
		if c.stop == "cancelled" {
			for !strings.HasSuffix(h.said(), "b") {
				h.await(t, len(h.entries)+1)
			}
			begun := time.Now()
			if err := l.Cancel(ctx); err != nil || time.Since(begun) > time.Second {
				t.Errorf("cancel took %v: %v", time.Since(begun), err)
			}
		}
		if end := h.turn(t, id); end.Stop != c.stop {
			t.Errorf("%q: %+v, %v", c.text, end, end.Error)
		}
	}
	segments, _ := filepath.Glob(filepath.Join(p.dir, "state", "journal", "*"))
	for _, s := range segments {
		if b, err := os.ReadFile(s); err != nil || bytes.Contains(b, []byte("not-in-the-journal")) {
			t.Errorf("the journal holds a secret: %v", err)
		}
	}
}

func TestModelRequestIsHeldWhileTheHostIsAway(t *testing.T) {
	p, h := newProcess(t), newHost()
	h.model = func(_ context.Context, c net.Conn) {
		defer c.Close()
		if r, err := http.ReadRequest(bufio.NewReader(c)); err == nil && r.Method == http.MethodGet {
			_, _ = io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nan answer")
		}
	}
	l := h.connect(t, p.connect())
	if err := l.Start(t.Context(), p.spec()); err != nil {
		t.Fatal(err)
	}
	if err := l.Prompt(t.Context(), session.PromptCommand{ID: "p", Text: "sleep 300\nget"}); err != nil {
		t.Fatal(err)
	}
	_ = l.Close()
	<-l.Done()
	time.Sleep(time.Second) // the agent asks in this second
	h.connect(t, p.connect())
	if end := h.turn(t, "p"); end.Stop != "end_turn" || h.said() != "an answer <nil>" {
		t.Errorf("%+v: %q", end, h.said())
	}
}

// Whenever the supervisor is killed, the host has each entry once and without a gap, and each prompt is begun and ended
// once.
func TestKilledSupervisorLosesNothingAndRepeatsNothing(t *testing.T) {
	p, h := newProcess(t), newHost()
	const prompts = 12
	var said strings.Builder
	for i := range prompts {
		id := session.PromptID(fmt.Sprint("p", i))
		after := time.Duration(rand.IntN(150)) * time.Millisecond
		killed := time.AfterFunc(after, func() { _ = p.cmd.Process.Kill() })
		for done := false; !done; {
			l, err := Linker{}.Connect(t.Context(), p.connect(), session.LinkHandler{Session: "s1", Cursor: h.cursor, Entries: h.store})
			if err == nil {
				if err = l.Start(t.Context(), p.spec()); err == nil {
					err = l.Prompt(t.Context(), session.PromptCommand{ID: id, Text: fmt.Sprintf("say <%d>\nflood 200\nsleep 20\nsay done%d.", i, i)})
				}
				if err == nil {
					done = h.endOrLost(l, id)
				}
				_ = l.Close()
				<-l.Done()
			}
			if !done {
				p.kill()
				p.start()
			}
		}
		killed.Stop()
	}
	begun, ended := map[session.PromptID]int{}, map[session.PromptID]int{}
	interrupted := 0
	for i, e := range h.entries {
		if e.Seq != uint64(i+1) || e.Epoch != h.entries[0].Epoch {
			t.Fatalf("entry %d is %s/%d", i, e.Epoch, e.Seq)
		}
		switch {
		case e.TurnBegin != nil:
			begun[e.TurnBegin.Prompt]++
		case e.TurnEnd != nil:
			ended[e.TurnEnd.Prompt]++
			if e.TurnEnd.Stop == "interrupted" {
				interrupted++
				if e.TurnEnd.Checkpoint.Commit == "" {
					t.Error("an interrupted turn has no checkpoint")
				}
			}
		case e.Delta != nil:
			said.WriteString(e.Delta.Text)
		}
	}
	for i := range prompts {
		if id := session.PromptID(fmt.Sprint("p", i)); begun[id] != 1 || ended[id] != 1 || strings.Count(said.String(), fmt.Sprintf("done%d.", i)) > 1 {
			t.Errorf("%s was begun %d times and ended %d times", id, begun[id], ended[id])
		}
	}
	t.Logf("%d entries, %d of %d turns interrupted", len(h.entries), interrupted, prompts)
}

// endOrLost waits for a turn's end; it reports false where the link is lost first.
func (h *host) endOrLost(l session.Link, id session.PromptID) bool {
	for {
		h.mu.Lock()
		for _, e := range h.entries {
			if e.TurnEnd != nil && e.TurnEnd.Prompt == id {
				h.mu.Unlock()
				return true
			}
		}
		h.mu.Unlock()
		select {
		case <-h.grown:
		case <-l.Done():
			return false
		}
	}
}

var wordPattern = regexp.MustCompile(`word (\d+) `)

func TestFloodOfAnAgentIsWholeAndBounded(t *testing.T) {
	flood(t)
	p, h := newProcess(t), newHost()
	l := h.connect(t, p.connect())
	if err := l.Start(t.Context(), p.spec()); err != nil {
		t.Fatal(err)
	}
	const n = 100_000
	begun := time.Now()
	if err := l.Prompt(t.Context(), session.PromptCommand{ID: "p", Text: fmt.Sprint("flood ", n)}); err != nil {
		t.Fatal(err)
	}
	_ = l.Close() // the host is away for most of it
	<-l.Done()
	time.Sleep(500 * time.Millisecond)
	h.connect(t, p.connect())
	if end := h.turn(t, "p"); end.Stop != "end_turn" {
		t.Fatalf("%+v", end)
	}
	took := time.Since(begun)
	words := wordPattern.FindAllStringSubmatch(h.said(), -1)
	for i, w := range words {
		if w[1] != strconv.Itoa(i) {
			t.Fatalf("word %d is %s", i, w[1])
		}
	}
	peak := p.memory("VmHWM")
	if len(words) != n || peak > 128<<10 {
		t.Errorf("%d words, %d kB at the peak", len(words), peak)
	}
	t.Logf("%d chunks in %v as %d entries; supervisor's peak %d MB", n, took.Round(time.Millisecond), len(h.entries), peak>>10)
}

// memory returns a line of the supervisor's /proc status, in kB.
func (p *process) memory(name string) int {
	p.t.Helper()
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.cmd.Process.Pid))
	if err != nil {
		p.t.Fatal(err)
	}
	m := regexp.MustCompile(name + `:\s+(\d+) kB`).FindSubmatch(b)
	if m == nil {
		p.t.Fatalf("no %s in %s", name, b)
	}
	kB, _ := strconv.Atoi(string(m[1]))
	return kB
}
