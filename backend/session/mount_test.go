package session_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"background-agents/backend/session"
	"background-agents/backend/session/sessiontest"
)

func TestNothingOfTheHomeIsMountedUnlessTheProjectSaysSo(t *testing.T) {
	story(t, func(t *sessiontest.Turn) { t.Say("m1", "hello") }, func(w *world) {
		home := t.TempDir()
		w.must(os.MkdirAll(filepath.Join(home, ".ssh"), 0o700))
		w.home = home
		w.reopen()
		id := w.create("work")
		s := w.until(id, session.Idle)
		if len(w.engine.Made.Binds) != 0 || len(s.Mounts) != 0 {
			t.Fatalf("mounted are %+v, %q", w.engine.Made.Binds, s.Mounts)
		}
		p, err := w.AddProject(ctx, "/code/shop")
		w.must(err)
		p.Mounts = []string{"nothing"}
		code(t, w.SaveProject(ctx, p), session.CodeInvalid)
		p.Mounts = []string{"gh", "ssh", "ssh"}
		w.must(w.SaveProject(ctx, p))
		if s := w.get(id); len(s.Mounts) != 0 {
			t.Errorf("a sandbox that runs has %q", s.Mounts)
		}
		w.must(w.Stop(ctx, id))
		w.until(id, session.Stopped)
		w.must(w.Resume(ctx, id))
		s = w.until(id, session.Idle)
		want := []session.Bind{{Source: filepath.Join(home, ".ssh"), Target: "/home/agent/.ssh"}}
		if !slices.Equal(w.engine.Made.Binds, want) || !slices.Equal(s.Mounts, []string{"ssh"}) {
			t.Errorf("mounted are %+v, the session says %q", w.engine.Made.Binds, s.Mounts)
		}
		mounts, err := w.Mounts(ctx)
		w.must(err)
		for _, m := range mounts {
			if m.Found != (m.ID == "ssh") || strings.HasPrefix(m.Path, "/") || m.Warning == "" {
				t.Errorf("%+v", m)
			}
		}
	})
}
