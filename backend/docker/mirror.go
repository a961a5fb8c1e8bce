package docker

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/containerd/errdefs"
	"github.com/docker/docker/api/types"
	"github.com/docker/docker/api/types/container"
	volumes "github.com/docker/docker/api/types/volume"

	"background-agents/backend/session"
)

// MirrorTips implements session.Engine.
func (e *Engine) MirrorTips(ctx context.Context, p session.ProjectID) ([]string, error) {
	if err := validID(p); err != nil {
		return nil, err
	}
	known, err := e.tips.of(string(p))
	if err != nil || known.Volume == "" {
		return nil, err
	}
	c, err := e.connect(ctx)
	if err != nil {
		return nil, err
	}
	v, err := c.api.VolumeInspect(ctx, e.mirrorName(p))
	if err = ignoreNotFound(err); err != nil {
		return nil, e.explain(c, "look for the project's mirror", err)
	}
	if v.Labels[labelMirror] != known.Volume {
		return nil, nil // removed, recreated, or on another engine
	}
	return known.Tips, nil
}

// FillMirror implements session.Engine. The tip is remembered only when the container has said that the mirror holds
// it.
func (e *Engine) FillMirror(ctx context.Context, p session.ProjectID, tip string, bundle io.Reader) error {
	if err := validID(p); err != nil {
		return err
	}
	unlock, err := e.mirrors.lock(ctx, p)
	if err != nil {
		return err
	}
	defer unlock()
	c, err := e.connect(ctx)
	if err != nil {
		return err
	}
	image, err := e.anyImage(ctx, c)
	if err != nil {
		return err
	}
	v, err := e.ensureMirror(ctx, c, p)
	if err != nil {
		return e.explain(c, "make the project's mirror", err)
	}
	filling, cancel := context.WithTimeoutCause(ctx, fillLimit, errFillLate)
	defer cancel()
	held, err := e.fill(filling, c, e.mirrorName(p), e.fillConfig(p, image, c), bundle)
	if err != nil {
		return failedFill(e.explain(c, "fill the project's mirror", err))
	}
	if held != tip {
		return failedFill(fmt.Errorf("it holds %q, not %q", held, tip))
	}
	if name := v.Labels[labelMirror]; name != "" {
		return e.tips.add(string(p), name, tip)
	}
	return nil
}

// ensureMirror makes the mirror's volume with a random label, which ties what we remember about it to this volume. A
// volume that Docker made for a container's mount has no label, and is recreated. While containers use it, it is filled
// as it is and nothing is remembered.
func (e *Engine) ensureMirror(ctx context.Context, c *connection, p session.ProjectID) (volumes.Volume, error) {
	name := e.mirrorName(p)
	v, err := c.api.VolumeInspect(ctx, name)
	if err == nil {
		if v.Labels[labelMirror] != "" {
			return v, nil
		}
		if err = c.api.VolumeRemove(ctx, name, false); errdefs.IsConflict(err) {
			return v, nil
		}
	}
	if ignoreNotFound(err) != nil {
		return v, err
	}
	return c.api.VolumeCreate(ctx, volumes.CreateOptions{
		Name: name, Labels: e.labels(labelProject, string(p), labelMirror, rand.Text()),
	})
}

// filledWait is how long the engine may take to remove the container that has filled a volume, once its streams have
// ended. It ends with the container, or with the sentence that the volume could not be filled.
const filledWait = 30 * time.Second

// fillLimit is how long all of a project's history may take into its mirror. It ends when the mirror holds it, or with
// a sentence.
const fillLimit = time.Hour

// fillName is the name of the container that fills a volume: there is one at a time, and one that was left behind is
// found by it.
func fillName(volume string) string { return volume + "-fill" }

// removeFill removes a container that never began, or hangs: one that ends removes itself. The application may have
// ended between its making and its start, or the engine have made it for nobody.
func (e *Engine) removeFill(ctx context.Context, c *connection, volume string) error {
	err := c.api.ContainerRemove(ctx, fillName(volume), container.RemoveOptions{Force: true})
	if errdefs.IsConflict(err) { // it ends just now, and removes itself
		ended, failed := c.api.ContainerWait(ctx, fillName(volume), container.WaitConditionRemoved)
		select {
		case <-ended:
			return nil
		case err = <-failed:
		}
	}
	return ignoreNotFound(err)
}

