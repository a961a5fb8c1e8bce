package docker

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"strings"
	"syscall"

	"github.com/containerd/errdefs"
	"github.com/docker/docker/client"

	"background-agents/backend/session"
)

// explain says what a failed call to the engine means: doing is what was tried ("create container"). A connection that
// has failed is forgotten, so that the next call finds an engine that was started again.
func (e *Engine) explain(c *connection, doing string, err error) error {
	if err == nil {
		return nil
	}
	if client.IsErrConnectionFailed(err) {
		e.forget(c)
	}
	return explainAt(c.host, c.by, fmt.Errorf("%s: %w", doing, err))
}

func explainAt(host string, by choice, err error) error {
	var known *session.Error
	text := strings.ToLower(err.Error())
	switch {
	case errors.As(err, &known), errors.Is(err, context.Canceled):
		return err
	case errors.Is(err, os.ErrPermission), client.IsErrConnectionFailed(err) && strings.Contains(text, "permission denied"):
		return &session.Error{Code: session.CodeDockerDenied, Err: err,
			Message: "You do not have permission to use Docker at " + host + ".", Hint: deniedHint()}
	case noSpace(text):
		return &session.Error{Code: session.CodeDiskFull, Err: err,
			Message: "The disk on which Docker keeps its data is full.",
			Hint:    "Free space (`docker system df` shows what takes it), then Retry."}
	case client.IsErrConnectionFailed(err), errors.Is(err, context.DeadlineExceeded), unreachable(text), broken(err):
		return &session.Error{Code: session.CodeDockerDown, Err: err,
			Message: "Docker does not answer at " + host + ".", Hint: by.downHint()}
	}
	return err
}

// broken reports whether the connection to the engine ended in the middle of a call.
func broken(err error) bool {
	return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, syscall.ECONNRESET)
}

func noSpace(text string) bool {
	return strings.Contains(text, "no space left on device") || strings.Contains(text, "disk quota exceeded") ||
		strings.Contains(text, "not enough space on the disk")
}

func unreachable(text string) bool {
	return strings.Contains(text, "cannot connect to the docker daemon") || strings.Contains(text, "connection refused") ||
		strings.Contains(text, "no such host") && strings.Contains(text, "dial tcp")
}

// noEngine is the error where there is no socket to ask.
func noEngine() error {
	if installed() {
		return &session.Error{Code: session.CodeDockerDown, Message: "Docker is not running.", Hint: startHint()}
	}
	hint := "Install Docker Desktop, OrbStack or Colima, and start it."
	switch runtime.GOOS {
	case "linux":
		hint = "Install it: `sudo apt install docker.io` on Debian and Ubuntu, else see docs.docker.com/engine/install."
	case "windows":
		hint = "Install Docker Desktop, and start it."
	}
	return &session.Error{Code: session.CodeNoDocker, Message: "There is no Docker engine on this computer.", Hint: hint}
}

// downHint is for an engine that does not answer. One that was named somewhere may not be the one that is meant.
func (c choice) downHint() string {
	if c.name == "" {
		return startHint()
	}
	return c.name + " names this engine. " + c.hint("Start it there")
}

func startHint() string {
	switch runtime.GOOS {
	case "linux":
		return "Start it: `sudo systemctl start docker`, or open Docker Desktop."
	case "darwin":
		return "Start Docker Desktop, OrbStack or Colima."
	}
	return "Start Docker Desktop."
}

// restartHint is for an engine that takes connections and does not answer.
func restartHint() string {
	switch runtime.GOOS {
	case "linux":
		return "Restart it: `sudo systemctl restart docker`, or restart Docker Desktop."
	case "darwin":
		return "Restart Docker Desktop, OrbStack or Colima."
	}
	return "Restart Docker Desktop."
}

func deniedHint() string {
	if runtime.GOOS == "linux" {
		return "Join the group that may: `sudo usermod -aG docker $USER`, then log out and in again."
	}
	return "Start Docker Desktop as this user."
}

// gone is the error for a session whose container is not there, or not running.
func gone(id session.ID, err error) error {
	return &session.Error{Code: session.CodeSandboxGone, Err: err,
		Message: "The sandbox is not running.", Hint: "Resume the session: it starts again where its files are."}
}

// isGone reports whether the engine said that a container is not there or does not run.
func isGone(err error) bool {
	return errdefs.IsNotFound(err) || errdefs.IsConflict(err) &&
		(strings.Contains(err.Error(), "is not running") || strings.Contains(err.Error(), "is paused"))
}

// failed is the error for a sandbox that the engine could not make or start.
func failed(err error) error {
	var known *session.Error
	if err == nil || errors.As(err, &known) || errors.Is(err, context.Canceled) {
		return err
	}
	return &session.Error{Code: session.CodeSandbox, Err: err,
		Message: "The sandbox could not be started: " + cause(err) + ".",
		Hint:    "Retry. If it stays so, `bga doctor` checks the engine."}
}

// cause is an error's text as part of a sentence: one line, without what the engine's client puts around it.
func cause(err error) string {
	return strings.TrimRight(line(strings.ReplaceAll(err.Error(), "Error response from daemon: ", "")), ". ")
}
