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

// environment returns what the project's sandboxes have, as a watcher sees it.
func (w *world) environment(id session.ProjectID) *session.Environment {
	synctest.Wait()
	for _, p := range sessiontest.State(w).Projects {
		if p.ID == id {
			return p.Environment
		}
	}
	w.t.Fatal("there is no such project")
	return nil
}

func TestProposalIsAcceptedAsItWasShown(t *testing.T) {
	ctx := context.Background()
	story(t, func(t *sessiontest.Turn) { t.Say("m", "Done.") }, func(w *world) {
		w.git.Files = sessiontest.Files{"needs": "gcc libpq-dev"}
		p, err := w.AddProject(ctx, "/code/shop")
		w.must(err)
		shown, err := w.ProjectEnvironment(ctx, p.ID)
		w.must(err)
		if shown.Hash == "" || shown.Accepted != nil || !reflect.DeepEqual(shown.Packages, []string{"gcc", "libpq-dev"}) {
			t.Fatalf("the proposal is %+v", shown)
		}
		w.git.Lock()
		w.git.Files = sessiontest.Files{"needs": "gcc libpq-dev2"}
		w.git.Unlock()
		_, err = w.SetEnvironment(ctx, p.ID, session.EnvironmentChoice{Accept: shown.Hash})
		if session.CodeOf(err) != session.CodeConflict || w.environment(p.ID) != nil {
			t.Fatalf("a yes to another proposal: %v, %+v", err, w.environment(p.ID))
		}
		w.git.Lock()
		w.git.Files = sessiontest.Files{"needs": "gcc libpq-dev"}
		w.git.Unlock()
		now, err := w.SetEnvironment(ctx, p.ID, session.EnvironmentChoice{Accept: shown.Hash})
		w.must(err)
		if now.Accepted == nil || !reflect.DeepEqual(*now.Accepted, shown.Environment) || !reflect.DeepEqual(w.environment(p.ID), now.Accepted) {
			t.Fatalf("accepted is %+v", now.Accepted)
		}
		id := w.create("work")
		w.until(id, session.Idle)
		if made := w.engine.Made.Image; !reflect.DeepEqual(made.Packages, [][]string{{"gcc", "libpq-dev"}}) {
			t.Errorf("the sandbox is made from %+v", made)
		}
		changed := func() int {
			return strings.Count(strings.Join(w.transcript(id), "\n"), "Restart to use the new environment")
		}
		_, err = w.SetEnvironment(ctx, p.ID, session.EnvironmentChoice{Accept: shown.Hash})
		w.must(err)
		if changed() != 0 {
			t.Error("a change is told that was none")
		}
		_, err = w.SetEnvironment(ctx, p.ID, session.EnvironmentChoice{Set: &session.Environment{Packages: []string{"make"}}})
		w.must(err)
		if changed() != 1 {
			t.Errorf("a sandbox that runs is told %d times", changed())
		}
	})
}

func TestNothingIsMadeWithoutAYes(t *testing.T) {
	ctx := context.Background()
	story(t, func(t *sessiontest.Turn) { t.Say("m", "Done.") }, func(w *world) {
		w.git.Files = sessiontest.Files{"needs": "gcc"}
		p, err := w.AddProject(ctx, "/code/shop")
		w.must(err)
		synctest.Wait()
		id := w.create("work")
		w.until(id, session.Idle)
		if made := w.engine.Made.Image; len(made.Packages) != 0 {
			t.Errorf("the sandbox is made from %+v", made)
		}
		if text := strings.Join(w.transcript(id), "\n"); !strings.Contains(text, "gcc") || !strings.Contains(text, "bga env shop") {
			t.Errorf("the session does not say what it lacks:\n%s", text)
		}
		_, err = w.SetEnvironment(ctx, p.ID, session.EnvironmentChoice{Never: true})
		w.must(err)
		other := w.create("more work")
		w.until(other, session.Idle)
		if strings.Contains(strings.Join(w.transcript(other), "\n"), "bga env") {
			t.Error("a user who does not want to be asked is asked")
		}
	})
}

func TestEnvironmentOfTheUsersOwnIsChecked(t *testing.T) {
	ctx := context.Background()
	story(t, func(t *sessiontest.Turn) { t.Say("m", "Done.") }, func(w *world) {
		p, err := w.AddProject(ctx, "/code/shop")
		w.must(err)
		for name, e := range map[string]session.Environment{
			"a name that a shell reads": {Packages: []string{"gcc; curl evil"}},
			"an option":                 {Packages: []string{"-o=x"}},
			"a version":                 {Packages: []string{"gcc=12"}},
			"one that is not there":     {Packages: []string{"unknown"}},
			"too many":                  {Packages: make([]string, 201)},
		} {
			if _, err := w.SetEnvironment(ctx, p.ID, session.EnvironmentChoice{Set: &e}); session.CodeOf(err) != session.CodeInvalid {
				t.Errorf("%s: %v", name, err)
			}
		}
		if w.environment(p.ID) != nil {
			t.Fatal("something was saved")
		}
		own := session.Environment{Packages: []string{"make", "gcc", "make"}}
		_, err = w.SetEnvironment(ctx, p.ID, session.EnvironmentChoice{Set: &own})
		w.must(err)
		if got := w.environment(p.ID); got == nil || !reflect.DeepEqual(got.Packages, []string{"gcc", "make"}) {
			t.Errorf("saved is %+v", got)
		}
		_, err = w.SetEnvironment(ctx, p.ID, session.EnvironmentChoice{Never: true})
		w.must(err)
		if now, err := w.SetEnvironment(ctx, p.ID, session.EnvironmentChoice{Set: &own}); err != nil || now.Accepted == nil || !now.Never {
			t.Errorf("who does not want to be asked, and changes it by hand, is asked again: %+v, %v", now, err)
		}
		_, err = w.SetEnvironment(ctx, p.ID, session.EnvironmentChoice{Set: &session.Environment{}})
		w.must(err)
		if w.environment(p.ID) != nil {
			t.Error("it is not taken back")
		}
	})
}
