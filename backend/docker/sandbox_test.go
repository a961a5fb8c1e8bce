package docker

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/docker/docker/api/types/container"

	"background-agents/backend/session"
)

var update = flag.Bool("update", false, "write the golden files")

func ensure(t *testing.T, e *Engine, s session.SandboxSpec) {
	t.Helper()
	if err := e.EnsureSandbox(t.Context(), s); err != nil {
		t.Fatalf("%v: %+v", err, session.AsError(err))
	}
}

func run(t *testing.T, e *Engine, id session.ID, command ...string) (out string, code int) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	code, err := e.Exec(t.Context(), id, session.Exec{Command: append([]string{"/usr/local/bin/supervisor"}, command...), Stdout: &stdout, Stderr: &stderr})
	if err != nil {
		t.Fatal(err)
	}
	return stdout.String() + stderr.String(), code
}

// What the engine fills in by itself, which differs between versions and computers.
var engineDefaults = []string{"CgroupnsMode", "ConsoleSize", "MaskedPaths", "ReadonlyPaths", "Runtime", "ShmSize", "IpcMode"}

func TestContainerIsSealedAsTheGoldenFileSays(t *testing.T) {
	e := tinyEngine(t)
	ensure(t, e, spec("golden"))
	found := inspect(t, e, "golden")
	for _, paths := range [][]string{found.HostConfig.MaskedPaths, found.HostConfig.ReadonlyPaths} {
		if len(paths) == 0 {
			t.Error("the engine masks nothing of /proc")
		}
	}
	if mode := found.HostConfig.IpcMode; mode.IsHost() || mode.IsContainer() {
		t.Errorf("IPC is shared: %s", mode)
	}
	got := map[string]any{}
	b, err := json.Marshal(found.HostConfig)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(b, &got); err != nil {
		t.Fatal(err)
	}
	for _, name := range engineDefaults {
		delete(got, name)
	}
	for name, value := range got { // what is not set has many faces
		if list, ok := value.([]any); value == nil || value == false || value == 0.0 || value == "" || ok && len(list) == 0 {
			delete(got, name)
		}
	}
	got["User"], got["Env"], got["Entrypoint"], got["Cmd"] = found.Config.User, found.Config.Env, found.Config.Entrypoint, found.Config.Cmd
	got["Healthcheck"] = found.Config.Healthcheck
	b, err = json.MarshalIndent(got, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	profile, err := json.Marshal("seccomp=" + seccompProfile)
	if err != nil {
		t.Fatal(err)
	}
	text := strings.ReplaceAll(string(b), e.instance, "INSTANCE") + "\n"
	text = strings.ReplaceAll(text, string(profile), `"seccomp=PROFILE"`)
	golden := filepath.Join("testdata", "hostconfig.golden.json")
	if *update {
		if err := os.WriteFile(golden, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if text != string(want) {
		t.Errorf("the container is made otherwise than %s says (go test -run Golden -update writes it again):\n%s", golden, text)
	}
	for _, m := range found.Mounts {
		if m.Type != "volume" {
			t.Errorf("%s is mounted as %s", m.Destination, m.Type)
		}
	}
	if len(found.NetworkSettings.Networks) != 1 || found.NetworkSettings.Networks["none"] == nil {
		t.Errorf("it is on %v", found.NetworkSettings.Networks)
	}
}

func TestFilesSurviveAContainerRemovedBehindOurBack(t *testing.T) {
	e := tinyEngine(t)
	ensure(t, e, spec("first"))
	for _, path := range []string{"/workspace/file", "/home/agent/file", "/home/supervisor/file", "/tmp/file"} {
		if out, code := run(t, e, "first", "write", path, "kept"); code != 0 {
			t.Errorf("write %s: %s", path, out)
		}
	}
	for _, path := range []string{"/mirror/file", "/etc/file", "/usr/local/bin/supervisor"} {
		if out, code := run(t, e, "first", "write", path, "x"); code == 0 {
			t.Errorf("%s can be written: %s", path, out)
		}
	}
	removeContainer(t, e, "first")
	sb, err := e.Sandbox(t.Context(), "first")
	if err != nil || sb.State != session.SandboxMissing || sb.Project != "project1" || len(sb.Volumes) != 2 {
		t.Fatalf("after docker rm -f: %+v, %v", sb, err)
	}
	ensure(t, e, spec("first"))
	for _, path := range []string{"/workspace/file", "/home/agent/file", "/home/supervisor/file"} {
		if out, _ := run(t, e, "first", "read", path); out != "kept" {
			t.Errorf("%s holds %q", path, out)
		}
	}
	if out, code := run(t, e, "first", "read", "/tmp/file"); code == 0 {
		t.Errorf("/tmp is no fresh memory: %s", out)
	}
}

func removeContainer(t *testing.T, e *Engine, id session.ID) {
	t.Helper()
	c, err := e.connect(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := c.api.ContainerRemove(t.Context(), e.containerName(id), container.RemoveOptions{Force: true}); err != nil {
		t.Fatal(err)
	}
}

func TestANewSpecMakesAStoppedContainerAnewAndLeavesARunningOne(t *testing.T) {
	e := tinyEngine(t)
	ensure(t, e, spec("first"))
	if out, code := run(t, e, "first", "write", "/workspace/file", "kept"); code != 0 {
		t.Fatal(out)
	}
	before := inspect(t, e, "first").ID
	larger := spec("first")
	larger.MemoryMB = 640
	ensure(t, e, larger)
	if inspect(t, e, "first").ID != before {
		t.Fatal("a running container was recreated")
	}
	if err := e.Stop(t.Context(), "first"); err != nil {
		t.Fatal(err)
	}
	ensure(t, e, larger)
	after := inspect(t, e, "first")
	if after.ID == before || after.HostConfig.Memory != 640<<20 || after.HostConfig.MemorySwap != 640<<20 {
		t.Fatalf("the new limit is not in force: %d of %s", after.HostConfig.Memory, after.ID)
	}
	if out, _ := run(t, e, "first", "read", "/workspace/file"); out != "kept" {
		t.Errorf("the file holds %q", out)
	}
}

func TestAPausedSandboxGoesOnAndCanBeStopped(t *testing.T) {
	e := tinyEngine(t)
	ensure(t, e, spec("first"))
	pause := func() {
		t.Helper()
		c, err := e.connect(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if err := c.api.ContainerPause(t.Context(), e.containerName("first")); err != nil {
			t.Fatal(err)
		}
	}
	pause()
	if sb, err := e.Sandbox(t.Context(), "first"); err != nil || sb.State != session.SandboxPaused {
		t.Fatalf("%+v, %v", sb, err)
	}
	ensure(t, e, spec("first"))
	if sb, err := e.Sandbox(t.Context(), "first"); err != nil || sb.State != session.SandboxRunning {
		t.Fatalf("%+v, %v", sb, err)
	}
	pause()
	if err := e.Stop(t.Context(), "first"); err != nil {
		t.Fatal(err)
	}
	if sb, err := e.Sandbox(t.Context(), "first"); err != nil || sb.State != session.SandboxStopped {
		t.Fatalf("%+v, %v", sb, err)
	}
}

func TestAnotherInstallationSeesNothing(t *testing.T) {
	mine, theirs := tinyEngine(t), tinyEngine(t)
	ensure(t, mine, spec("first"))
	if all, err := theirs.Sandboxes(t.Context()); err != nil || len(all) != 0 {
		t.Fatalf("it sees %v, %v", all, err)
	}
	if err := theirs.Remove(t.Context(), "first"); err != nil {
		t.Fatal(err)
	}
	if sb, err := mine.Sandbox(t.Context(), "first"); err != nil || sb.State != session.SandboxRunning {
		t.Fatalf("%+v, %v", sb, err)
	}
}

func TestTwoEnginesOfOneInstallationMakeOneContainer(t *testing.T) {
	cfg := tinyConfig(t)
	one, two := openTest(t, cfg), openTest(t, cfg)
	if err := one.EnsureImage(t.Context(), session.ImageSpec{Agent: tinyAgent}, func(session.ImageState) {}); err != nil {
		t.Fatal(err)
	}
	errs := make(chan error, 2)
	for _, e := range []*Engine{one, two} {
		go func() { errs <- e.EnsureSandbox(t.Context(), spec("first")) }()
	}
	for range 2 {
		if err := <-errs; err != nil {
			t.Error(err)
		}
	}
	if all, err := one.Sandboxes(t.Context()); err != nil || len(all) != 1 || all[0].State != session.SandboxRunning {
		t.Fatalf("%+v, %v", all, err)
	}
}

func TestASandboxHasNoSecretAndNoHostPath(t *testing.T) {
	t.Setenv("ANTHROPIC_API_KEY", "sk-not-for-sandboxes")
	e := tinyEngine(t)
	ensure(t, e, spec("first"))
	out, _ := run(t, e, "first", "environ")
	if strings.Contains(out, "sk-not") {
		t.Errorf("the environment has a key:\n%s", out)
	}
	if !slices.Contains(strings.Split(out, "\n"), "HTTP_PROXY=http://127.0.0.1:3128") {
		t.Errorf("the environment has no proxy:\n%s", out)
	}
}

func TestUsageIsMeasuredWhenItIsAskedFor(t *testing.T) {
	e := tinyEngine(t)
	ensure(t, e, spec("first"))
	sb, err := e.Sandbox(t.Context(), "first")
	if err != nil || sb.LimitMB != 512 {
		t.Fatalf("%+v, %v", sb, err)
	}
	began := time.Now()
	memory, _, err := e.Measure(t.Context(), sb.Container)
	if err != nil || memory <= 0 {
		t.Errorf("it uses %d MB, %v", memory, err)
	}
	if took := time.Since(began); took > usageWait+time.Second {
		t.Errorf("that took %s", took)
	}
}

func TestAnEndedContextStopsWaiting(t *testing.T) {
	e := tinyEngine(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := e.EnsureSandbox(ctx, spec("first")); err == nil {
		t.Fatal("a sandbox was made for nobody")
	}
}

func TestNamesThatAreNoIdsAreRefused(t *testing.T) {
	e := openTest(t, tinyConfig(t))
	for _, id := range []session.ID{"", "../x", "a b", "A", session.ID(strings.Repeat("a", 41)), "a-workspace"} {
		for name, err := range map[string]error{
			"EnsureSandbox": e.EnsureSandbox(t.Context(), spec(id)),
			"Stop":          e.Stop(t.Context(), id),
			"Remove":        e.Remove(t.Context(), id),
		} {
			if session.CodeOf(err) != session.CodeInvalid {
				t.Errorf("%s(%q): %v", name, id, err)
			}
		}
	}
}
