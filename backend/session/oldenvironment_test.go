package session_test

import (
	"strings"
	"testing"
	"testing/synctest"

	"background-agents/backend/session"
)

func TestSandboxThatRunsKeepsItsEnvironmentAndSaysSo(t *testing.T) {
	for name, change := range map[string]struct {
		do, undo func(w *world, p session.ProjectID) error
	}{
		"packages": {
			func(w *world, p session.ProjectID) error {
				own := session.Environment{Packages: []string{"make"}}
				_, err := w.SetEnvironment(ctx, p, session.EnvironmentChoice{Set: &own})
				return err
			},
			func(w *world, p session.ProjectID) error {
				_, err := w.SetEnvironment(ctx, p, session.EnvironmentChoice{Set: &session.Environment{}})
				return err
			},
		},
		"limits of the project": {
			func(w *world, p session.ProjectID) error { return w.limit(p, session.Limits{MemoryMB: 1024}) },
			func(w *world, p session.ProjectID) error { return w.limit(p, session.Limits{}) },
		},
		"general limits": {
			func(w *world, _ session.ProjectID) error {
				s := w.Settings()
				s.MemoryMB = 1024
				return w.SaveSettings(ctx, s)
			},
			func(w *world, _ session.ProjectID) error {
				s := w.Settings()
				s.MemoryMB = 4096
				return w.SaveSettings(ctx, s)
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			story(t, hello, func(w *world) {
				id := w.create("work")
				s := w.until(id, session.Idle)
				said := func() int {
					const restart = "Restart to use the new environment: `bga restart "
					return strings.Count(strings.Join(w.transcript(id), "\n"), restart+string(id)+"`")
				}
				if s.OldEnvironment || said() != 0 {
					t.Fatal("a new sandbox has an old environment")
				}
				starts := w.engine.Starts[id]
				w.must(change.do(w, s.Project))
				if !w.get(id).OldEnvironment || said() != 1 {
					t.Errorf("old: %v, said %d times", w.get(id).OldEnvironment, said())
				}
				w.must(change.do(w, s.Project))
				if said() != 1 || w.engine.Starts[id] != starts {
					t.Errorf("said %d times, started %d times", said(), w.engine.Starts[id]-starts)
				}
				w.reopen() // what the sandbox was made with is remembered
				w.until(id, session.Idle)
				if !w.get(id).OldEnvironment || said() != 1 {
					t.Errorf("after a restart of the application: old %v, said %d times", w.get(id).OldEnvironment, said())
				}
				w.must(change.undo(w, s.Project))
				if w.get(id).OldEnvironment {
					t.Error("a change that was taken back counts")
				}
				w.must(change.do(w, s.Project))
				w.must(w.Stop(ctx, id))
				w.until(id, session.Stopped)
				w.must(w.Resume(ctx, id))
				w.until(id, session.Idle)
				if w.get(id).OldEnvironment || w.engine.Starts[id] != starts+1 {
					t.Error("the restarted sandbox has the old environment")
				}
			})
		})
	}
}

func TestMemoryThatRanOutIsWhatTheSandboxHas(t *testing.T) {
	story(t, hello, func(w *world) {
		p, err := w.AddProject(ctx, "/code/shop")
		w.must(err)
		w.must(w.limit(p.ID, session.Limits{MemoryMB: 1024}))
		id := w.create("work")
		w.until(id, session.Idle)
		w.must(w.limit(p.ID, session.Limits{MemoryMB: 2048}))
		w.engine.Tell(session.SandboxEvent{Session: id, Kind: "oom"})
		synctest.Wait()
		text := strings.Join(w.transcript(id), "\n")
		if !strings.Contains(text, "limit 1 GB, files in /tmp included") {
			t.Errorf("transcript:\n%s", text)
		}
	})
}
