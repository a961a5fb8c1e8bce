package docker

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/docker/docker/api/types/container"
	images "github.com/docker/docker/api/types/image"
	volumes "github.com/docker/docker/api/types/volume"

	"background-agents/backend/session"
)

// silentEngine listens as an engine that says what it is, and answers nothing else; its connection gives a call 50
// milliseconds.
func silentEngine(t *testing.T) *connection {
	t.Helper()
	path := socketPath(t)
	l, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	hang := make(chan struct{})
	srv := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case strings.HasSuffix(r.URL.Path, "/_ping"):
			w.Header().Set("Api-Version", "1.51")
		case strings.HasSuffix(r.URL.Path, "/info"):
			_, _ = io.WriteString(w, `{"OSType":"linux","Architecture":"x86_64","ServerVersion":"28.5.2","NCPU":2}`)
		case strings.HasSuffix(r.URL.Path, "/version"):
			_, _ = io.WriteString(w, `{"Version":"28.5.2"}`)
		default:
			<-hang
		}
	})}
	go func() { _ = srv.Serve(l) }()
	t.Cleanup(func() { close(hang); _ = srv.Close() })
	host := "unix://" + path
	c, err := open(t.Context(), endpoint{host: host, opts: hostOpts(host)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.api.Close() })
	c.api.limit = 50 * time.Millisecond
	return c
}

func TestACallThatTheEngineDoesNotAnswerEndsAndSaysSo(t *testing.T) {
	t.Parallel()
	c := silentEngine(t)
	for name, call := range map[string]func(ctx context.Context) error{
		"create": func(ctx context.Context) error {
			_, err := c.api.ContainerCreate(ctx, &container.Config{}, &container.HostConfig{}, "x")
			return err
		},
		"start":   func(ctx context.Context) error { return c.api.ContainerStart(ctx, "x", container.StartOptions{}) },
		"stop":    func(ctx context.Context) error { return c.api.ContainerStop(ctx, "x", container.StopOptions{}) },
		"unpause": func(ctx context.Context) error { return c.api.ContainerUnpause(ctx, "x") },
		"remove": func(ctx context.Context) error {
			return c.api.ContainerRemove(ctx, "x",
				container.RemoveOptions{})
		},
		"inspect": func(ctx context.Context) error { _, err := c.api.ContainerInspect(ctx, "x"); return err },
		"list": func(ctx context.Context) error {
			_, err := c.api.ContainerList(ctx, container.ListOptions{})
			return err
		},
		"exec": func(ctx context.Context) error {
			_, err := c.api.ContainerExecCreate(ctx, "x", container.ExecOptions{})
			return err
		},
		"exit code": func(ctx context.Context) error { _, err := c.api.ContainerExecInspect(ctx, "x"); return err },
		"streams of a command": func(ctx context.Context) error {
			_, err := c.api.ContainerExecAttach(ctx, "x", container.ExecAttachOptions{})
			return err
		},
		"streams of a container": func(ctx context.Context) error {
			_, err := c.api.ContainerAttach(ctx, "x", container.AttachOptions{})
			return err
		},
		"image":  func(ctx context.Context) error { _, err := c.api.ImageInspect(ctx, "x"); return err },
		"images": func(ctx context.Context) error { _, err := c.api.ImageList(ctx, images.ListOptions{}); return err },
		"remove image": func(ctx context.Context) error {
			_, err := c.api.ImageRemove(ctx, "x", images.RemoveOptions{})
			return err
		},
		"create volume": func(ctx context.Context) error {
			_, err := c.api.VolumeCreate(ctx, volumes.CreateOptions{})
			return err
		},
		"volume": func(ctx context.Context) error { _, err := c.api.VolumeInspect(ctx, "x"); return err },
		"volumes": func(ctx context.Context) error {
			_, err := c.api.VolumeList(ctx, volumes.ListOptions{})
			return err
		},
		"remove volume": func(ctx context.Context) error { return c.api.VolumeRemove(ctx, "x", true) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			known := session.AsError(call(t.Context()))
			want := "Docker at " + c.host + " did not answer within 50 milliseconds."
			if known == nil || known.Code != session.CodeDockerDown || known.Message != want || known.Hint == "" {
				t.Errorf("%+v", known)
			}
			stopped, stop := context.WithCancel(t.Context())
			stop()
			if err := call(stopped); !errors.Is(err, context.Canceled) ||
				session.CodeOf(err) == session.CodeDockerDown {
				t.Errorf("given up by its caller: %v", err)
			}
		})
	}
}

