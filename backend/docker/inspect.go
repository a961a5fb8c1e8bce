package docker

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/containerd/errdefs"
	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/api/types/filters"
	volumes "github.com/docker/docker/api/types/volume"

	"background-agents/backend/session"
)

// Sandbox implements session.Engine: CodeNotFound where there is neither a container nor a volume.
func (e *Engine) Sandbox(ctx context.Context, id session.ID) (session.Sandbox, error) {
	if err := validID(id); err != nil {
		return session.Sandbox{}, err
	}
	c, err := e.connect(ctx)
	if err != nil {
		return session.Sandbox{}, err
	}
	found, err := c.api.ContainerInspect(ctx, e.containerName(id))
	if errdefs.IsNotFound(err) {
		return e.withoutContainer(ctx, c, id)
	}
	if err != nil {
		return session.Sandbox{}, e.explain(c, "inspect sandbox", err)
	}
	sb := session.Sandbox{
		Session:   id,
		Project:   session.ProjectID(found.Config.Labels[labelProject]),
		State:     stateOf(found.State.Status),
		Container: found.ID,
		Image:     found.Config.Image,
		Volumes:   []string{e.homeName(id), e.workspaceName(id)},
		ExitCode:  found.State.ExitCode,
		OOMKilled: found.State.OOMKilled,
		CreatedAt: millis(found.Created),
		StartedAt: millis(found.State.StartedAt),
		LimitMB:   int(found.HostConfig.Memory >> 20),
	}
	return sb, nil
}

// Measure implements session.Engine.
func (e *Engine) Measure(ctx context.Context, containerID string) (memoryMB int, cpu float64, err error) {
	c, err := e.connect(ctx)
	if err != nil {
		return 0, 0, err
	}
	memoryMB, cpu = e.usage.of(ctx, c.api, containerID)
	return memoryMB, cpu, nil
}

// withoutContainer answers for a session whose container was removed: its volumes still hold its work.
func (e *Engine) withoutContainer(ctx context.Context, c *connection, id session.ID) (session.Sandbox, error) {
	left, err := e.volumes(ctx, c, filters.Arg("label", labelSession+"="+string(id)))
	if err != nil {
		return session.Sandbox{}, err
	}
	if sb, ok := left[id]; ok {
		return *sb, nil
	}
	return session.Sandbox{}, &session.Error{Code: session.CodeNotFound,
		Message: "This session has no sandbox.", Hint: "Resume the session to make one."}
}

// Sandboxes implements session.Engine.
func (e *Engine) Sandboxes(ctx context.Context) ([]session.Sandbox, error) {
	c, err := e.connect(ctx)
	if err != nil {
		return nil, err
	}
	all, err := e.volumes(ctx, c)
	if err != nil {
		return nil, err
	}
	list, err := c.api.ContainerList(ctx, container.ListOptions{All: true, Filters: filters.NewArgs(ofAll(), filters.Arg("label", labelSession))})
	if err != nil {
		return nil, e.explain(c, "list sandboxes", err)
	}
	for _, found := range list {
		if !e.mine(found.Labels) {
			continue
		}
		id := session.ID(found.Labels[labelSession])
		sb := all[id]
		if sb == nil {
			sb = &session.Sandbox{Session: id}
			all[id] = sb
		}
		sb.Project = session.ProjectID(found.Labels[labelProject])
		sb.State, sb.Container, sb.Image = stateOf(found.State), found.ID, found.Image
		sb.CreatedAt = session.Millis(found.Created * 1000)
	}
	sandboxes := make([]session.Sandbox, 0, len(all))
	for _, sb := range all {
		sandboxes = append(sandboxes, *sb)
	}
	slices.SortFunc(sandboxes, func(a, b session.Sandbox) int { return strings.Compare(string(a.Session), string(b.Session)) })
	return sandboxes, nil
}

// volumes returns the sessions' volumes that are there, as sandboxes without a container.
func (e *Engine) volumes(ctx context.Context, c *connection, more ...filters.KeyValuePair) (map[session.ID]*session.Sandbox, error) {
	args := filters.NewArgs(append(more, ofAll())...)
	list, err := c.api.VolumeList(ctx, volumes.ListOptions{Filters: args})
	if err != nil {
		return nil, e.explain(c, "list volumes", err)
	}
	all := map[session.ID]*session.Sandbox{}
	for _, v := range list.Volumes {
		id := session.ID(v.Labels[labelSession])
		if id == "" || !e.mine(v.Labels) {
			continue // a mirror, or of another installation
		}
		if all[id] == nil {
			all[id] = &session.Sandbox{Session: id, Project: session.ProjectID(v.Labels[labelProject]), State: session.SandboxMissing}
		}
		all[id].Volumes = append(all[id].Volumes, v.Name)
		slices.Sort(all[id].Volumes)
	}
	return all, nil
}

// ofAll selects what any installation made. Which of it is this one's is decided by mine: an engine can't be asked for either of two
// labels.
func ofAll() filters.KeyValuePair { return filters.Arg("label", labelApp+"=1") }

func stateOf(status string) session.SandboxState {
	switch status {
	case "running":
		return session.SandboxRunning
	case "paused":
		return session.SandboxPaused
	case "created", "exited":
		return session.SandboxStopped
	case "restarting":
		return session.SandboxPreparing
	case "removing":
		return session.SandboxMissing
	}
	return session.SandboxError
}

// millis reads the engine's time; "not yet" is the year 1 there.
func millis(s string) session.Millis {
	t, err := time.Parse(time.RFC3339Nano, s)
	if err != nil || t.Year() < 1970 {
		return 0
	}
	return session.Millis(t.UnixMilli())
}
