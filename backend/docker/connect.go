package docker

import (
	"cmp"
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/docker/docker/client"

	"background-agents/backend/session"
)

// connection is an engine that has answered, and what of it never changes.
type connection struct {
	api  *calls
	host string
	by   choice
	name string // "Docker 28.5 on linux/amd64"
	arch string // amd64, arm64
	cpus int
	// memoryMB is what the engine's computer or virtual machine has.
	memoryMB int
	root     string // the engine's own folder, "" where it is not on this computer
	near     bool   // it is asked over a socket or pipe of this computer, so it sees the user's files
	// seccomp is the option that gives containers our profile, "" where the engine takes none.
	seccomp string
}

// answerTime is how long an engine may take to say what it is. The wait ends with its answer, or with the sentence that
// it did not answer: then the next place is asked, and in the end the session waits for an engine.
const answerTime = 5 * time.Second

// connect returns the engine that answered last, or looks for one.
func (e *Engine) connect(ctx context.Context) (*connection, error) {
	if c := e.connected(); c != nil {
		return c, nil
	}
	select {
	case e.connecting <- struct{}{}:
		defer func() { <-e.connecting }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	if c := e.connected(); c != nil {
		return c, nil
	}
	c, err := look(ctx)
	if err != nil {
		return c, err
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.conn = c
	return c, nil
}

func (e *Engine) connected() *connection {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.conn
}

// forget makes the next call look for an engine again.
func (e *Engine) forget(c *connection) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.conn == c {
		e.conn = nil
	}
}

// look asks each place for an engine. Where none answers, the error is the one that says most; the connection then has
// only the host that was tried.
func look(ctx context.Context) (*connection, error) {
	all, err := endpoints()
	if err != nil {
		return nil, &session.Error{Code: session.CodeDockerDown, Err: err,
			Message: "The Docker engine that is configured cannot be found: " + cause(err) + ".",
			Hint:    all[0].by.hint("Choose another with `docker context use`")}
	}
	var worst error
	var tried *connection
	for _, place := range all {
		c, err := open(ctx, place)
		if err == nil {
			return c, nil
		}
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if worst == nil || session.CodeOf(err) == session.CodeDockerDenied {
			worst, tried = err, &connection{host: place.host, by: place.by}
		}
	}
	if worst == nil {
		worst = noEngine()
	}
	return tried, worst
}

func open(ctx context.Context, place endpoint) (*connection, error) {
	opts := append([]client.Opt{client.WithAPIVersionNegotiation()}, place.opts...)
	if strings.HasPrefix(place.host, "ssh://") {
		opts = []client.Opt{client.WithAPIVersionNegotiation(), client.WithHost("http://docker"),
			client.WithDialContext(sshDialer(place.host))}
	}
	made, err := client.NewClientWithOpts(opts...)
	if err != nil {
		return nil, &session.Error{Code: session.CodeDockerDown, Err: err,
			Message: fmt.Sprintf("%q is not a valid Docker address.", place.host),
			Hint:    place.by.hint("Correct " + cmp.Or(place.by.name, "it"))}
	}
	api := &calls{made, place.host, place.by, answerTime}
	info, err := api.Info(ctx)
	if err == nil && info.OSType != "linux" {
		err = &session.Error{Code: session.CodeDockerDown,
			Message: "Docker runs " + info.OSType + " containers; sandboxes are Linux containers.",
			Hint:    "Switch Docker Desktop to Linux containers."}
	}
	if err != nil {
		_ = api.Close()
		return nil, explainAt(place.host, place.by, err)
	}
	version, err := api.ServerVersion(ctx)
	if err != nil {
		_ = api.Close()
		return nil, explainAt(place.host, place.by, err)
	}
	api.limit = callTime
	c := &connection{api: api, host: place.host, by: place.by, near: near(place.host), arch: goArch(info.Architecture),
		cpus: info.NCPU, memoryMB: int(info.MemTotal >> 20), seccomp: profileFor(info, version)}
	if strings.HasPrefix(place.host, "unix://") {
		c.root = info.DockerRootDir
	}
	c.name = fmt.Sprintf("Docker %s on %s/%s", shortVersion(info.ServerVersion), info.OSType, c.arch)
	return c, nil
}

// near reports whether an engine sees the files of this computer: through a socket or pipe of it, also one of a virtual
// machine's engine, which shares the user's home folder. A port may lead anywhere.
func near(host string) bool {
	return strings.HasPrefix(host, "unix://") || strings.HasPrefix(host, "npipe://")
}

// mountable returns an *session.Error where a session's mounts cannot be had: another computer's engine would mount its
// own files.
func (c *connection) mountable(binds []session.Bind) error {
	if len(binds) == 0 || c.near {
		return nil
	}
	var sources []string
	for _, b := range binds {
		sources = append(sources, b.Source)
	}
	return &session.Error{
		Code: session.CodeSandbox, Message: "The Docker engine at " + c.host +
			" does not see the files of this computer, so it can't mount " +
			strings.Join(sources, ", ") + ".",
		Hint: "Switch the project's mounts off (`bga project mount` lists them), or use an engine on this computer: unset DOCKER_HOST, or `docker context use default`.",
	}
}

// goArch turns what `uname -m` says into Go's word for it.
func goArch(machine string) string {
	switch machine {
	case "x86_64":
		return "amd64"
	case "aarch64":
		return "arm64"
	}
	return machine
}

func shortVersion(v string) string {
	parts := strings.SplitN(v, ".", 3)
	return strings.Join(parts[:min(2, len(parts))], ".")
}

func hostOf(c *connection) string {
	if c == nil {
		return ""
	}
	return c.host
}

// hint says what to do about an engine that does not work as it should: first, and where it was named, not to use it.
func (c choice) hint(first string) string {
	if c.name == "" {
		return first + "."
	}
	return first + ", or " + c.undo + "."
}
