package sessiontest

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"background-agents/backend/session"
)

func engineSaysWhatItIs(t *testing.T, e EngineUnderTest) {
	state, err := e.Engine.Ping(t.Context())
	if err != nil || !state.OK || state.Name == "" {
		t.Fatalf("Ping is %+v, %v", state, err)
	}
}

func builtImageIsCurrent(t *testing.T, e EngineUnderTest) {
	if current, err := e.Engine.ImageCurrent(t.Context(), session.ImageSpec{Agent: e.Agent}); err != nil || !current {
		t.Fatalf("ImageCurrent is %v, %v", current, err)
	}
	if err := e.Engine.EnsureImage(t.Context(), session.ImageSpec{Agent: e.Agent}, func(session.ImageState) {}); err != nil {
		t.Fatalf("EnsureImage of a current image: %v", err)
	}
}

func sessionWithoutSandbox(t *testing.T, e EngineUnderTest) {
	e.want(t, "nobody", session.SandboxNone)
	if ids := e.list(t); len(ids) != 0 {
		t.Fatalf("a new installation has %v", ids)
	}
}

func ensureMakesAndFinds(t *testing.T, e EngineUnderTest) {
	e.ensure(t, "first")
	e.want(t, "first", session.SandboxRunning)
	before, err := e.Engine.Sandbox(t.Context(), "first")
	if err != nil {
		t.Fatal(err)
	}
	e.ensure(t, "first")
	after, err := e.Engine.Sandbox(t.Context(), "first")
	if err != nil || after.Container != before.Container {
		t.Fatalf("the second ensure made %q of %q: %v", after.Container, before.Container, err)
	}
	if ids := e.list(t); !slices.Equal(ids, []session.ID{"first"}) {
		t.Fatalf("there are %v", ids)
	}
}

func ensureAtOnce(t *testing.T, e EngineUnderTest) {
	var wg sync.WaitGroup
	errs := make(chan error, 8)
	for range cap(errs) {
		wg.Go(func() { errs <- e.Engine.EnsureSandbox(t.Context(), e.spec("same")) })
	}
	wg.Wait()
	close(errs)
	for err := range errs {
		if err != nil {
			t.Error(err)
		}
	}
	e.want(t, "same", session.SandboxRunning)
	if ids := e.list(t); len(ids) != 1 {
		t.Fatalf("there are %v", ids)
	}
}

func stoppedStartsAgain(t *testing.T, e EngineUnderTest) {
	e.ensure(t, "first")
	if err := e.Engine.Stop(t.Context(), "first"); err != nil {
		t.Fatal(err)
	}
	e.want(t, "first", session.SandboxStopped)
	e.ensure(t, "first")
	e.want(t, "first", session.SandboxRunning)
}

func killedStartsAgain(t *testing.T, e EngineUnderTest) {
	e.ensure(t, "first")
	e.Kill(t, "first")
	eventually(t, "the sandbox is stopped", func() bool { return e.state(t, "first") == session.SandboxStopped })
	e.ensure(t, "first")
	e.want(t, "first", session.SandboxRunning)
}

func stopAndRemoveRepeat(t *testing.T, e EngineUnderTest) {
	e.ensure(t, "first")
	for _, id := range []session.ID{"first", "first", "nobody"} {
		if err := e.Engine.Stop(t.Context(), id); err != nil {
			t.Fatalf("Stop(%s): %v", id, err)
		}
	}
	for _, id := range []session.ID{"first", "first", "nobody"} {
		if err := e.Engine.Remove(t.Context(), id); err != nil {
			t.Fatalf("Remove(%s): %v", id, err)
		}
	}
}

func removeLeavesNothing(t *testing.T, e EngineUnderTest) {
	e.ensure(t, "first")
	if err := e.Engine.Remove(t.Context(), "first"); err != nil { // while it runs
		t.Fatal(err)
	}
	e.want(t, "first", session.SandboxNone)
	if ids := e.list(t); len(ids) != 0 {
		t.Fatalf("left are %v", ids)
	}
}

