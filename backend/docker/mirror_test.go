package docker

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/api/types/filters"

	"background-agents/backend/session"
	"background-agents/backend/session/sessiontest"
)

func fill(t *testing.T, e *Engine, p session.ProjectID) (tip string) {
	t.Helper()
	tip, bundle := sessiontest.Bundle(t)
	if err := e.FillMirror(t.Context(), p, tip, bytes.NewReader(bundle)); err != nil {
		t.Fatalf("%v: %v", err, session.AsError(err).Unwrap())
	}
	return tip
}

func held(t *testing.T, e *Engine, p session.ProjectID) []string {
	t.Helper()
	tips, err := e.MirrorTips(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	return tips
}

func TestAMirrorRemovedBehindOurBackHoldsNothing(t *testing.T) {
	e := tinyEngine(t)
	fill(t, e, "project1")
	c, err := e.connect(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := c.api.VolumeRemove(t.Context(), e.mirrorName("project1"), true); err != nil {
		t.Fatal(err)
	}
	if got := held(t, e, "project1"); len(got) != 0 {
		t.Fatalf("a removed mirror holds %v", got)
	}
	ensure(t, e, spec("first")) // the engine makes an empty volume to mount
	if got := held(t, e, "project1"); len(got) != 0 {
		t.Fatalf("an empty mirror holds %v", got)
	}
	fill(t, e, "project1")
	if err := e.Remove(t.Context(), "first"); err != nil {
		t.Fatal(err)
	}
	tip := fill(t, e, "project1")
	if got := held(t, e, "project1"); !slices.Equal(got, []string{tip}) {
		t.Fatalf("a mirror recreated holds %v, want %s", got, tip)
	}
	ensure(t, e, spec("first"))
	if out, _ := run(t, e, "first", "read", "/mirror/tip"); out != tip {
		t.Fatalf("a sandbox finds %q in it", out)
	}
}

func TestAMirrorInUseIsNotRemoved(t *testing.T) {
	e := tinyEngine(t)
	tip := fill(t, e, "project1")
	ensure(t, e, spec("first"))
	if err := e.RemoveMirror(t.Context(), "project1"); session.CodeOf(err) != session.CodeConflict {
		t.Fatalf("%v", err)
	}
	if got := held(t, e, "project1"); !slices.Equal(got, []string{tip}) {
		t.Fatalf("it holds %v", got)
	}
}

// The application ended after a container was made to fill a mirror, and before it began.
func TestAFillThatNeverBeganIsInNobodysWay(t *testing.T) {
	leave := func(t *testing.T, e *Engine) {
		t.Helper()
		c, err := e.connect(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		image, err := e.anyImage(t.Context(), c)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := e.ensureMirror(t.Context(), c, "project1"); err != nil {
			t.Fatal(err)
		}
		want := e.fillConfig("project1", image, c)
		if _, err := c.api.ContainerCreate(t.Context(), &want.Container, &want.Host, fillName(e.mirrorName("project1"))); err != nil {
			t.Fatal(err)
		}
	}
	e := tinyEngine(t)
	leave(t, e)
	tip := fill(t, e, "project1")
	if got := held(t, e, "project1"); !slices.Equal(got, []string{tip}) {
		t.Errorf("it holds %v", got)
	}
	leave(t, e)
	if err := e.RemoveMirror(t.Context(), "project1"); err != nil {
		t.Errorf("the mirror stays: %v", err)
	}
}

func TestABundleThatFailsIsNotRemembered(t *testing.T) {
	e := tinyEngine(t)
	tip, bundle := sessiontest.Bundle(t)
	for _, c := range []struct {
		name, tip string
		bundle    io.Reader
	}{
		{"nothing", tip, strings.NewReader("")},
		{"what is no bundle", tip, strings.NewReader("hello\n")},
		{"a reader that fails", tip, io.MultiReader(bytes.NewReader(bundle[:20]), failing{})},
		{"another commit than was said", strings.Repeat("0", 40), bytes.NewReader(bundle)},
	} {
		t.Run(c.name, func(t *testing.T) {
			err := e.FillMirror(t.Context(), "project1", c.tip, c.bundle)
			if session.CodeOf(err) != session.CodeSandbox {
				t.Errorf("%v", err)
			}
			if got := held(t, e, "project1"); len(got) != 0 {
				t.Errorf("it holds %v", got)
			}
		})
	}
}

type failing struct{}

func (failing) Read([]byte) (int, error) { return 0, errors.New("git went away") }

func TestACancelledFillEndsAndLeavesNoContainer(t *testing.T) {
	e := tinyEngine(t)
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	stuck, w := io.Pipe()
	t.Cleanup(func() { _ = w.Close() })
	done := make(chan error, 1)
	go func() { done <- e.FillMirror(ctx, "project1", "x", stuck) }()
	<-ctx.Done()
	_ = stuck.CloseWithError(ctx.Err()) // as the bundle's writer does
	select {
	case err := <-done:
		if !errors.Is(err, context.DeadlineExceeded) && session.CodeOf(err) == "" {
			t.Fatal(err)
		}
	case <-time.After(20 * time.Second):
		t.Fatal("it goes on")
	}
	c, err := e.connect(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	list, err := c.api.ContainerList(t.Context(), container.ListOptions{All: true, Filters: filters.NewArgs(filters.Arg("label", labelInstance+"="+e.instance))})
	if err != nil || len(list) != 0 {
		t.Fatalf("left are %v, %v", list, err)
	}
}

func TestWhatTheMirrorsHoldIsBoundedAndSurvivesABrokenFile(t *testing.T) {
	e := openTest(t, tinyConfig(t))
	for i := range 3 * maxTips {
		if err := e.tips.add("project1", "volume", fmt.Sprint(i)); err != nil {
			t.Fatal(err)
		}
	}
	known, err := e.tips.of("project1")
	if err != nil || len(known.Tips) != maxTips || known.Tips[maxTips-1] != fmt.Sprint(3*maxTips-1) {
		t.Fatalf("%d tips, %v", len(known.Tips), err)
	}
	if err := e.tips.add("project1", "another volume", "new"); err != nil {
		t.Fatal(err)
	}
	if known, err := e.tips.of("project1"); err != nil || !slices.Equal(known.Tips, []string{"new"}) {
		t.Fatalf("of another volume: %v, %v", known, err)
	}
	for _, text := range []string{"", "{", "null", "[1]"} {
		if err := os.WriteFile(e.tips.path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if known, err := e.tips.of("project1"); err != nil || len(known.Tips) != 0 {
			t.Errorf("%q: %v, %v", text, known, err)
		}
		if err := e.tips.add("project1", "volume", "tip"); err != nil {
			t.Errorf("%q: %v", text, err)
		}
	}
}
