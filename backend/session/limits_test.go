package session_test

import (
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"background-agents/backend/session"
	"background-agents/backend/session/sessiontest"
)

// limit gives a project's sandboxes these limits.
func (w *world) limit(id session.ProjectID, l session.Limits) error {
	w.t.Helper()
	synctest.Wait()
	projects := sessiontest.State(w).Projects
	p := projects[slices.IndexFunc(projects, func(p session.Project) bool { return p.ID == id })]
	p.Limits = l
	return w.SaveProject(ctx, p)
}

func TestLimitsOfAProjectComeBeforeTheSettings(t *testing.T) {
	story(t, hello, func(w *world) {
		p, err := w.AddProject(ctx, "/code/shop")
		w.must(err)
		settings := w.Settings()
		settings.MemoryMB, settings.CPUs = 2048, 1
		w.must(w.SaveSettings(ctx, settings))
		for _, c := range []struct {
			name     string
			of, want session.Limits
		}{
			{"none", session.Limits{}, session.Limits{MemoryMB: 2048, CPUs: 1, TmpMB: 1024}},
			{"all", session.Limits{MemoryMB: 8192, CPUs: 0.5, TmpMB: 4096},
				session.Limits{MemoryMB: 8192, CPUs: 0.5, TmpMB: 4096}},
			{"memory alone", session.Limits{MemoryMB: 1024}, session.Limits{MemoryMB: 1024, CPUs: 1, TmpMB: 512}},
			{"/tmp alone", session.Limits{TmpMB: 1536}, session.Limits{MemoryMB: 2048, CPUs: 1, TmpMB: 1536}},
		} {
			w.must(w.limit(p.ID, c.of))
			w.until(w.create("work"), session.Idle)
			made := w.engine.Made
			if got := (session.Limits{MemoryMB: made.MemoryMB, CPUs: made.CPUs, TmpMB: made.TmpMB}); got != c.want {
				t.Errorf("%s: the sandbox has %+v, not %+v", c.name, got, c.want)
			}
		}
		settings = w.Settings()
		settings.MemoryMB = 1024
		w.must(w.SaveSettings(ctx, settings))
		w.until(w.create("work"), session.Idle)
		if made := w.engine.Made; made.TmpMB != 768 {
			t.Errorf("/tmp has %d MB of a memory that was made smaller", made.TmpMB)
		}
	})
}

func TestLimitsThatNoSandboxCanHaveAreRefused(t *testing.T) {
	story(t, hello, func(w *world) {
		w.engine.MemoryMB, w.engine.CPUs = 6144, 4
		w.reopen()
		p, err := w.AddProject(ctx, "/code/shop")
		w.must(err)
		for _, c := range []struct {
			of   session.Limits
			says string
		}{
			{session.Limits{MemoryMB: 256}, "512 MB"},
			{session.Limits{MemoryMB: -1}, "512 MB"},
			{session.Limits{MemoryMB: 8192}, "the engine has 6 GB"},
			{session.Limits{CPUs: 0.01}, "0.1 processors"},
			{session.Limits{CPUs: -2}, "0.1 processors"},
			{session.Limits{CPUs: 4.5}, "the engine has 4"},
			{session.Limits{TmpMB: 1}, "64 MB"},
			{session.Limits{TmpMB: 4096}, "it may take 3 GB"}, // of the 4 GB of the settings
			{session.Limits{MemoryMB: 2048, TmpMB: 2048}, "it may take 1536 MB"},
		} {
			err := w.limit(p.ID, c.of)
			code(t, err, session.CodeInvalid)
			if e := session.AsError(err); !strings.Contains(e.Message, c.says) || e.Hint == "" {
				t.Errorf("%+v: %q (%q)", c.of, e.Message, e.Hint)
			}
		}
		w.must(w.limit(p.ID, session.Limits{MemoryMB: 6144, CPUs: 4, TmpMB: 4608}))
		w.engine.MemoryMB = 2048 // a smaller engine makes nothing else of the project impossible to save
		w.reopen()
		w.must(w.limit(p.ID, session.Limits{MemoryMB: 6144, CPUs: 4, TmpMB: 4608}))
	})
}

func TestSandboxHasTheTimeZoneOfTheUser(t *testing.T) {
	story(t, hello, func(w *world) {
		for _, c := range []struct {
			zone string
			want []string
		}{{"Europe/Berlin", []string{"TZ=Europe/Berlin"}}, {"", nil}} {
			w.zone = c.zone // it is asked for at each start: users travel
			w.until(w.create("work"), session.Idle)
			if got := w.engine.Made.Variables; !slices.Equal(got, c.want) {
				t.Errorf("%q: variables are %q", c.zone, got)
			}
		}
	})
}
