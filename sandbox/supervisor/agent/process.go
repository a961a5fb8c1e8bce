package agent

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"background-agents/sandbox/wire"
)

const (
	stopGrace = 300 * time.Millisecond // from closing the agent's input to killing it
	lastWords = 8 << 10                // how much of stderr is kept for error messages
	// marker is in the environment of all that an agent starts, with its workspace as the value, so that processes which
	// left the group, or outlived a supervisor, are found.
	marker = "BACKGROUND_AGENTS_WORKSPACE="
)

// process is the agent's process group.
type process struct {
	cmd    *exec.Cmd
	stdin  *os.File
	stdout *os.File
	dir    string
	said   *lastBytes
	ended  chan struct{} // closed when the process itself is gone
	err    error         // how it ended; valid after ended
}

func startProcess(c Config) (*process, error) {
	if len(c.Start.Command) == 0 {
		return nil, &wire.Error{Code: "invalid", Message: "No command was given for the agent."}
	}
	killMarked(c.Dir)
	p := &process{dir: c.Dir, said: &lastBytes{max: lastWords}, ended: make(chan struct{})}
	inR, inW, err := os.Pipe()
	if err != nil {
		return nil, fmt.Errorf("start the agent: %w", err)
	}
	outR, outW, err := os.Pipe()
	if err != nil {
		inR.Close()
		inW.Close()
		return nil, fmt.Errorf("start the agent: %w", err)
	}
	p.stdin, p.stdout = inW, outR
	p.cmd = exec.Command(c.Start.Command[0], c.Start.Command[1:]...) // it outlives who launched it; kill ends it
	p.cmd.Dir = c.Dir
	p.cmd.Env = append(append(os.Environ(), c.Start.Env...), marker+c.Dir)
	p.cmd.Stdin, p.cmd.Stdout = inR, outW
	p.cmd.Stderr = io.MultiWriter(p.said, quietly{c.Log})
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	p.cmd.WaitDelay = stopGrace
	err = p.cmd.Start()
	inR.Close()
	outW.Close()
	if err != nil {
		inW.Close()
		outR.Close()
		return nil, &wire.Error{Code: "agent_failed", Message: fmt.Sprintf("The agent “%s” could not be started: %v.", filepath.Base(c.Start.Command[0]), errors.Unwrap(err)),
			Hint: "Check that the image of the sandbox has it: `bga doctor`."}
	}
	go func() {
		p.err = p.cmd.Wait()
		close(p.ended)
		// What it wrote last may still be in the pipe; but a child that holds the pipe must not keep us reading for ever.
		time.AfterFunc(stopGrace, func() { p.stdout.Close() })
		p.stdin.Close()
	}()
	return p, nil
}

// stop ends the process and all that it started.
func (p *process) stop() {
	p.stdin.Close()
	select {
	case <-p.ended:
	case <-time.After(stopGrace):
	}
	p.kill()
}

// kill ends the process group and what left it, at once, and waits for the process itself.
func (p *process) kill() {
	select {
	case <-p.ended: // its id may be another's by now; the group's is not while one of it lives
	default:
		_ = p.cmd.Process.Kill()
	}
	_ = syscall.Kill(-p.cmd.Process.Pid, syscall.SIGKILL)
	killMarked(p.dir)
	<-p.ended
}

// end says how the process ended, with the last line that it wrote to stderr.
func (p *process) end() string {
	s := "exit status 0"
	if p.err != nil {
		s = p.err.Error()
	}
	if line := p.said.lastLine(); line != "" {
		s += ": " + line
	}
	return s
}

// killMarked kills what an agent of this workspace started, wherever it went. Twice, for what was just being started.
func killMarked(dir string) {
	self := os.Getpid()
	for range 2 {
		found := false
		dirs, _ := filepath.Glob("/proc/[0-9]*/environ")
		for _, path := range dirs {
			pid, _ := strconv.Atoi(filepath.Base(filepath.Dir(path)))
			env, err := os.ReadFile(path)
			if err != nil || pid == self || !bytes.Contains(append([]byte{0}, env...), []byte("\x00"+marker+dir+"\x00")) {
				continue
			}
			found = syscall.Kill(pid, syscall.SIGKILL) == nil || found
		}
		if !found {
			return
		}
	}
}

// lastBytes keeps the last max bytes that were written.
type lastBytes struct {
	mu  sync.Mutex
	b   []byte
	max int
}

func (l *lastBytes) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.b = append(l.b, p[max(0, len(p)-l.max):]...)
	if len(l.b) > l.max {
		l.b = append(l.b[:0], l.b[len(l.b)-l.max:]...)
	}
	return len(p), nil
}

func (l *lastBytes) lastLine() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	lines := strings.Split(strings.TrimSpace(string(l.b)), "\n")
	return clip(strings.TrimSpace(lines[len(lines)-1]), 300)
}

// quietly passes writes on and never fails: a full log must not stop the agent.
type quietly struct{ w io.Writer }

func (q quietly) Write(p []byte) (int, error) {
	if q.w != nil {
		_, _ = q.w.Write(p)
	}
	return len(p), nil
}
