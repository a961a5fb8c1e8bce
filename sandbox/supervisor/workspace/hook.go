package workspace

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"time"

	"background-agents/sandbox/wire"
)

// hookFolder is where a project keeps its hooks.
const hookFolder = ".background-agents"

// hookDrain is how long after a hook has ended its last output is waited for.
const hookDrain = 200 * time.Millisecond

// Hook runs .background-agents/NAME in the workspace, where the project has it, with env added to the process's own
// environment; ran says whether it has. The output goes to out as it comes. At limit (0: none), or when ctx ends, its process group is
// killed. What a hook that ended well left running in the background goes on, and its later output is dropped.
//
// A hook that ends badly, or is not in time, is an error of code hook_failed. setup.sh that ended well, or that the
// project has not, makes Ensure's fresh false.
func (w *Workspace) Hook(ctx context.Context, name string, env []string, limit time.Duration, out io.Writer) (ran bool, err error) {
	path := filepath.Join(w.Dir, hookFolder, name)
	st, err := os.Stat(path)
	if errors.Is(err, os.ErrNotExist) {
		return false, w.setupDone(name)
	}
	if err != nil {
		return false, fmt.Errorf("look for the hook: %w", err)
	}
	cmd := exec.Command("sh", path)
	if st.Mode()&0o111 != 0 && hasInterpreter(path) {
		cmd = exec.Command(path)
	}
	cmd.Dir = w.Dir
	cmd.Env = append(os.Environ(), env...)
	if err := runGroup(ctx, cmd, limit, out); err != nil {
		if ctx.Err() != nil {
			return true, fmt.Errorf("run %s: %w", name, ctx.Err())
		}
		ends := ""
		if strings.HasSuffix(firstLine(path), "\r") {
			ends = " It has Windows line ends (CRLF)."
		}
		return true, &wire.Error{Code: "hook_failed", Message: fmt.Sprintf("The project's %s/%s %v.%s", hookFolder, name, err, ends),
			Hint: hookHint(name, path)}
	}
	return true, w.setupDone(name)
}

// hookHint says what to do about a hook that failed. A session keeps the commit that it was started from, so its agent cannot repair
// the hook, nor does a new commit on the base branch reach it.
func hookHint(name, path string) string {
	line := firstLine(path)
	switch interpreter := strings.TrimRight(strings.TrimPrefix(line, "#!"), "\r"); {
	case strings.HasSuffix(line, "\r"):
		return "Convert its Windows line ends, for example with `sed -i 's/\\r$//' " + hookFolder + "/" + name +
			"`, add the line `*.sh text eol=lf` to .gitattributes, commit both, and start a new session."
	case strings.HasPrefix(line, "#!") && missing(interpreter):
		return "The sandbox has no " + firstWord(interpreter) + ", which its first line names. Name another interpreter there, commit it, and start a new session."
	}
	return "Its output says why. Retry runs it again. If the script is wrong, commit a fix to the project and start a new session."
}

// missing reports whether the program that a hook's first line names is not there.
func missing(interpreter string) bool {
	program := firstWord(interpreter)
	_, err := os.Stat(program)
	return program != "" && errors.Is(err, os.ErrNotExist)
}

func firstWord(s string) string {
	word, _, _ := strings.Cut(strings.TrimSpace(s), " ")
	return word
}

// firstLine returns the beginning of a file up to its first line's end, at most 256 bytes.
func firstLine(path string) string {
	f, err := os.Open(path)
	if err != nil {
		return ""
	}
	defer f.Close()
	b := make([]byte, 256)
	n, _ := io.ReadFull(f, b)
	line, _, _ := strings.Cut(string(b[:n]), "\n")
	return line
}

// hasInterpreter reports whether a file says what runs it, by `#!` or as a program; else it is for sh.
func hasInterpreter(path string) bool {
	f, err := os.Open(path)
	if err != nil {
		return false
	}
	defer f.Close()
	b := make([]byte, 4)
	n, _ := io.ReadFull(f, b)
	return strings.HasPrefix(string(b[:n]), "#!") || string(b[:n]) == "\x7fELF"
}

func (w *Workspace) setupDone(name string) error {
	if name != "setup.sh" {
		return nil
	}
	if err := os.Remove(filepath.Join(w.gitDir(), markSetup)); err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("note that the setup hook has run: %w", err)
	}
	return nil
}

// runGroup runs cmd in a process group of its own and copies what it writes to out.
func runGroup(ctx context.Context, cmd *exec.Cmd, limit time.Duration, out io.Writer) error {
	r, wr, err := os.Pipe()
	if err != nil {
		return err
	}
	cmd.Stdout, cmd.Stderr = wr, wr
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := cmd.Start(); err != nil {
		r.Close()
		wr.Close()
		if errors.Is(err, os.ErrNotExist) { // not the hook, which is there: what its first line names
			return errors.New("could not be started: the program that its first line names does not exist")
		}
		return fmt.Errorf("could not be started (%s)", strings.TrimPrefix(err.Error(), "fork/exec "))
	}
	wr.Close()
	sink := &detachable{w: out}
	copied := make(chan struct{})
	go func() { // ends with the last process that holds the pipe
		defer close(copied)
		defer r.Close()
		_, _ = io.Copy(sink, r) // it ends with the hook
	}()
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	var expired <-chan time.Time
	if limit > 0 {
		t := time.NewTimer(limit)
		defer t.Stop()
		expired = t.C
	}
	select {
	case err = <-ended:
		if err != nil {
			kill(cmd)
		}
	case <-ctx.Done():
		kill(cmd)
		<-ended //nolint:errcheck // it was killed
		err = ctx.Err()
	case <-expired:
		kill(cmd)
		<-ended //nolint:errcheck // it was killed
		err = fmt.Errorf("took longer than %s and was stopped", limit)
	}
	select {
	case <-copied:
	case <-time.After(hookDrain):
	}
	sink.detach()
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		return fmt.Errorf("ended with %w", exit)
	}
	return err
}

func kill(cmd *exec.Cmd) { _ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }

// detachable passes on what is written until it is detached; what comes later is dropped.
type detachable struct {
	mu sync.Mutex
	w  io.Writer
}

func (d *detachable) Write(p []byte) (int, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.w != nil {
		_, _ = d.w.Write(p) // a reader that is gone must not stop the hook
	}
	return len(p), nil
}

func (d *detachable) detach() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.w = nil
}
