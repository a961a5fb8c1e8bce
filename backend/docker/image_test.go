package docker

import (
	"archive/tar"
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/docker/docker/api/types/filters"

	"background-agents/backend/session"
	"background-agents/backend/session/sessiontest"
	"background-agents/sandbox"
)

var openCode = session.Agent{ID: "opencode", Name: "OpenCode", Command: []string{"opencode", "acp"}, Layer: "opencode"}

func realSpec(id session.ID) session.SandboxSpec {
	return session.SandboxSpec{
		Session: id, Project: "project1", Image: session.ImageSpec{Agent: openCode}, MemoryMB: 2048, CPUs: 2, Pids: 256,
	}
}

// realEngine has the image that users get, on the base image that build/setup prepared. To build it takes minutes the
// first time.
func realEngine(t *testing.T) *Engine {
	t.Helper()
	cfg := tinyConfig(t)
	cfg.Dockerfile, cfg.SupervisorPath = sandbox.Dockerfile, sandbox.SupervisorPath
	cfg.Supervisor, cfg.SupervisorSum = sandbox.Supervisor, sandbox.SupervisorSum
	e := openTest(t, cfg)
	began, step := time.Now(), ""
	err := e.EnsureImage(t.Context(), session.ImageSpec{Agent: openCode}, func(st session.ImageState) {
		if st.Step != step {
			step = st.Step
			t.Logf("%6.1fs [%d/%d] %s", time.Since(began).Seconds(), st.Done, st.Total, st.Step)
		}
	})
	if err != nil {
		t.Fatalf("%v: %v", err, session.AsError(err).Unwrap())
	}
	return e
}

// shell runs a command of the image's shell and returns all that it says.
func shell(t *testing.T, e *Engine, command string) string {
	t.Helper()
	var out bytes.Buffer
	run := session.Exec{Command: []string{"sh", "-c", command}, Stdout: &out, Stderr: &out}
	_, err := e.Exec(t.Context(), "first", run)
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(out.String())
}

func TestASandboxOfTheApplicationsImage(t *testing.T) {
	e := realEngine(t)
	tip, bundle := sessiontest.Bundle(t)
	if err := e.FillMirror(t.Context(), "project1", tip, bytes.NewReader(bundle)); err != nil {
		t.Fatalf("%v: %v", err, session.AsError(err).Unwrap())
	}
	ensure(t, e, realSpec("first"))
	for _, c := range []struct{ outcome, command, want string }{
		{"the user is the agent", "id -un; id -u; echo $HOME; pwd", "agent\n1000\n/home/agent\n/workspace"},
		{"no capability, no new privilege, a filter of system calls",
			"grep -E 'CapEff|CapBnd|NoNewPrivs|Seccomp:' /proc/self/status | tr -d '\t '",
			"CapEff:0000000000000000\nCapBnd:0000000000000000\nNoNewPrivs:1\nSeccomp:2"},
		{"no network but its own loopback", "ls /sys/class/net", "lo"},
		{"no engine's socket", "ls /var/run/docker.sock 2>&1 | grep -c 'No such file'", "1"},
		{"the system cannot be written",
			"for f in /etc /usr/local/bin /opt; do touch $f/x 2>/dev/null && echo $f; done; true", ""},
		{"its own folders can be written",
			"for f in /workspace /home/agent /home/supervisor /tmp; do touch $f/x || echo $f; done", ""},
		{"programs in /tmp run", "cp /bin/true /tmp/t && /tmp/t && echo ok", "ok"},
		{"the mirror holds the tip, and cannot be written",
			"git -C /mirror rev-parse refs/bases/" + tip + "; touch /mirror/x 2>/dev/null && echo written", tip},
		{"the agent is there", "opencode --version", "1.18.33"},
		{"OpenCode finds its folder, and cannot write it",
			"ls -A ~/.config/opencode | tr '\n' ' '; touch ~/.config/opencode/x 2>/dev/null && echo written",
			".gitignore models.json opencode.json"},
		{"the supervisor runs", "pgrep -xc supervisor", "1"},
		{"nothing of this computer is mounted", "grep -E ' (/workspace|/home|/mirror) ' /proc/mounts | wc -l", "3"},
	} {
		t.Run(c.outcome, func(t *testing.T) {
			if got := shell(t, e, c.command); got != c.want {
				t.Errorf("%s\nsays %q\nwant %q", c.command, got, c.want)
			}
		})
	}
}

