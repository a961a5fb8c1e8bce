package sessiontest

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"background-agents/backend/session"
)

// EngineUnderTest is what TestEngine needs of an engine: an Agent whose image is built, and how a container ends behind
// the engine's back.
type EngineUnderTest struct {
	Engine session.Engine
	Agent  session.Agent
	// Kill ends a session's container as `docker kill` does.
	Kill func(t *testing.T, id session.ID)
}

// TestEngine says what every Engine must do. open returns an engine of an installation that has nothing yet.
func TestEngine(t *testing.T, open func(t *testing.T) EngineUnderTest) {
	cases := []struct {
		name string
		run  func(t *testing.T, e EngineUnderTest)
	}{
		{"an engine that is there says what it is", engineSaysWhatItIs},
		{"a built image is current", builtImageIsCurrent},
		{"a session without a sandbox has none", sessionWithoutSandbox},
		{"ensure makes one, and finds it again", ensureMakesAndFinds},
		{"ensure called at once from many places makes one", ensureAtOnce},
		{"a stopped sandbox starts again", stoppedStartsAgain},
		{"a killed sandbox is stopped, and starts again", killedStartsAgain},
		{"stop and remove can be repeated", stopAndRemoveRepeat},
		{"a removed sandbox leaves nothing", removeLeavesNothing},
		{"a channel needs a running sandbox", channelNeedsSandbox},
		{"sandboxes of one session do not meet another's", sessionsDoNotMeet},
		{"a mirror remembers its tips until it is removed", mirrorRemembersTips},
		{"a watcher hears of a death", watcherHearsOfDeath},
		{"a watcher ends with its context", watcherEnds},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) { c.run(t, open(t)) })
	}
}

func (e EngineUnderTest) spec(id session.ID) session.SandboxSpec {
	return session.SandboxSpec{Session: id, Project: "project1", Image: session.ImageSpec{Agent: e.Agent}, MemoryMB: 512, CPUs: 1, Pids: 128}
}

func (e EngineUnderTest) ensure(t *testing.T, id session.ID) {
	t.Helper()
	if err := e.Engine.EnsureSandbox(t.Context(), e.spec(id)); err != nil {
		t.Fatalf("EnsureSandbox(%s): %v", id, err)
	}
}

// state returns the state of a session's sandbox, none where the engine knows nothing of it.
func (e EngineUnderTest) state(t *testing.T, id session.ID) session.SandboxState {
	t.Helper()
	sb, err := e.Engine.Sandbox(t.Context(), id)
	switch {
	case session.CodeOf(err) == session.CodeNotFound:
		return session.SandboxNone
	case err != nil:
		t.Fatalf("Sandbox(%s): %v", id, err)
	case sb.Session != id:
		t.Fatalf("Sandbox(%s) is that of %q", id, sb.Session)
	}
	return sb.State
}

func (e EngineUnderTest) want(t *testing.T, id session.ID, state session.SandboxState) {
	t.Helper()
	if got := e.state(t, id); got != state {
		t.Fatalf("sandbox of %s is %s, want %s", id, got, state)
	}
}

// list returns the sessions that have a container or volumes.
func (e EngineUnderTest) list(t *testing.T) []session.ID {
	t.Helper()
	all, err := e.Engine.Sandboxes(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var ids []session.ID
	for _, sb := range all {
		ids = append(ids, sb.Session)
	}
	slices.Sort(ids)
	return ids
}

// Bundle makes a repository with one commit and returns the commit and a bundle of it.
func Bundle(t *testing.T) (tip string, bundle []byte) {
	t.Helper()
	dir := t.TempDir()
	run := func(args ...string) []byte {
		t.Helper()
		c := exec.Command("git", append([]string{"-c", "user.name=A", "-c", "user.email=a@example.com", "-c", "commit.gpgsign=false"}, args...)...)
		c.Dir = dir
		c.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL=/dev/null", "GIT_CONFIG_NOSYSTEM=1")
		var complaint bytes.Buffer
		c.Stderr = &complaint
		out, err := c.Output()
		if err != nil {
			t.Fatal(fmt.Errorf("git %s: %w: %s", args[0], err, complaint.String()))
		}
		return out
	}
	run("init", "-q", "-b", "base")
	if err := os.WriteFile(dir+"/file", []byte("content\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	run("add", "file")
	run("commit", "-q", "-m", "first")
	tip = strings.TrimSpace(string(run("rev-parse", "HEAD")))
	return tip, run("bundle", "create", "-q", "-", "refs/heads/base")
}

// eventually waits up to ten seconds until ok.
func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(10 * time.Second); !ok(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("after ten seconds it is still not so that %s", what)
		}
	}
}
