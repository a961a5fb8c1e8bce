package docker

import (
	"context"
	"errors"
	"time"

	"github.com/containerd/errdefs"
	"github.com/docker/docker/api/types/container"

	"background-agents/backend/session"
)

// When another process is just making or removing the container (of this installation, or the user's), EnsureSandbox
// starts over after ensurePause. The waits end with a container that runs, or after ensureTries with the engine's own
// error.
const (
	ensureTries = 50
	ensurePause = 100 * time.Millisecond
)

// EnsureSandbox implements session.Engine. A container that runs is left as it is, whatever it was made from: an agent
// may be at work in it. One that is stopped is recreated where its image or limits have changed.
func (e *Engine) EnsureSandbox(ctx context.Context, spec session.SandboxSpec) error {
	if err := errors.Join(validID(spec.Session), validID(spec.Project)); err != nil {
		return err
	}
	unlock, err := e.sessions.lock(ctx, spec.Session)
	if err != nil {
		return err
	}
	defer unlock()
	c, err := e.connect(ctx)
	if err != nil {
		return err
	}
	if err := errors.Join(c.mountable(spec.Binds), e.checkRuntime(ctx, c)); err != nil {
		return err
	}
	image, err := e.currentImage(ctx, c, spec.Image)
	if err != nil {
		return err
	}
	want, err := e.sandboxConfig(spec, image, c)
	if err != nil {
		return err
	}
	hash := want.hash(image.id)
	want.Container.Labels[labelSpec] = hash
	for range ensureTries {
		err = e.ensureOnce(ctx, c, e.containerName(spec.Session), want, hash)
		if !errdefs.IsConflict(err) && !errdefs.IsNotFound(err) {
			break
		}
		select {
		case <-time.After(ensurePause):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return failed(e.explain(c, "start sandbox", err))
}

func (e *Engine) ensureOnce(ctx context.Context, c *connection, name string, want config, hash string) error {
	found, err := c.api.ContainerInspect(ctx, name)
	switch {
	case errdefs.IsNotFound(err):
		return create(ctx, c.api, name, want)
	case err != nil:
		return err
	case found.State.Paused:
		return c.api.ContainerUnpause(ctx, name)
	case found.State.Running:
		return nil
	case found.Config.Labels[labelSpec] == hash && !found.State.Dead:
		return c.api.ContainerStart(ctx, found.ID, container.StartOptions{})
	}
	if err := c.api.ContainerRemove(ctx, found.ID, container.RemoveOptions{Force: true}); err != nil && !errdefs.IsNotFound(err) {
		return err
	}
	return create(ctx, c.api, name, want)
}

// create makes a container and starts it. One that does not start is not left behind.
func create(ctx context.Context, api *calls, name string, want config) error {
	made, err := api.ContainerCreate(ctx, &want.Container, &want.Host, name)
	if err != nil {
		return err
	}
	if err := api.ContainerStart(ctx, made.ID, container.StartOptions{}); err != nil {
		ctx := context.WithoutCancel(ctx)
		return errors.Join(err, ignoreNotFound(api.ContainerRemove(ctx, made.ID, container.RemoveOptions{Force: true})))
	}
	return nil
}

// Stop implements session.Engine.
func (e *Engine) Stop(ctx context.Context, id session.ID) error {
	unlock, c, err := e.hold(ctx, id)
	if err != nil {
		return err
	}
	defer unlock()
	name, seconds := e.containerName(id), stopSeconds
	err = c.api.ContainerStop(ctx, name, container.StopOptions{Timeout: &seconds})
	if errdefs.IsConflict(err) { // a paused container cannot be told to end
		if err = c.api.ContainerUnpause(ctx, name); err == nil {
			err = c.api.ContainerStop(ctx, name, container.StopOptions{Timeout: &seconds})
		}
	}
	return e.explain(c, "stop sandbox", ignoreNotFound(err))
}

// Remove implements session.Engine.
func (e *Engine) Remove(ctx context.Context, id session.ID) error {
	unlock, c, err := e.hold(ctx, id)
	if err != nil {
		return err
	}
	defer unlock()
	err = c.api.ContainerRemove(ctx, e.containerName(id), container.RemoveOptions{Force: true})
	if err = ignoreNotFound(err); err != nil {
		return e.explain(c, "remove sandbox", err)
	}
	for _, name := range []string{e.workspaceName(id), e.homeName(id)} {
		if err := ignoreNotFound(c.api.VolumeRemove(ctx, name, true)); err != nil {
			return e.explain(c, "remove volume "+name, err)
		}
	}
	return nil
}

// hold waits until nobody else changes the session's sandbox.
func (e *Engine) hold(ctx context.Context, id session.ID) (func(), *connection, error) {
	if err := validID(id); err != nil {
		return nil, nil, err
	}
	unlock, err := e.sessions.lock(ctx, id)
	if err != nil {
		return nil, nil, err
	}
	c, err := e.connect(ctx)
	if err != nil {
		unlock()
		return nil, nil, err
	}
	return unlock, c, nil
}

func ignoreNotFound(err error) error {
	if errdefs.IsNotFound(err) {
		return nil
	}
	return err
}
