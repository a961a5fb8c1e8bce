package backend_test

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"background-agents/backend"
	"background-agents/backend/control"
	"background-agents/backend/session"
	"background-agents/backend/session/sessiontest"
)

// The tests of this package use the real parts: Docker, git, SQLite, and the real OpenCode in a sandbox with the offline
// demo model. The backend runs in a process of its own (this binary again), so that it can be killed.

const childData = "BACKEND_TEST_DATA"

func TestMain(m *testing.M) {
	if data := os.Getenv(childData); data != "" {
		if err := serve(data); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

// serve is the child: the backend and its socket, as `bga serve`.
func serve(data string) error {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
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

// live is one installation with its backend process.
type live struct {
	*control.Client
	t    *testing.T
	data string
	repo string
	cmd  *exec.Cmd
}

// newLive makes an installation with a small repository, and starts its backend.
func newLive(t *testing.T) *live {
	t.Helper()
	data, err := os.MkdirTemp("", "bga")
	if err != nil {
		t.Fatal(err)
	}
	l := &live{t: t, data: data, repo: filepath.Join(data, "code", "a shop")}
	t.Cleanup(l.remove)
	if err := os.MkdirAll(l.repo, 0o755); err != nil {
		t.Fatal(err)
	}
	l.git("init", "-q", "-b", "main")
	l.write("README.md", "# A shop\n")
	l.git("add", "-A")
	l.git("commit", "-qm", "first")
	l.start()
	return l
}

// start starts the backend and waits until it answers.
func (l *live) start() { l.startAs(os.Args[0]) }

// startAs starts it by a command that ends in it.
func (l *live) startAs(command ...string) {
	l.t.Helper()
	l.cmd = exec.Command(command[0], command[1:]...)
	l.cmd.Env = append(os.Environ(), childData+"="+l.data)
	l.cmd.Stderr = l.t.Output()
	out, err := l.cmd.StdoutPipe()
	if err != nil {
		l.t.Fatal(err)
	}
	if err := l.cmd.Start(); err != nil {
		l.t.Fatal(err)
	}
	if line, err := bufio.NewReader(out).ReadString('\n'); err != nil || line != "ready\n" {
		l.t.Fatalf("backend says %q: %v", line, err)
	}
	if l.Client, err = control.Dial(context.Background(), l.data); err != nil {
		l.t.Fatal(err)
	}
}

// kill ends the backend as a crash would.
func (l *live) kill() {
	_ = l.Client.Close()
	_ = l.cmd.Process.Kill()
	_ = l.cmd.Wait()
}

// remove deletes sessions, containers and files.
func (l *live) remove() {
	if l.cmd != nil && l.cmd.ProcessState == nil {
		ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
		defer cancel()
		for _, s := range l.state().Sessions {
			if err := l.Delete(ctx, s.ID, true); err != nil {
				l.t.Logf("delete %s: %v", s.ID, err)
			}
		}
		for _, p := range l.state().Projects {
			if err := l.RemoveProject(ctx, p.ID); err != nil {
				l.t.Logf("remove project: %v", err)
			}
		}
		l.kill()
	}
	_ = os.RemoveAll(l.data)
}

func (l *live) git(args ...string) string {
	l.t.Helper()
	cmd := exec.Command("git", append([]string{"-c", "user.name=A User", "-c", "user.email=user@example.com"}, args...)...)
	cmd.Dir = l.repo
	out, err := cmd.CombinedOutput()
	if err != nil {
		l.t.Fatalf("git %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return string(out)
}

func (l *live) write(name, text string) {
	l.t.Helper()
	if err := os.WriteFile(filepath.Join(l.repo, name), []byte(text), 0o644); err != nil {
		l.t.Fatal(err)
	}
}

func (l *live) state() session.Event { return sessiontest.State(l) }

func (l *live) get(id session.ID) session.Session { return sessiontest.Get(l, id) }

// create starts a session of the demo model.
func (l *live) create(prompt string) session.ID { return l.createOn(l.repo, prompt) }

func (l *live) createOn(repo, prompt string) session.ID {
	l.t.Helper()
	ctx := context.Background()
	p, err := l.AddProject(ctx, repo)
	if err != nil {
		l.t.Fatal(err)
	}
	s, err := l.Create(ctx, session.NewSession{Project: p.ID, Model: "demo/scripted", Prompt: session.NewPrompt{Text: prompt}})
	if err != nil {
		l.t.Fatal(err)
	}
	return s.ID
}

// until waits until done says so of the session, and fails with what it was where that does not come.
func (l *live) until(id session.ID, limit time.Duration, done func(session.Session) bool) session.Session {
	l.t.Helper()
	for end := time.Now().Add(limit); time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
		if s := l.get(id); done(s) {
			return s
		}
	}
	s := l.get(id)
	l.t.Fatalf("session stays %q, step %q, error %+v, queue %d", s.Status, s.Step, s.Error, len(s.Prompts))
	return s
}

func settled(status session.Status) func(session.Session) bool {
	return func(s session.Session) bool { return s.Status == status && s.Pending == nil && s.WorkedSince == 0 }
}

// items returns the whole transcript and fails where positions have a gap.
func (l *live) items(id session.ID) []session.Item {
	l.t.Helper()
	all, err := sessiontest.Items(ctx, l, id)
	l.must(err)
	for i, it := range all {
		if it.Seq != uint64(i+1) {
			l.t.Fatalf("item %d has position %d", i+1, it.Seq)
		}
	}
	return all
}

// containers returns the ids of the session's containers, running or not.
func (l *live) containers(id session.ID) []string {
	l.t.Helper()
	sb, err := l.Sandbox(context.Background(), id)
	if err != nil {
		l.t.Fatal(err)
	}
	if sb.Container == "" {
		return nil
	}
	out, err := exec.Command("docker", "inspect", "-f", "{{range $k, $v := .Config.Labels}}{{if eq $v \""+string(id)+"\"}}{{$k}}{{end}}{{end}}", sb.Container).Output()
	if err != nil {
		l.t.Fatal(err)
	}
	out, err = exec.Command("docker", "ps", "-aq", "--filter", "label="+strings.TrimSpace(string(out))+"="+string(id)).Output()
	if err != nil {
		l.t.Fatal(err)
	}
	return strings.Fields(string(out))
}