func channelNeedsSandbox(t *testing.T, e EngineUnderTest) {
	gone := &session.Error{Code: session.CodeSandboxGone}
	if _, err := e.Engine.Connect(t.Context(), "nobody"); !errors.Is(err, gone) {
		t.Fatalf("Connect without a sandbox: %v", err)
	}
	e.ensure(t, "first")
	ch, err := e.Engine.Connect(t.Context(), "first")
	if err != nil {
		t.Fatal(err)
	}
	if err := ch.Close(); err != nil {
		t.Fatal(err)
	}
	if err := e.Engine.Stop(t.Context(), "first"); err != nil {
		t.Fatal(err)
	}
	if _, err := e.Engine.Connect(t.Context(), "first"); !errors.Is(err, gone) {
		t.Fatalf("Connect to a stopped sandbox: %v", err)
	}
}

func sessionsDoNotMeet(t *testing.T, e EngineUnderTest) {
	e.ensure(t, "one")
	e.ensure(t, "two")
	if err := e.Engine.Remove(t.Context(), "one"); err != nil {
		t.Fatal(err)
	}
	e.want(t, "one", session.SandboxNone)
	e.want(t, "two", session.SandboxRunning)
}

func mirrorRemembersTips(t *testing.T, e EngineUnderTest) {
	tips := func(p session.ProjectID) []string {
		t.Helper()
		tips, err := e.Engine.MirrorTips(t.Context(), p)
		if err != nil {
			t.Fatal(err)
		}
		return tips
	}
	if got := tips("project1"); len(got) != 0 {
		t.Fatalf("a mirror that is not there holds %v", got)
	}
	tip, bundle := Bundle(t)
	if err := e.Engine.FillMirror(t.Context(), "project1", tip, bytes.NewReader(bundle)); err != nil {
		t.Fatal(err)
	}
	if got := tips("project1"); !slices.Equal(got, []string{tip}) {
		t.Fatalf("the mirror holds %v, want %s", got, tip)
	}
	if got := tips("project2"); len(got) != 0 {
		t.Fatalf("another project's mirror holds %v", got)
	}
	if err := e.Engine.RemoveMirror(t.Context(), "project1"); err != nil {
		t.Fatal(err)
	}
	if got := tips("project1"); len(got) != 0 {
		t.Fatalf("a removed mirror holds %v", got)
	}
	if err := e.Engine.RemoveMirror(t.Context(), "project1"); err != nil {
		t.Fatalf("RemoveMirror again: %v", err)
	}
}

func watcherHearsOfDeath(t *testing.T, e EngineUnderTest) {
	ctx, cancel := context.WithCancel(t.Context())
	heard := make(chan session.SandboxEvent, 64)
	done := make(chan error, 1)
	go func() {
		done <- e.Engine.Watch(ctx, func(ev session.SandboxEvent) { heard <- ev })
	}()
	t.Cleanup(func() { cancel(); <-done })
	// A watcher takes a moment to begin: die until it hears.
	deadline := time.After(30 * time.Second)
	for {
		e.ensure(t, "first")
		e.Kill(t, "first")
		for wait := time.After(time.Second); wait != nil; {
			select {
			case ev := <-heard:
				if ev.Session == "first" && ev.Kind == "die" {
					if ev.ExitCode != 137 {
						t.Fatalf("killed with exit code %d, want 137", ev.ExitCode)
					}
					return
				}
			case <-wait:
				wait = nil
			case <-deadline:
				t.Fatal("nothing was heard of a killed sandbox")
			}
		}
	}
}

func watcherEnds(t *testing.T, e EngineUnderTest) {
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- e.Engine.Watch(ctx, func(session.SandboxEvent) {}) }()
	cancel()
	select {
	case err := <-done:
		if !errors.Is(err, context.Canceled) {
			t.Fatalf("Watch ended with %v", err)
		}
	case <-time.After(10 * time.Second):
		t.Fatal("Watch goes on after its context has ended")
	}
}
