package docker

import (
	"archive/tar"
	"bytes"
	"context"
	"strings"
	"testing"

	images "github.com/docker/docker/api/types/image"

	"background-agents/backend/session"
)

// onBase is the tiny image on a base of that name.
func onBase(t *testing.T, base string) *Engine {
	t.Helper()
	cfg := tinyConfig(t)
	cfg.Dockerfile = []byte("ARG BASE_IMAGE=" + base + "\n" + strings.Replace(tinyDockerfile, "FROM scratch AS base", "FROM ${BASE_IMAGE} AS base", 1))
	return openTest(t, cfg)
}

func TestBaseThatIsThereNeedsNoRegistry(t *testing.T) {
	const base = "registry.invalid/bga-test-base:1" // it cannot be pulled
	e := onBase(t, base)
	c, err := e.connect(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var root bytes.Buffer
	w := tar.NewWriter(&root)
	if err := addFile(w, "made-here", 0o644, []byte("by build/setup")); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	body, err := c.api.ImageImport(t.Context(), images.ImportSource{Source: &root, SourceName: "-"}, base, images.ImportOptions{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_, _ = c.api.ImageRemove(context.Background(), base, images.RemoveOptions{Force: true})
	})
	if err := readMessages(body, func(message) {}); err != nil {
		t.Fatal(err)
	}
	_ = body.Close()
	if err := e.EnsureImage(t.Context(), session.ImageSpec{Agent: tinyAgent}, func(session.ImageState) {}); err != nil {
		t.Fatal(err)
	}
	ensure(t, e, spec("first"))
}

func TestBaseThatCannotBePulledSaysWhatToDo(t *testing.T) {
	e := onBase(t, "127.0.0.1:1/none:1")
	known := session.AsError(e.EnsureImage(t.Context(), session.ImageSpec{Agent: tinyAgent}, func(session.ImageState) {}))
	if known == nil || known.Code != session.CodeImage || !strings.Contains(known.Message, "127.0.0.1:1/none:1 can't be pulled") {
		t.Fatalf("%+v", known)
	}
	for _, way := range []string{"docker load", "SANDBOX_IMAGE", "make run"} {
		if !strings.Contains(known.Hint, way) {
			t.Errorf("the hint doesn't name %s: %s", way, known.Hint)
		}
	}
}
