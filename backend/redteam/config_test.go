//go:build linux

package redteam

import (
	"path/filepath"
	"testing"

	"background-agents/backend/session"
)

// A repository's configuration runs nothing before a yes, and one byte that was changed after it waits for another.
func TestAConfigurationRunsNothingWithoutAYes(t *testing.T) {
	v := theVictim(t)
	repo := filepath.Join(v.home, "code", "configured")
	file := filepath.Join(repo, ".background-agents", "config.yaml")
	config := func(setup string) {
		write(t, file, "setup: touch /tmp/"+setup+"\nstart: touch /tmp/start-$GREETING\nenvironment:\n  variables:\n    GREETING: hello\n")
	}
	config("a")
	git(t, repo, "init", "-q", "-b", "main")
	git(t, repo, "add", "-A")
	git(t, repo, "commit", "-qm", "configured")
	p, err := v.AddProject(ctx, repo)
	must(t, err)
	found, err := v.ProjectEnvironment(ctx, p.ID)
	must(t, err)
	// made says what the commands left in a new session's sandbox.
	made := func() string {
		s := v.session(t, session.NewSession{Project: p.ID}, "demo: text Ready.")
		return v.sh(t, s.ID, "cd /tmp; for f in a b start-*; do [ -e \"$f\" ] && echo -n \"$f \"; done; echo -n \"$GREETING\"")
	}
	if got := made(); got != "" {
		t.Errorf("without a yes there is %q", got)
	}
	config("b")
	git(t, repo, "commit", "-qam", "one byte")
	_, err = v.SetEnvironment(ctx, p.ID, session.EnvironmentChoice{Accept: found.Hash})
	if session.CodeOf(err) != session.CodeConflict {
		t.Errorf("a yes to what was there before is one to what is there now: %v", err)
	}
	found, err = v.ProjectEnvironment(ctx, p.ID)
	must(t, err)
	_, err = v.SetEnvironment(ctx, p.ID, session.EnvironmentChoice{Accept: found.Hash})
	must(t, err)
	if got := made(); got != "b start-hello hello" {
		t.Errorf("control: after a yes there is %q", got)
	}
	config("a")
	git(t, repo, "commit", "-qam", "one byte again")
	if got := made(); got != "b start-hello hello" {
		t.Errorf("after a change that nobody accepted there is %q", got)
	}
	write(t, file, "environment:\n  variables:\n    LD_PRELOAD: /workspace/evil.so\n")
	git(t, repo, "commit", "-qam", "hostile")
	found, err = v.ProjectEnvironment(ctx, p.ID)
	must(t, err)
	_, err = v.SetEnvironment(ctx, p.ID, session.EnvironmentChoice{Accept: found.Hash})
	if err == nil {
		t.Error("a variable that makes programs load code is accepted")
	}
}