// fill runs the container that reads what a volume is to hold, and returns what it printed.
func (e *Engine) fill(ctx context.Context, c *connection, volume string, want config, in io.Reader) (string, error) {
	if err := e.removeFill(ctx, c, volume); err != nil {
		return "", err
	}
	defer func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), endTime)
		defer cancel()
		_ = e.removeFill(ctx, c, volume)
	}()
	made, err := c.api.ContainerCreate(ctx, &want.Container, &want.Host, fillName(volume))
	if errdefs.IsConflict(err) { // one that was asked for by a life of the application that has ended, and was made just now
		if err := e.removeFill(ctx, c, volume); err != nil {
			return "", err
		}
		made, err = c.api.ContainerCreate(ctx, &want.Container, &want.Host, fillName(volume))
	}
	if err != nil {
		return "", err
	}
	h, err := c.api.ContainerAttach(ctx, made.ID, container.AttachOptions{Stream: true, Stdin: true, Stdout: true, Stderr: true})
	if err != nil {
		return "", err
	}
	defer h.Close()
	defer context.AfterFunc(ctx, h.Close)()
	// Asked before the start: afterwards it may be gone already. Until it is, the volume counts as in use.
	ended, failed := c.api.ContainerWait(ctx, made.ID, container.WaitConditionRemoved)
	if err := c.api.ContainerStart(ctx, made.ID, container.StartOptions{}); err != nil {
		return "", err
	}
	stdout, stderr, err := exchange(h, in)
	if ctx.Err() != nil {
		return "", context.Cause(ctx)
	}
	select {
	case end := <-ended:
		if end.StatusCode != 0 {
			return "", errors.Join(fmt.Errorf("exit code %d: %s", end.StatusCode, stderr), err)
		}
		return strings.TrimSpace(stdout), err
	case waitErr := <-failed:
		return "", errors.Join(err, waitErr)
	case <-time.After(filledWait):
		return "", errors.Join(err, errors.New("Docker did not say within "+session.Spell(filledWait)+" how it ended"))
	}
}

// exchange sends in and returns what comes back, which is a line or a complaint.
func exchange(h types.HijackedResponse, in io.Reader) (stdout, stderr string, err error) {
	sent := make(chan error, 1)
	go func() {
		_, err := io.Copy(h.Conn, in)
		sent <- errors.Join(err, h.CloseWrite())
	}()
	var out bytes.Buffer
	var complaint tail
	f := &frames{r: h.Reader, stderr: &complaint}
	_, readErr := io.Copy(&out, io.LimitReader(f, maxComplaint))
	h.Close() // ends a copy that nobody reads any more
	sendErr := <-sent
	if complaint.empty() {
		err = errors.Join(readErr, sendErr)
	}
	return out.String(), complaint.String(), err
}

// errFillLate is the error of a mirror that is not filled within fillLimit.
var errFillLate = &session.Error{Code: session.CodeTimeout, Err: context.DeadlineExceeded,
	Message: "The project's history was not in the sandbox within " + session.Spell(fillLimit) + ".",
	Hint:    "Check that the disk of Docker is not overloaded (`docker stats`), then Retry."}

func failedFill(err error) error {
	var known *session.Error
	if err == nil || errors.As(err, &known) || errors.Is(err, context.Canceled) {
		return err
	}
	return &session.Error{Code: session.CodeSandbox, Err: err,
		Message: "The project's history could not be brought into the sandbox: " + cause(err) + ".",
		Hint:    "Retry. If it stays so, check the repository with `git fsck`."}
}

// RemoveMirror implements session.Engine. A mirror that a session's container still borrows from stays.
func (e *Engine) RemoveMirror(ctx context.Context, p session.ProjectID) error {
	if err := validID(p); err != nil {
		return err
	}
	unlock, err := e.mirrors.lock(ctx, p)
	if err != nil {
		return err
	}
	defer unlock()
	c, err := e.connect(ctx)
	if err != nil {
		return err
	}
	if err := e.removeFill(ctx, c, e.mirrorName(p)); err != nil {
		return e.explain(c, "remove the project's mirror", err)
	}
	err = ignoreNotFound(c.api.VolumeRemove(ctx, e.mirrorName(p), true))
	if errdefs.IsConflict(err) {
		return &session.Error{Code: session.CodeConflict, Err: err,
			Message: "Sessions of this project still use its mirror.", Hint: "Delete its sessions first."}
	}
	if err != nil {
		return e.explain(c, "remove the project's mirror", err)
	}
	return e.tips.forget(string(p))
}
