//go:build linux

package redteam

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"background-agents/backend"
	"background-agents/backend/control"
	"background-agents/backend/session"
	"background-agents/backend/session/sessiontest"
)

// The victim is an installation in a process of its own (this binary again), as `bga serve` would be.
const (
	childData = "REDTEAM_DATA"
	childDNS  = "REDTEAM_DNS" // address of the attacker's name server
)

var ctx = context.Background()

func TestMain(m *testing.M) {
	if data := os.Getenv(childData); data != "" {
		if err := serve(data); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	code := m.Run()
	if shared != nil {
		shared.remove()
	}
	os.Exit(code)
}

func serve(data string) error {
	ctx, stop := signal.NotifyContext(ctx, syscall.SIGTERM)
	defer stop()
	// Names are looked up where the attacker answers.
	net.DefaultResolver = &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "udp", os.Getenv(childDNS))
	}}
	b, err := backend.Open(ctx, backend.Paths{Data: data, Repos: data, Image: os.Getenv("SANDBOX_IMAGE"), Env: os.Getenv})
	if err != nil {
		return err
	}
	defer b.Close()
	l, err := control.Listen(data)
	if err != nil {
		return err
	}
	fmt.Println("ready")
	return control.Serve(ctx, l, b)
}

// victim is a user's machine, as far as the application knows it: a home, a repository, keys, and the backend.
type victim struct {
	*control.Client
	home, data, repo string
	canaries         canaries
	names            *nameServer
	provider         *provider
	local            *localServer
	cmd              *exec.Cmd
	said             *os.File // what the backend writes to its standard error
	cell             session.ID
}

var (
	shared *victim
	once   sync.Once
)

// theVictim is the installation that most attacks share. Its cell is a session whose sandbox they may use, and must not
// break.
func theVictim(t *testing.T) *victim {
	t.Helper()
	once.Do(func() {
		v := newVictim(t)
		v.cell = v.lasting(t, session.NewSession{}, "demo: text Ready.").ID
		shared = v
	})
	if shared == nil {
		t.Fatal("the installation did not come up")
	}
	return shared
}

func newVictim(t *testing.T) *victim {
	t.Helper()
	root, err := os.MkdirTemp("", "redteam")
	must(t, err)
	v := &victim{
		home: filepath.Join(root, "home"), data: filepath.Join(root, "data"), repo: filepath.Join(root, "home", "code", "a shop"),
		names: newNameServer(t), provider: newProvider(t), local: newLocalServer(t),
	}
	for _, dir := range []string{v.repo, v.data} {
		must(t, os.MkdirAll(dir, 0o755))
	}
	v.canaries = plantCanaries(t, v.home)
	write(t, filepath.Join(v.repo, "README.md"), "# A shop\n")
	git(t, v.repo, "init", "-q", "-b", "main")
	git(t, v.repo, "add", "-A")
	git(t, v.repo, "commit", "-qm", "first")
	v.start(t)
	return v
}

// start starts the backend with the user's environment, and waits until it answers.
func (v *victim) start(t *testing.T) {
	t.Helper()
	home, err := os.UserHomeDir()
	must(t, err)
	v.cmd = exec.Command("sh", "-c", `ulimit -c "$(ulimit -H -c)"; exec "$0"`, os.Args[0]) // a developer's machine keeps dumps
	for _, kv := range os.Environ() {
		if name, _, _ := strings.Cut(kv, "="); !strings.HasSuffix(strings.ToUpper(name), "_PROXY") && name != "HOME" {
			v.cmd.Env = append(v.cmd.Env, kv)
		}
	}
	v.cmd.Env = append(v.cmd.Env, childData+"="+v.data, childDNS+"="+v.names.addr, "HOME="+v.home,
		"ANTHROPIC_API_KEY="+v.canaries.anthropic, "ANTHROPIC_BASE_URL="+v.provider.url,
		"OPENAI_API_KEY="+v.canaries.openAI, "OPENAI_BASE_URL="+v.provider.url, "GOTRACEBACK=crash", "OLLAMA_HOST="+v.local.addr)
	if os.Getenv("DOCKER_CONFIG") == "" {
		v.cmd.Env = append(v.cmd.Env, "DOCKER_CONFIG="+filepath.Join(home, ".docker"))
	}
	v.said, err = os.CreateTemp(filepath.Dir(v.data), "stderr")
	must(t, err)
	v.cmd.Stderr = v.said
	out, err := v.cmd.StdoutPipe()
	must(t, err)
	must(t, v.cmd.Start())
	if line, err := bufio.NewReader(out).ReadString('\n'); err != nil || line != "ready\n" {
		t.Fatalf("backend says %q: %v", line, err)
	}
	v.Client, err = control.Dial(ctx, v.data)
	must(t, err)
}

// stop ends the backend as its user would; sandboxes go on.
func (v *victim) stop(t *testing.T) {
	t.Helper()
	_ = v.Client.Close()
	must(t, v.cmd.Process.Signal(syscall.SIGTERM))
	_ = v.cmd.Wait()
}