// An own image of the user's needs git and the agent, and nothing else of ours.
func TestAnImageOfTheUsersOwnTakesThePlaceOfOurs(t *testing.T) {
	real := realEngine(t)
	c, err := real.connect(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	ours, err := real.currentImage(t.Context(), c, session.ImageSpec{Agent: openCode})
	if err != nil {
		t.Fatal(err)
	}
	build := func(name, dockerfile string) Config {
		t.Helper()
		cfg := real.cfg
		cfg.Installation, cfg.DataDir, cfg.Image = newInstallation(), t.TempDir(), name
		mark := newInstallation()
		forget(t, cfg, filters.Arg("label", "test="+mark))
		spec := buildSpec{tag: name, labels: map[string]string{"test": mark}, context: func(w *tar.Writer) error {
			return addFile(w, "Dockerfile", 0o644, []byte(dockerfile))
		}}
		if err := real.build(t.Context(), c, spec, newProgress(func(session.ImageState) {})); err != nil {
			t.Fatal(err)
		}
		return cfg
	}
	agent := openCode
	t.Run("it gets the supervisor on top", func(t *testing.T) {
		cfg := build("bga-test-own:good", "FROM "+ours.tag+"\nUSER root\n"+
			"RUN rm -rf /workspace /mirror /home/* && sed -i /agent/d /etc/passwd\nENTRYPOINT [\"/bin/false\"]\n")
		e := openTest(t, cfg)
		if current, err := e.ImageCurrent(t.Context(), session.ImageSpec{Agent: agent}); err != nil || current {
			t.Fatalf("before it is built: %v, %v", current, err)
		}
		if err := e.EnsureImage(t.Context(), session.ImageSpec{Agent: agent}, func(session.ImageState) {}); err != nil {
			t.Fatal(err)
		}
		if current, err := e.ImageCurrent(t.Context(), session.ImageSpec{Agent: agent}); err != nil || !current {
			t.Fatalf("after it is built: %v, %v", current, err)
		}
		ensure(t, e, realSpec("first"))
		if got := shell(t, e, "id -u; touch ~/x /workspace/x && pgrep -xc supervisor"); got != "1000\n1" {
			t.Errorf("it says %q", got)
		}
	})
	t.Run("without git it is refused with its name", func(t *testing.T) {
		cfg := build("bga-test-own:bad", "FROM "+ours.tag+"\nUSER root\nRUN rm /usr/bin/git\n")
		err := openTest(t, cfg).EnsureImage(t.Context(), session.ImageSpec{Agent: agent}, func(session.ImageState) {})
		if session.CodeOf(err) != session.CodeImage || !strings.Contains(err.Error(), "this image has no git") {
			t.Errorf("%v", err)
		}
	})
	t.Run("one that is nowhere is missing", func(t *testing.T) {
		cfg := real.cfg
		cfg.Installation, cfg.DataDir, cfg.Image = newInstallation(), t.TempDir(), "bga-test-own:nowhere"
		e := openTest(t, cfg)
		if current, err := e.ImageCurrent(t.Context(), session.ImageSpec{Agent: agent}); err != nil || current {
			t.Fatalf("%v, %v", current, err)
		}
		err := e.EnsureImage(t.Context(), session.ImageSpec{Agent: agent}, func(session.ImageState) {})
		if session.CodeOf(err) != session.CodeImageMissing || session.AsError(err).Hint == "" {
			t.Errorf("%v", err)
		}
	})
}
