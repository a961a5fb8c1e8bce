package docker

import (
	"testing"

	"background-agents/backend/session"
)

// An earlier version named an installation by the path of its data folder, which two computers may have in common.
func TestWhatAnEarlierVersionMadeIsAdoptedAndNothingElse(t *testing.T) {
	ctx := t.Context()
	cfg := tinyConfig(t)
	cfg.Installation = newInstallation()[:8] // as it was then
	earlier := openTest(t, cfg)
	if err := earlier.EnsureImage(ctx, session.ImageSpec{Agent: tinyAgent}, func(session.ImageState) {}); err != nil {
		t.Fatal(err)
	}
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	strangers := spec("strangers1")
	strangers.Project = "project2"
	must(earlier.EnsureSandbox(ctx, spec("former1")))
	must(earlier.EnsureSandbox(ctx, strangers))

	cfg.Former = Former{Instance: cfg.Installation, Sessions: []session.ID{"former1"}, Projects: []session.ProjectID{"project1"}}
	cfg.Installation = newInstallation()
	now := openTest(t, cfg)
	list := func(e *Engine) (ids []session.ID) {
		t.Helper()
		all, err := e.Sandboxes(ctx)
		must(err)
		for _, s := range all {
			if s.State == session.SandboxRunning {
				ids = append(ids, s.Session)
			}
		}
		return ids
	}
	if ids := list(now); len(ids) != 1 || ids[0] != "former1" {
		t.Fatalf("it sees %q", ids)
	}
	if _, err := now.Sandbox(ctx, "strangers1"); session.CodeOf(err) != session.CodeNotFound {
		t.Errorf("the stranger's: %v", err)
	}
	must(now.Remove(ctx, "strangers1")) // has none of that name
	must(now.Stop(ctx, "former1"))
	must(now.EnsureSandbox(ctx, spec("former1"))) // recreated, on its own volumes
	must(now.EnsureSandbox(ctx, spec("later1")))
	sb, err := now.Sandbox(ctx, "former1")
	must(err)
	if want := now.workspaceName("former1"); want != earlier.workspaceName("former1") || sb.Volumes[1] != want {
		t.Errorf("its volumes are %q, not %q", sb.Volumes, want)
	}
	if ids := list(earlier); len(ids) != 1 || ids[0] != "strangers1" {
		t.Errorf("the other installation, not updated yet, sees %q", ids) // and would stop what it does not know
	}
	if ids := list(now); len(ids) != 2 {
		t.Errorf("it sees %q", ids)
	}
	must(now.Remove(ctx, "former1"))
	if ids := list(now); len(ids) != 1 || ids[0] != "later1" {
		t.Errorf("after a removal it sees %q", ids)
	}
}

func TestOfAnotherInstallationNothingIsMine(t *testing.T) {
	e := &Engine{instance: "new", cfg: Config{Former: Former{Instance: "old", Sessions: []session.ID{"s1"}, Projects: []session.ProjectID{"p1"}}}}
	for _, c := range []struct {
		instance, session, project string
		want                       bool
	}{
		{"new", "s2", "p2", true}, {"old", "s1", "p1", true}, {"old", "", "p1", true},
		{"old", "s2", "p1", false}, {"old", "", "p2", false}, {"old", "", "", false}, {"other", "s1", "p1", false}, {"", "s1", "p1", false},
	} {
		if got := e.mine(map[string]string{labelInstance: c.instance, labelSession: c.session, labelProject: c.project}); got != c.want {
			t.Errorf("%+v: %v", c, got)
		}
	}
	if fresh := (&Engine{instance: "new"}); fresh.mine(map[string]string{labelSession: "s1"}) {
		t.Error("what has no label is taken")
	}
}
