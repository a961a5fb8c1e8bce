package sandboxlink

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"

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
			c := exec.Command("go", "build", "-trimpath", "-tags", "unsealed", "-ldflags", "-s -w", "-o", out, pkg)
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