// crash ends the backend as a fault in it would: with a trace of all that it did.
func (v *victim) crash(t *testing.T) {
	t.Helper()
	_ = v.Client.Close()
	must(t, v.cmd.Process.Signal(syscall.SIGABRT))
	_ = v.cmd.Wait()
}

// remove deletes all that the installation made.
func (v *victim) remove() {
	c, cancel := context.WithTimeout(ctx, 2*time.Minute)
	defer cancel()
	for _, s := range v.state().Sessions {
		if err := v.Delete(c, s.ID, true); err != nil {
			fmt.Fprintf(os.Stderr, "delete %s: %v\n", s.ID, err)
		}
	}
	for _, p := range v.state().Projects {
		if err := v.RemoveProject(c, p.ID); err != nil {
			fmt.Fprintf(os.Stderr, "remove project: %v\n", err)
		}
	}
	_ = v.Client.Close()
	_ = v.cmd.Process.Kill()
	_ = v.cmd.Wait()
	_ = os.RemoveAll(filepath.Dir(v.data))
}

func (v *victim) state() session.Event { return sessiontest.State(v) }

func (v *victim) get(id session.ID) session.Session { return sessiontest.Get(v, id) }

// session is lasting, but that the session is stopped with the test: agents that wait take a part of a processor each.
func (v *victim) session(t *testing.T, n session.NewSession, prompt string) session.Session {
	t.Helper()
	s := v.lasting(t, n, prompt)
	t.Cleanup(func() {
		if err := v.Stop(ctx, s.ID); err != nil {
			t.Logf("stop session %s: %v", s.ID, err)
		}
	})
	return s
}

// lasting starts a session of the demo model on the victim's repository and waits for the end of its first turn.
func (v *victim) lasting(t *testing.T, n session.NewSession, prompt string) session.Session {
	t.Helper()
	p, err := v.AddProject(ctx, v.repo)
	must(t, err)
	if n.Project == "" {
		n.Project = p.ID
	}
	n.Model, n.Prompt = "demo/scripted", session.NewPrompt{Text: prompt}
	s, err := v.Create(ctx, n)
	must(t, err)
	return v.until(t, s.ID, 20*time.Minute, idleAfter(1)) // the image may be missing
}

// turn sends a prompt and waits for the end of its turn.
func (v *victim) turn(t *testing.T, id session.ID, prompt string) session.Session {
	t.Helper()
	n := v.get(id).Turns
	_, err := v.Prompt(ctx, id, session.NewPrompt{Text: prompt})
	must(t, err)
	return v.until(t, id, time.Minute, idleAfter(n+1))
}

func idleAfter(turns int) func(session.Session) bool {
	return func(s session.Session) bool {
		return s.Turns >= turns && s.Status == session.Idle && s.Pending == nil && s.WorkedSince == 0
	}
}

func (v *victim) until(t *testing.T, id session.ID, limit time.Duration, done func(session.Session) bool) session.Session {
	t.Helper()
	for end := time.Now().Add(limit); time.Now().Before(end); time.Sleep(100 * time.Millisecond) {
		s := v.get(id)
		if done(s) {
			return s
		}
		if s.Status == session.Failed && s.Pending == nil {
			t.Fatalf("session failed: %+v", s.Error)
		}
	}
	s := v.get(id)
	t.Fatalf("session stays %q, step %q, error %+v, %d bytes stored; its log ends with\n%s", s.Status, s.Step, s.Error, s.Stored, v.log(id))
	return s
}

// log is the end of what the backend has logged, and of what it has logged of a session's sandbox.
func (v *victim) log(id session.ID) (text string) {
	files, _ := filepath.Glob(filepath.Join(v.data, "logs", "*.log"))
	for _, f := range files {
		if name := filepath.Base(f); strings.HasPrefix(name, "session-") && !strings.Contains(name, string(id)) {
			continue
		}
		b, _ := os.ReadFile(f)
		text += f + ":\n" + string(b[max(0, len(b)-4<<10):])
	}
	return text
}

// sh runs a script in a sandbox as the agent, and returns what it said, whatever it ended with.
func (v *victim) sh(t *testing.T, id session.ID, script string) string {
	t.Helper()
	out, _ := v.run(t, id, time.Minute, script)
	return out
}

// run is sh with a limit; ok says that the script ended with 0 within it.
func (v *victim) run(t *testing.T, id session.ID, limit time.Duration, script string) (out string, ok bool) {
	t.Helper()
	c, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	var b locked
	code, err := v.Exec(c, id, session.Exec{Command: []string{"bash", "-c", script}, Stdout: &b, Stderr: &b})
	if err != nil && c.Err() == nil {
		t.Fatalf("exec: %v\n%s", err, b.String())
	}
	return b.String(), err == nil && code == 0
}
