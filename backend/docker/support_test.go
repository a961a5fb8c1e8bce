package docker

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"sync"
	"testing"

	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/api/types/filters"
	volumes "github.com/docker/docker/api/types/volume"

	"background-agents/backend/session"
)

// tinyDockerfile makes an image that holds a supervisor and nothing else, without a network, in a second.
const tinyDockerfile = `ARG AGENT=tiny
FROM scratch AS base
LABEL test=1
FROM base AS tiny
LABEL test=2
FROM ${AGENT} AS sandbox
COPY bin/supervisor /usr/local/bin/supervisor
RUN ["/usr/local/bin/supervisor", "prepare"]
`

var tinyAgent = session.Agent{ID: "tiny", Name: "Tiny", Command: []string{"tiny"}, Layer: "tiny"}

// tinySupervisor builds testdata/supervisor, once for all tests.
var tinySupervisor = sync.OnceValues(func() ([]byte, error) {
	dir, err := os.MkdirTemp("", "supervisor-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "supervisor")
	c := exec.Command("go", "build", "-trimpath", "-buildvcs=false", "-ldflags", "-s -w", "-o", path, "./testdata/supervisor")
	c.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS=linux", "GOARCH="+runtime.GOARCH)
	c.Stderr = os.Stderr
	if err := c.Run(); err != nil {
		return nil, err
	}
	return os.ReadFile(path)
})

func tinyConfig(t testing.TB) Config {
	return Config{
		Installation:   newInstallation(),
		DataDir:        t.TempDir(),
		Dockerfile:     []byte(tinyDockerfile),
		SupervisorPath: func(string) string { return "bin/supervisor" },
		Supervisor:     func(string) ([]byte, error) { return tinySupervisor() },
		SupervisorSum:  func(string) (string, error) { return sumOf(tinySupervisor()) },
	}
}

// openTest returns an engine of an installation of its own; what it has made goes with the test.
func openTest(t testing.TB, cfg Config) *Engine {
	t.Helper()
	e, err := Open(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		sweep(t, e)
		if err := e.Close(); err != nil {
			t.Error(err)
		}
	})
	return e
}

// tinyEngine is openTest with the tiny image built.
func tinyEngine(t testing.TB) *Engine {
	t.Helper()
	e := openTest(t, tinyConfig(t))
	if err := e.EnsureImage(t.Context(), session.ImageSpec{Agent: tinyAgent}, func(session.ImageState) {}); err != nil {
		t.Fatal(err)
	}
	return e
}

// sweep removes the installation's containers and volumes.
func sweep(t testing.TB, e *Engine) {
	ctx := context.Background()
	c, err := e.connect(ctx)
	if err != nil {
		return // a test of an engine that is not there
	}
	list, err := c.api.ContainerList(ctx, container.ListOptions{All: true, Filters: filters.NewArgs(filters.Arg("label", labelInstance+"="+e.instance))})
	if err != nil {
		t.Error(err)
	}
	for _, found := range list {
		if err := ignoreNotFound(c.api.ContainerRemove(ctx, found.ID, container.RemoveOptions{Force: true})); err != nil {
			t.Error(err)
		}
	}
	left, err := c.api.VolumeList(ctx, volumes.ListOptions{Filters: filters.NewArgs(filters.Arg("label", labelInstance+"="+e.instance))})
	if err != nil {
		t.Error(err)
	}
	for _, v := range left.Volumes {
		if err := ignoreNotFound(c.api.VolumeRemove(ctx, v.Name, true)); err != nil {
			t.Error(err)
		}
	}
}

// newInstallation returns the id of another installation, in the form of all.
func newInstallation() string {
	var b [12]byte
	_, _ = rand.Read(b[:]) // never fails
	return hex.EncodeToString(b[:])
}

func spec(id session.ID) session.SandboxSpec {
	return session.SandboxSpec{Session: id, Project: "project1", Image: session.ImageSpec{Agent: tinyAgent}, MemoryMB: 512, CPUs: 1, Pids: 128}
}

// container inspects a session's container.
func inspect(t testing.TB, e *Engine, id session.ID) container.InspectResponse {
	t.Helper()
	c, err := e.connect(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	found, err := c.api.ContainerInspect(t.Context(), e.containerName(id))
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func sumOf(b []byte, err error) (string, error) {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:]), err
}
