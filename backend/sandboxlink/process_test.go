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
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"background-agents/backend/session"
)

// built holds the supervisor and the agent for tests, static as they are in a sandbox.
var built struct {
	once              sync.Once
	dir               string
	supervisor, agent string
	err               error
}

func TestMain(m *testing.M) {
	code := m.Run()
	if built.dir != "" {
		_ = os.RemoveAll(built.dir)
	}
	os.Exit(code)
}

func build(t testing.TB) (supervisor, agent string) {
	t.Helper()
	built.once.Do(func() {
		if built.dir, built.err = os.MkdirTemp("", "sandboxlink-"); built.err != nil {
			return
		}
		built.supervisor, built.agent = filepath.Join(built.dir, "supervisor"), filepath.Join(built.dir, "agent")
		for out, pkg := range map[string]string{built.supervisor: "../../sandbox/supervisor", built.agent: "../../sandbox/supervisor/testdata/agent"} {
			c := exec.Command("go", "build", "-trimpath", "-ldflags", "-s -w", "-o", out, pkg)
			c.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS=linux")
			if b, err := c.CombinedOutput(); err != nil {
				built.err = fmt.Errorf("build %s: %w: %s", pkg, err, b)
			}
		}
	})
	if built.err != nil {
		t.Fatal(built.err)
	}
	return built.supervisor, built.agent
}

// process is a supervisor on this machine, with folders in the place of volumes.
type process struct {
	t     testing.TB
	dir   string
	base  string // commit in the mirror
	model int
	bin   string
	agent string
	cmd   *exec.Cmd
	log   bytes.Buffer
}

func newProcess(t testing.TB) *process {
	t.Helper()
	if runtime.GOOS != "linux" {
		t.Skip("a supervisor runs on Linux")
	}
	p := &process{t: t, dir: t.TempDir(), model: freePort(t)}
	p.bin, p.agent = build(t)
	repo := filepath.Join(p.dir, "repo")
	p.git("", "init", "-q", "-b", "main", repo)
	if err := os.WriteFile(filepath.Join(repo, "README.md"), []byte("# Sample\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	p.git(repo, "add", ".")
	p.git(repo, "commit", "-qm", "begin")
	p.base = p.git(repo, "rev-parse", "HEAD")
	p.git(repo, "update-ref", "refs/heads/base", p.base)
	bundle := filepath.Join(p.dir, "base.bundle")
	p.git(repo, "bundle", "create", "-q", bundle, "refs/heads/base")
	for range 2 { // it can be repeated
		in, err := os.Open(bundle)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.MkdirAll(filepath.Join(p.dir, "mirror"), 0o755); err != nil {
			t.Fatal(err)
		}
		c := p.command("fill-mirror")
		c.Stdin = in
		if out, err := c.CombinedOutput(); err != nil || strings.TrimSpace(string(out)) != p.base {
			t.Fatalf("fill-mirror: %v: %s", err, out)
		}
		_ = in.Close()
	}
	p.start()
	t.Cleanup(func() {
		p.kill()
		if t.Failed() {
			t.Logf("supervisor: %s", &p.log)
		}
	})
	return p
}

func freePort(t testing.TB) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}

func (p *process) git(dir string, args ...string) string {
	p.t.Helper()
	c := exec.Command("git", append([]string{"-c", "user.name=T", "-c", "user.email=t@example.com"}, args...)...)
	c.Dir = dir
	out, err := c.CombinedOutput()
	if err != nil {
		p.t.Fatalf("git %v: %v: %s", args, err, out)
	}
	return strings.TrimSpace(string(out))
}

func (p *process) command(name string) *exec.Cmd {
	return exec.Command(p.bin, name, "-state", filepath.Join(p.dir, "state"), "-home", filepath.Join(p.dir, "home"),
		"-workspace", filepath.Join(p.dir, "workspace"), "-mirror", filepath.Join(p.dir, "mirror"),
		"-model-port", strconv.Itoa(p.model), "-egress-port", strconv.Itoa(freePort(p.t)))
}

func (p *process) start() {
	p.t.Helper()
	if err := os.MkdirAll(filepath.Join(p.dir, "workspace"), 0o755); err != nil {
		p.t.Fatal(err)
	}
	p.cmd = p.command("run")
	p.cmd.Stderr = &p.log
	if err := p.cmd.Start(); err != nil {
		p.t.Fatal(err)
	}
}

func (p *process) kill() {
	_ = p.cmd.Process.Kill()
	_ = p.cmd.Wait()
}

// pipes are the standard streams of a command, as docker exec gives them.
type pipes struct {
	io.Reader
	io.WriteCloser
	cmd *exec.Cmd
}

func (c pipes) Close() error {
	_ = c.WriteCloser.Close()
	_ = c.cmd.Process.Kill()
	return c.cmd.Wait()
}

func (p *process) connect() io.ReadWriteCloser { return open(p.t, p.command("connect")) }

func open(t testing.TB, c *exec.Cmd) io.ReadWriteCloser {
	t.Helper()
	in, err := c.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	c.Stderr = os.Stderr
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	return pipes{out, in, c}
}

func (p *process) spec() session.StartSpec {
	return session.StartSpec{
		Session: "s1", Base: p.base, Branch: "agents/one", AuthorName: "T", AuthorEmail: "t@example.com", Policy: session.AllowAll,
		Command: []string{p.agent}, Env: []string{fmt.Sprintf("MODEL_URL=http://127.0.0.1:%d/", p.model), "SECRET=not-in-the-journal"},
	}
}

// turn returns how a prompt's turn ended, once it has.
func (h *host) turn(t testing.TB, prompt session.PromptID) *session.EntryTurnEnd {
	t.Helper()
	for n := 1; ; n++ {
		got := h.await(t, n)
		for _, e := range got {
			if e.TurnEnd != nil && e.TurnEnd.Prompt == prompt {
				return e.TurnEnd
			}
		}
		n = len(got)
	}
}

func (h *host) said() string {
	h.mu.Lock()
	defer h.mu.Unlock()
	var b strings.Builder
	for _, e := range h.entries {
		if e.Delta != nil {
			b.WriteString(e.Delta.Text)
		}
	}
	return b.String()
}

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
