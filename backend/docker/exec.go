package docker

import (
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"time"

	"github.com/docker/docker/api/types"
	"github.com/docker/docker/api/types/container"

	"background-agents/backend/session"
)

// execMark names a command in its own environment, so that all it has started can be found and ended.
const execMark = "BACKGROUND_AGENTS_EXEC"

// endExec kills everything that was started with a mark: the engine has no call that ends a command.
const endExec = `for p in /proc/[0-9]*; do if grep -qz "^$1\$" "$p/environ" 2>/dev/null; then kill -KILL "${p#/proc/}"; fi; done`

const (
	// endTime is how long ending a cancelled command may take. It ends when the command's processes are gone; what is
	// left then goes with its container.
	endTime = 5 * time.Second
	// exitWait is how long the engine may take to know the exit code of a command whose streams have ended: it ends
	// with that code, or with the sentence that the engine did not say. exitCheck is how often it is asked.
	exitWait  = 10 * time.Second
	exitCheck = 20 * time.Millisecond
)

// Exec implements session.Engine. When ctx ends, so does the command and all that it started.
func (e *Engine) Exec(ctx context.Context, id session.ID, x session.Exec) (int, error) {
	mark := execMark + "=" + rand.Text()
	options := container.ExecOptions{Cmd: filtered(x.Command), Env: []string{mark}, Tty: x.TTY, AttachStdin: x.Stdin != nil}
	c, name, h, err := e.attach(ctx, id, options)
	if err != nil {
		return 0, err
	}
	defer h.Close()
	if x.Stdin != nil {
		// It ends with the command's: a read from a terminal cannot be interrupted, so nobody waits for it.
		go func() {
			_, _ = io.Copy(h.Conn, x.Stdin)
			_ = h.CloseWrite()
		}()
	}
	copied := make(chan error, 1)
	go func() { copied <- copyOut(x, h.Reader) }()
	select {
	case err = <-copied:
	case <-ctx.Done():
		err = e.end(ctx, id, mark)
		h.Close()
		<-copied //nolint:errcheck // it was cut off
		return 0, firstError(ctx.Err(), err)
	}
	if err != nil {
		return 0, e.explain(c, "read the command's output", err)
	}
	return e.exitCode(ctx, c, id, name, exitWait)
}

// exitCode asks how a command ended. Its streams may have ended a little before the engine knows.
func (e *Engine) exitCode(ctx context.Context, c *connection, id session.ID, name string, wait time.Duration) (int, error) {
	for late := time.Now().Add(wait); ; {
		state, err := c.api.ContainerExecInspect(ctx, name)
		if err != nil {
			if isGone(err) {
				return 0, gone(id, err)
			}
			return 0, e.explain(c, "ask how the command ended", err)
		}
		if !state.Running {
			return state.ExitCode, nil
		}
		if time.Now().After(late) {
			return 0, &session.Error{Code: session.CodeTimeout, Err: context.DeadlineExceeded,
				Message: "Docker did not say within " + session.Spell(wait) + " how the command ended.",
				Hint:    "Look at what it did before you run it again."}
		}
		select {
		case <-time.After(exitCheck):
		case <-ctx.Done():
			return 0, ctx.Err()
		}
	}
}

func copyOut(x session.Exec, r io.Reader) error {
	stdout, stderr := orDiscard(x.Stdout), orDiscard(x.Stderr)
	if x.TTY {
		_, err := io.Copy(stdout, r)
		return err
	}
	return demux(r, stdout, stderr)
}

// filtered returns the command with the supervisor before it, which loads the filter that all it starts itself has:
// what an engine runs in a container has not.
func filtered(command []string) []string {
	return append([]string{supervisorPath, "exec", "--"}, command...)
}

// end kills what carries mark.
func (e *Engine) end(ctx context.Context, id session.ID, mark string) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), endTime)
	defer cancel()
	_, _, h, err := e.attach(ctx, id, container.ExecOptions{Cmd: filtered([]string{"sh", "-c", endExec, "sh", mark})})
	if err != nil {
		return err
	}
	defer context.AfterFunc(ctx, h.Close)()
	defer h.Close()
	return demux(h.Reader, io.Discard, io.Discard)
}

// attach starts a command in the session's container and returns its streams.
func (e *Engine) attach(ctx context.Context, id session.ID, options container.ExecOptions) (*connection, string, types.HijackedResponse, error) {
	var none types.HijackedResponse
	if err := validID(id); err != nil {
		return nil, "", none, err
	}
	c, err := e.connect(ctx)
	if err != nil {
		return nil, "", none, err
	}
	options.User, options.WorkingDir = sandboxUser, "/workspace"
	options.AttachStdout, options.AttachStderr = true, true
	made, err := c.api.ContainerExecCreate(ctx, e.containerName(id), options)
	if err == nil {
		var h types.HijackedResponse
		if h, err = c.api.ContainerExecAttach(ctx, made.ID, container.ExecAttachOptions{Tty: options.Tty}); err == nil {
			return c, made.ID, h, nil
		}
	}
	if isGone(err) {
		return nil, "", none, gone(id, err)
	}
	return nil, "", none, e.explain(c, fmt.Sprintf("run %q in the sandbox", options.Cmd), err)
}

func orDiscard(w io.Writer) io.Writer {
	if w == nil {
		return io.Discard
	}
	return w
}

func firstError(all ...error) error {
	for _, err := range all {
		if err != nil {
			return err
		}
	}
	return nil
}