// Every operation of a session goes through these calls, so none waits longer for an engine that hangs.
func TestOperationsEndWhereTheEngineHangs(t *testing.T) {
	t.Parallel()
	e := openTest(t, tinyConfig(t))
	e.conn = silentEngine(t)
	t.Cleanup(func() { e.conn = nil }) // it has nothing that could be swept
	e.tips.path = socketPath(t) + ".json"
	if err := e.tips.add("project1", "volume", strings.Repeat("1", 40)); err != nil {
		t.Fatal(err)
	}
	for name, call := range map[string]func() error{
		"ImageCurrent": func() error { _, err := e.ImageCurrent(t.Context(), session.ImageSpec{Agent: tinyAgent}); return err },
		"EnsureImage": func() error {
			return e.EnsureImage(t.Context(), session.ImageSpec{Agent: tinyAgent}, func(session.ImageState) {})
		},
		"EnsureSandbox": func() error { return e.EnsureSandbox(t.Context(), spec("first")) },
		"Stop":          func() error { return e.Stop(t.Context(), "first") },
		"Remove":        func() error { return e.Remove(t.Context(), "first") },
		"Sandbox":       func() error { _, err := e.Sandbox(t.Context(), "first"); return err },
		"Sandboxes":     func() error { _, err := e.Sandboxes(t.Context()); return err },
		"Connect":       func() error { _, err := e.Connect(t.Context(), "first"); return err },
		"Exec": func() error {
			_, err := e.Exec(t.Context(), "first", session.Exec{Command: []string{"true"}})
			return err
		},
		"ToolCurrent": func() error {
			_, err := e.ToolCurrent(t.Context(), session.Toolchain{Name: "go", Version: "1"})
			return err
		},
		"FillTool":     func() error { return e.FillTool(t.Context(), session.Toolchain{Name: "go", Version: "1"}, nil) },
		"MirrorTips":   func() error { _, err := e.MirrorTips(t.Context(), "project1"); return err },
		"FillMirror":   func() error { return e.FillMirror(t.Context(), "project1", "x", strings.NewReader("")) },
		"RemoveMirror": func() error { return e.RemoveMirror(t.Context(), "project1") },
	} {
		if known := session.AsError(call()); known == nil || known.Code != session.CodeDockerDown ||
			!strings.Contains(known.Message, "did not answer within") {
			t.Errorf("%s: %+v", name, known)
		}
	}
}

func TestACommandWhoseExitCodeTheEngineDoesNotKnowEnds(t *testing.T) {
	t.Parallel()
	path := socketPath(t)
	l, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	srv := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case strings.HasSuffix(r.URL.Path, "/info"):
			_, _ = io.WriteString(w, `{"OSType":"linux","Architecture":"x86_64","ServerVersion":"28.5.2","NCPU":2}`)
		default:
			_, _ = io.WriteString(w, `{"Running":true}`)
		}
	})}
	go func() { _ = srv.Serve(l) }()
	t.Cleanup(func() { _ = srv.Close() })
	c, err := open(t.Context(), endpoint{host: "unix://" + path, opts: hostOpts("unix://" + path)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.api.Close() })
	_, err = (&Engine{}).exitCode(t.Context(), c, "first", "x", 50*time.Millisecond)
	if known := session.AsError(err); known.Code != session.CodeTimeout ||
		known.Message != "Docker did not say within 50 milliseconds how the command ended." {
		t.Errorf("%+v", known)
	}
}
