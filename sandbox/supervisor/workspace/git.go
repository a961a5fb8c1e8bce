package workspace

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"time"
)

// maxOutput bounds what one git command may print to us: the names of about two million files.
const maxOutput = 256 << 20

// command is one run of git on the clone.
type command struct {
	args   []string
	env    []string
	stdin  io.Reader
	stdout io.Writer // nil: returned by run
	stderr io.Writer // also shown here, as it comes
	dir    string    // "" for the clone itself; else git finds the repository of that folder
}

// git runs git and returns what it printed, without the last newline.
func (w *Workspace) git(ctx context.Context, args ...string) (string, error) {
	return w.run(ctx, command{args: args})
}

func (w *Workspace) run(ctx context.Context, c command) (string, error) {
	args := append([]string{"-c", "core.hooksPath=/dev/null", "-c", "core.fsmonitor=false", "-c", "gc.auto=0",
		"-c", "safe.directory=*", "-c", "core.quotePath=false", "-c", "protocol.allow=never", "-c", "protocol.file.allow=always",
		"-c", "advice.detachedHead=false", "-c", "core.sparseCheckout=false"}, c.args...)
	cmd := exec.CommandContext(ctx, "git", args...)
	cmd.Dir = c.dir
	cmd.Env = append(environment(), "GIT_CONFIG_GLOBAL=/dev/null", "GIT_CONFIG_NOSYSTEM=1", "GIT_TERMINAL_PROMPT=0",
		"GIT_NO_REPLACE_OBJECTS=1", "GIT_LFS_SKIP_SMUDGE=1", "LC_ALL=C")
	if c.dir == "" {
		cmd.Dir = w.Dir
		cmd.Env = append(cmd.Env, "GIT_DIR="+w.gitDir(), "GIT_WORK_TREE="+w.Dir)
	}
	cmd.Env = append(cmd.Env, c.env...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	cmd.WaitDelay = 2 * time.Second
	cmd.Stdin = c.stdin
	out := &bounded{max: maxOutput}
	if cmd.Stdout = c.stdout; cmd.Stdout == nil {
		cmd.Stdout = out
	}
	said := &tail{max: 4 << 10}
	cmd.Stderr = said
	if c.stderr != nil {
		cmd.Stderr = io.MultiWriter(said, c.stderr)
	}
	if err := cmd.Run(); err != nil {
		if ctx.Err() != nil {
			return out.String(), fmt.Errorf("git %s: %w", c.args[0], ctx.Err())
		}
		if out.over {
			return "", tooMany()
		}
		return out.String(), &gitError{args: c.args, said: strings.TrimSpace(said.String()), err: err}
	}
	return strings.TrimSuffix(out.String(), "\n"), nil
}

// environment is the process's own without what would lead git elsewhere.
func environment() []string {
	var env []string
	for _, e := range os.Environ() {
		if !strings.HasPrefix(e, "GIT_") {
			env = append(env, e)
		}
	}
	return env
}

// gitError says which command failed and what git said.
type gitError struct {
	args []string
	said string // the last 4 KB
	err  error
}

func (e *gitError) Error() string {
	return fmt.Sprintf("git %s: %v: %s", e.args[0], e.err, e.said)
}

func (e *gitError) Unwrap() error { return e.err }

// exitCode returns the exit code of a git command that ended by itself, -1 for other errors.
func exitCode(err error) int {
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		return exit.ExitCode()
	}
	return -1
}

// bounded is a buffer that refuses to grow past max bytes.
type bounded struct {
	bytes.Buffer
	max  int
	over bool
}

func (b *bounded) Write(p []byte) (int, error) {
	if b.Len()+len(p) > b.max {
		b.over = true
		return 0, fmt.Errorf("more than %d bytes of output", b.max)
	}
	return b.Buffer.Write(p)
}

// tail keeps the last max bytes.
type tail struct {
	b   []byte
	max int
}

func (t *tail) Write(p []byte) (int, error) {
	t.b = append(t.b, p...)
	if len(t.b) > t.max {
		t.b = append(t.b[:0], t.b[len(t.b)-t.max:]...)
	}
	return len(p), nil
}

func (t *tail) String() string { return string(t.b) }
