package docker

import (
	"context"
	"errors"
	"time"

	"github.com/docker/docker/api/types"
	"github.com/docker/docker/api/types/container"
	images "github.com/docker/docker/api/types/image"
	"github.com/docker/docker/api/types/system"
	volumes "github.com/docker/docker/api/types/volume"
	"github.com/docker/docker/client"

	"background-agents/backend/session"
)

// callTime is how long an engine may take for one call that is not a stream, a build or a pull: a busy disk makes some
// of them slow. The wait ends with the engine's answer, or with the sentence that it did not answer.
const callTime = 2 * time.Minute

// calls is the engine's client. Each call that is not a stream, a build or a pull ends after limit.
type calls struct {
	*client.Client
	host  string
	by    choice
	limit time.Duration
}

// silent is the error of a call that the engine did not answer.
func (c *calls) silent() error {
	hint := restartHint()
	if c.by.name != "" {
		hint = c.by.name + " names this engine. " + c.by.hint("Restart it there")
	}
	return session.NoAnswer(session.CodeDockerDown, "Docker at "+c.host, c.limit, hint)
}

// within calls f with a context that ends after the limit.
func within[T any](ctx context.Context, c *calls, f func(context.Context) (T, error)) (T, error) {
	silent := c.silent()
	ctx, cancel := context.WithTimeoutCause(ctx, c.limit, silent)
	defer cancel()
	got, err := f(ctx)
	if err != nil && errors.Is(context.Cause(ctx), silent) {
		err = silent
	}
	return got, err
}

// hijacked is within for a call that takes its connection over: the client waits for the answer to one whatever becomes
// of the context.
func hijacked(ctx context.Context, c *calls, f func(context.Context) (types.HijackedResponse,
	error)) (types.HijackedResponse, error) {
	return within(ctx, c, func(limited context.Context) (types.HijackedResponse, error) {
		type result struct {
			h   types.HijackedResponse
			err error
		}
		done := make(chan result, 1)
		go func() {
			h, err := f(ctx) // its streams outlive the limit
			done <- result{h, err}
		}()
		select {
		case r := <-done:
			return r.h, r.err
		case <-limited.Done():
			go func() {
				if r := <-done; r.err == nil {
					r.h.Close() // it came too late
				}
			}()
			return types.HijackedResponse{}, limited.Err()
		}
	})
}

// nothing is the result of a call that only has an error.
type nothing struct{}

func only(err error) (nothing, error) { return nothing{}, err }

func (c *calls) Info(ctx context.Context) (system.Info, error) { return within(ctx, c, c.Client.Info) }

func (c *calls) ServerVersion(ctx context.Context) (types.Version, error) {
	return within(ctx, c, c.Client.ServerVersion)
}

func (c *calls) Ping(ctx context.Context) (types.Ping, error) { return within(ctx, c, c.Client.Ping) }

// ContainerCreate makes a container without a network, on the engine's own platform.
func (c *calls) ContainerCreate(ctx context.Context, what *container.Config, host *container.HostConfig,
	name string) (container.CreateResponse, error) {
	return within(ctx, c, func(ctx context.Context) (container.CreateResponse, error) {
		return c.Client.ContainerCreate(ctx, what, host, nil, nil, name)
	})
}

func (c *calls) ContainerStart(ctx context.Context, id string, o container.StartOptions) error {
	_, err := within(ctx, c, func(ctx context.Context) (nothing,
		error) {
		return only(c.Client.ContainerStart(ctx, id, o))
	})
	return err
}

func (c *calls) ContainerStop(ctx context.Context, id string, o container.StopOptions) error {
	_, err := within(ctx, c, func(ctx context.Context) (nothing,
		error) {
		return only(c.Client.ContainerStop(ctx, id, o))
	})
	return err
}

func (c *calls) ContainerUnpause(ctx context.Context, id string) error {
	_, err := within(ctx, c, func(ctx context.Context) (nothing,
		error) {
		return only(c.Client.ContainerUnpause(ctx, id))
	})
	return err
}

