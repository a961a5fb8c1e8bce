package session_test

import (
	"context"
	"reflect"
	"strings"
	"testing"
	"testing/synctest"

	"background-agents/backend/session"
	"background-agents/backend/session/sessiontest"
)

// config makes text the project's configuration file on the base branch.
func (w *world) config(text string) {
	w.git.Lock()
	defer w.git.Unlock()
	w.git.Files = sessiontest.Files{session.ConfigPath: text}
}

// ran is what a new sandbox of the project was started with.
func (w *world) ran() string {
	id := w.create("work")
	w.until(id, session.Idle)
	spec := w.engine.Box(id).Started
	return strings.Join(spec.SetupCommands, ";") + "|" + strings.Join(spec.StartCommands, ";") + "|" +
		strings.Join(spec.Variables, ";")
}

func TestConfigurationIsUsedOnlyAsItWasAccepted(t *testing.T) {
	ctx := context.Background()
	story(t, func(t *sessiontest.Turn) { t.Say("m", "Done.") }, func(w *world) {
		w.config("setup: make deps\nstart: redis\nvariable: A=b")
		p, err := w.AddProject(ctx, "/code/shop")
		w.must(err)
		synctest.Wait() // its files are read in the background
		if got := w.ran(); got != "||" {
			t.Fatalf("without a yes %s is run", got)
		}
		shown, err := w.ProjectEnvironment(ctx, p.ID)
		w.must(err)
		if !shown.Open || !reflect.DeepEqual(shown.Setup, []string{"make deps"}) || shown.Config.Lines["setup"] != 1 {
			t.Fatalf("the proposal is %+v", shown)
		}
		now, err := w.SetEnvironment(ctx, p.ID, session.EnvironmentChoice{Accept: shown.Hash})
		w.must(err)
		if got := w.ran(); now.Open || got != "make deps|redis|A=b" {
			t.Fatalf("after a yes %s is run, open is %v", got, now.Open)
		}

		w.config("setup: make dep5\nstart: redis\nvariable: A=b") // one byte
		if got := w.ran(); got != "make deps|redis|A=b" {
			t.Errorf("after a change %s is run", got)
		}
		_, err = w.SetEnvironment(ctx, p.ID, session.EnvironmentChoice{Accept: shown.Hash})
		if session.CodeOf(err) != session.CodeConflict {
			t.Errorf("a yes to what it was before: %v", err)
		}
		changed, err := w.ProjectEnvironment(ctx, p.ID)
		w.must(err)
		if !changed.Open || changed.Accepted == nil || changed.Accepted.Setup[0] != "make deps" {
			t.Errorf("the change is not shown: %+v", changed)
		}
		id := w.create("more work")
		w.until(id, session.Idle)
		if text := strings.Join(w.transcript(id), "\n"); !strings.Contains(text, "config.yaml changed (setup)") {
			t.Errorf("the session does not say so:\n%s", text)
		}
		w.reopen()
		_, err = w.SetEnvironment(ctx, p.ID, session.EnvironmentChoice{Accept: changed.Hash})
		w.must(err)
		if got := w.ran(); got != "make dep5|redis|A=b" {
			t.Errorf("after the second yes %s is run", got)
		}
	})
}

// The domain does not rely on who has read the file.
func TestReservedVariablesOfAFileAreNotAccepted(t *testing.T) {
	ctx := context.Background()
	story(t, func(t *sessiontest.Turn) { t.Say("m", "Done.") }, func(w *world) {
		w.config("variable: LD_PRELOAD=/x")
		p, err := w.AddProject(ctx, "/code/shop")
		w.must(err)
		synctest.Wait() // its files are read in the background
		shown, err := w.ProjectEnvironment(ctx, p.ID)
		w.must(err)
		_, err = w.SetEnvironment(ctx, p.ID, session.EnvironmentChoice{Accept: shown.Hash})
		if session.CodeOf(err) != session.CodeInvalid || w.environment(p.ID) != nil {
			t.Errorf("accepted: %v", err)
		}
	})
}

func TestBrokenConfigurationChangesNothing(t *testing.T) {
	ctx := context.Background()
	story(t, func(t *sessiontest.Turn) { t.Say("m", "Done.") }, func(w *world) {
		w.config("setup: make")
		p, err := w.AddProject(ctx, "/code/shop")
		w.must(err)
		synctest.Wait() // its files are read in the background
		shown, err := w.ProjectEnvironment(ctx, p.ID)
		w.must(err)
		_, err = w.SetEnvironment(ctx, p.ID, session.EnvironmentChoice{Accept: shown.Hash})
		w.must(err)

		w.config("setup: evil\nsteps: x")
		broken, err := w.ProjectEnvironment(ctx, p.ID)
		w.must(err)
		if broken.Open || len(broken.Config.Problems) != 1 || broken.Config.Problems[0].Line != 2 || len(broken.Setup) > 0 {
			t.Errorf("the proposal is %+v", broken)
		}
		_, err = w.SetEnvironment(ctx, p.ID, session.EnvironmentChoice{Accept: broken.Hash})
		if session.CodeOf(err) != session.CodeInvalid || !strings.Contains(err.Error(), "line 2") {
			t.Errorf("it is accepted: %v", err)
		}
		if got := w.ran(); got != "make||" {
			t.Errorf("%s is run", got)
		}
		id := w.create("more work")
		w.until(id, session.Idle)
		if text := strings.Join(w.transcript(id), "\n"); !strings.Contains(text, "config.yaml has an error") ||
			!strings.Contains(text, "line 2") {
			t.Errorf("the session does not say so:\n%s", text)
		}
	})
}

func TestCommandsOfTheUsersOwnStayWhenAProposalIsAccepted(t *testing.T) {
	ctx := context.Background()
	story(t, func(t *sessiontest.Turn) { t.Say("m", "Done.") }, func(w *world) {
		p, err := w.AddProject(ctx, "/code/shop")
		w.must(err)
		synctest.Wait() // its files are read in the background
		own := session.Environment{Configuration: session.Configuration{Setup: []string{"mine"},
			Variables: []string{"B=2", "A=1"}}}
		now, err := w.SetEnvironment(ctx, p.ID, session.EnvironmentChoice{Set: &own})
		w.must(err)
		if got := w.ran(); now.Accepted == nil || got != "mine||A=1;B=2" {
			t.Fatalf("%s is run", got)
		}
		hostile := session.Environment{Configuration: session.Configuration{Variables: []string{"LD_PRELOAD=/x"}}}
		if _, err := w.SetEnvironment(ctx, p.ID,
			session.EnvironmentChoice{Set: &hostile}); session.CodeOf(err) != session.CodeInvalid {
			t.Errorf("a reserved variable: %v", err)
		}
		path, err := w.SaveConfiguration(ctx, p.ID)
		w.must(err)
		w.git.Lock()
		saved := w.git.Saved[session.ConfigPath]
		w.git.Unlock()
		if path != "/code/shop/"+session.ConfigPath || saved != "setup: mine\nvariable: A=1\nvariable: B=2" {
			t.Errorf("saved at %s: %q", path, saved)
		}
		accept := func(text string) {
			t.Helper()
			w.config(text)
			shown, err := w.ProjectEnvironment(ctx, p.ID)
			w.must(err)
			_, err = w.SetEnvironment(ctx, p.ID, session.EnvironmentChoice{Accept: shown.Hash})
			w.must(err)
		}
		accept("start: redis\nvariable: B=3")
		if got := w.ran(); got != "mine|redis|A=1;B=3" {
			t.Errorf("%s is run", got)
		}
		accept("variable: C=4") // the file's start command and variable are gone
		if got := w.ran(); got != "mine||A=1;C=4" {
			t.Errorf("%s is run", got)
		}
		_, err = w.SetEnvironment(ctx, p.ID, session.EnvironmentChoice{Set: &session.Environment{}})
		w.must(err)
		if _, err := w.SaveConfiguration(ctx, p.ID); session.CodeOf(err) != session.CodeInvalid {
			t.Errorf("nothing is saved: %v", err)
		}
		if again, err := w.ProjectEnvironment(ctx, p.ID); err != nil || !again.Open || w.environment(p.ID) != nil {
			t.Errorf("taken back, it is not proposed again: %+v, %v", again, err)
		}
	})
}