func (c *calls) ContainerRemove(ctx context.Context, id string, o container.RemoveOptions) error {
	_, err := within(ctx, c, func(ctx context.Context) (nothing,
		error) {
		return only(c.Client.ContainerRemove(ctx, id, o))
	})
	return err
}

func (c *calls) ContainerInspect(ctx context.Context, id string) (container.InspectResponse, error) {
	return within(ctx, c, func(ctx context.Context) (container.InspectResponse, error) {
		return c.Client.ContainerInspect(ctx, id)
	})
}

func (c *calls) ContainerList(ctx context.Context, o container.ListOptions) ([]container.Summary, error) {
	return within(ctx, c, func(ctx context.Context) ([]container.Summary,
		error) {
		return c.Client.ContainerList(ctx, o)
	})
}

func (c *calls) ContainerExecCreate(ctx context.Context, id string,
	o container.ExecOptions) (container.ExecCreateResponse, error) {
	return within(ctx, c, func(ctx context.Context) (container.ExecCreateResponse, error) {
		return c.Client.ContainerExecCreate(ctx, id, o)
	})
}

func (c *calls) ContainerExecInspect(ctx context.Context, id string) (container.ExecInspect, error) {
	return within(ctx, c, func(ctx context.Context) (container.ExecInspect, error) {
		return c.Client.ContainerExecInspect(ctx, id)
	})
}

func (c *calls) ContainerExecAttach(ctx context.Context, id string,
	o container.ExecAttachOptions) (types.HijackedResponse, error) {
	return hijacked(ctx, c, func(ctx context.Context) (types.HijackedResponse, error) {
		return c.Client.ContainerExecAttach(ctx, id, o)
	})
}

func (c *calls) ContainerAttach(ctx context.Context, id string, o container.AttachOptions) (types.HijackedResponse,
	error) {
	return hijacked(ctx, c, func(ctx context.Context) (types.HijackedResponse,
		error) {
		return c.Client.ContainerAttach(ctx, id, o)
	})
}

func (c *calls) ImageInspect(ctx context.Context, id string, o ...client.ImageInspectOption) (images.InspectResponse,
	error) {
	return within(ctx, c, func(ctx context.Context) (images.InspectResponse,
		error) {
		return c.Client.ImageInspect(ctx, id, o...)
	})
}

func (c *calls) ImageList(ctx context.Context, o images.ListOptions) ([]images.Summary, error) {
	return within(ctx, c, func(ctx context.Context) ([]images.Summary, error) { return c.Client.ImageList(ctx, o) })
}

func (c *calls) ImageRemove(ctx context.Context, id string, o images.RemoveOptions) ([]images.DeleteResponse, error) {
	return within(ctx, c, func(ctx context.Context) ([]images.DeleteResponse,
		error) {
		return c.Client.ImageRemove(ctx, id, o)
	})
}

func (c *calls) VolumeCreate(ctx context.Context, o volumes.CreateOptions) (volumes.Volume, error) {
	return within(ctx, c, func(ctx context.Context) (volumes.Volume, error) { return c.Client.VolumeCreate(ctx, o) })
}

func (c *calls) VolumeInspect(ctx context.Context, name string) (volumes.Volume, error) {
	return within(ctx, c, func(ctx context.Context) (volumes.Volume,
		error) {
		return c.Client.VolumeInspect(ctx, name)
	})
}

func (c *calls) VolumeList(ctx context.Context, o volumes.ListOptions) (volumes.ListResponse, error) {
	return within(ctx, c, func(ctx context.Context) (volumes.ListResponse,
		error) {
		return c.Client.VolumeList(ctx, o)
	})
}

func (c *calls) VolumeRemove(ctx context.Context, name string, force bool) error {
	_, err := within(ctx, c, func(ctx context.Context) (nothing,
		error) {
		return only(c.Client.VolumeRemove(ctx, name, force))
	})
	return err
}
