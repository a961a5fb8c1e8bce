package docker

import (
	"crypto/sha256"
	"encoding/hex"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"background-agents/backend/session"
)

// socketPath is short: a socket's path has room for some hundred bytes.
func socketPath(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "bga")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	return filepath.Join(dir, "d.sock")
}

func TestAnEngineThatIsNotThereHasItsOwnSentence(t *testing.T) {
	dead := socketPath(t)
	l, err := net.Listen("unix", dead)
	if err != nil {
		t.Fatal(err)
	}
	l.(*net.UnixListener).SetUnlinkOnClose(false)
	_ = l.Close()
	silent := socketPath(t)
	if l, err = net.Listen("unix", silent); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	for _, c := range []struct {
		name, host string
		code       session.Code
	}{
		{"a socket without a listener", "unix://" + dead, session.CodeDockerDown},
		{"no socket", "unix:///nowhere/docker.sock", session.CodeDockerDown},
		{"a socket that says nothing", "unix://" + silent, session.CodeDockerDown},
		{"a port without a listener", "tcp://127.0.0.1:1", session.CodeDockerDown},
		{"no address", "what is this", session.CodeDockerDown},
		{"SSH to an option", "ssh://-oProxyCommand=x", session.CodeDockerDown},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			_, err := open(t.Context(), endpoint{host: c.host, opts: hostOpts(c.host)})
			if known := session.AsError(err); known == nil || known.Code != c.code || known.Hint == "" {
				t.Fatalf("%+v", known)
			}
		})
	}
}

func TestWithoutAnEngineEveryCallSaysSoAndOpenDoesNot(t *testing.T) {
	t.Setenv("DOCKER_HOST", "unix:///nowhere/docker.sock")
	e := openTest(t, tinyConfig(t))
	state, err := e.Ping(t.Context())
	if state.OK || state.Error == nil || state.Host != "unix:///nowhere/docker.sock" || session.CodeOf(err) != session.CodeDockerDown {
		t.Errorf("Ping: %+v, %v", state, err)
	}
	_, imageErr := e.ImageCurrent(t.Context(), session.ImageSpec{Agent: tinyAgent})
	_, listErr := e.Sandboxes(t.Context())
	_, connectErr := e.Connect(t.Context(), "first")
	for name, err := range map[string]error{
		"ImageCurrent":  imageErr,
		"EnsureImage":   e.EnsureImage(t.Context(), session.ImageSpec{Agent: tinyAgent}, func(session.ImageState) {}),
		"EnsureSandbox": e.EnsureSandbox(t.Context(), spec("first")),
		"Stop":          e.Stop(t.Context(), "first"),
		"Sandboxes":     listErr,
		"Connect":       connectErr,
		"FillMirror":    e.FillMirror(t.Context(), "project1", "x", strings.NewReader("")),
	} {
		if session.CodeOf(err) != session.CodeDockerDown {
			t.Errorf("%s: %v", name, err)
		}
	}
	if tips, err := e.MirrorTips(t.Context(), "project1"); err != nil || len(tips) != 0 {
		t.Errorf("MirrorTips of a mirror that never was: %v, %v", tips, err)
	}
}

func TestTheEngineThatTheUserChoseIsTheOnlyOneAsked(t *testing.T) {
	home := t.TempDir()
	folder := filepath.Join(home, ".docker")
	write := func(path, text string) {
		t.Helper()
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	sum := sha256.Sum256([]byte("far"))
	id := hex.EncodeToString(sum[:])
	write(filepath.Join(folder, "contexts", "meta", id, "meta.json"), `{"Name":"far","Endpoints":{"docker":{"Host":"tcp://far:2376"}}}`)
	t.Setenv("HOME", home)
	t.Setenv("USERPROFILE", home)
	t.Setenv("DOCKER_HOST", "")
	t.Setenv("DOCKER_CONTEXT", "")
	t.Setenv("DOCKER_CONFIG", "")
	hosts := func() []string {
		t.Helper()
		all, err := endpoints()
		if err != nil {
			t.Fatal(err)
		}
		var hosts []string
		for _, e := range all {
			hosts = append(hosts, e.host)
		}
		return hosts
	}
	if runtime.GOOS == "linux" {
		write(filepath.Join(home, "run", "file"), "")
		t.Setenv("XDG_RUNTIME_DIR", filepath.Join(home, "run"))
		l, err := net.Listen("unix", filepath.Join(home, "run", "docker.sock"))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = l.Close() })
		if got := hosts(); !slices.Contains(got, "unix://"+home+"/run/docker.sock") {
			t.Errorf("without a choice: %v", got)
		}
	}
	write(filepath.Join(folder, "config.json"), `{"currentContext":"far"}`)
	if got := hosts(); !slices.Equal(got, []string{"tcp://far:2376"}) {
		t.Errorf("by the context in use: %v", got)
	}
	t.Setenv("HOME", "")
	t.Setenv("USERPROFILE", "")
	if all, err := endpoints(); err != nil || runtime.GOOS == "linux" && !slices.ContainsFunc(all, func(e endpoint) bool {
		return e.host == "unix://"+home+"/run/docker.sock"
	}) {
		t.Errorf("without a home folder: %v, %v", all, err)
	}
	t.Setenv("DOCKER_CONFIG", folder)
	if got := hosts(); !slices.Equal(got, []string{"tcp://far:2376"}) {
		t.Errorf("by the configuration that DOCKER_CONFIG names, without a home folder: %v", got)
	}
	t.Setenv("DOCKER_CONTEXT", "nowhere")
	if _, err := endpoints(); err == nil {
		t.Error("a context that is not there is passed over")
	}
	t.Setenv("DOCKER_HOST", "unix:///mine.sock")
	if got := hosts(); !slices.Equal(got, []string{"unix:///mine.sock"}) {
		t.Errorf("by DOCKER_HOST: %v", got)
	}
}

// An engine that was named somewhere is not started by starting this computer's.
func TestTheHintSaysWhatNamedTheEngine(t *testing.T) {
	t.Setenv("HOME", t.TempDir())
	t.Setenv("DOCKER_CONFIG", "")
	for _, c := range []struct{ name, host, context, message, hint string }{
		{"a host that does not answer", "tcp://127.0.0.1:1", "", "Docker does not answer at tcp://127.0.0.1:1.",
			"DOCKER_HOST names this engine. Start it there, or unset DOCKER_HOST to use the engine of this computer."},
		{"a socket that is not there", "unix:///nowhere/docker.sock", "", "Docker does not answer at unix:///nowhere/docker.sock.",
			"DOCKER_HOST names this engine. Start it there, or unset DOCKER_HOST to use the engine of this computer."},
		{"no address", "foo", "", `"foo" is not a valid Docker address.`,
			"Correct DOCKER_HOST, or unset DOCKER_HOST to use the engine of this computer."},
		{"a context that is not there", "", "nowhere", "The Docker engine that is configured cannot be found: ",
			"Choose another with `docker context use`, or unset DOCKER_CONTEXT to use the engine of this computer."},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Setenv("DOCKER_HOST", c.host)
			t.Setenv("DOCKER_CONTEXT", c.context)
			_, err := openTest(t, tinyConfig(t)).Ping(t.Context())
			if known := session.AsError(err); known == nil || !strings.HasPrefix(known.Message, c.message) || known.Hint != c.hint {
				t.Errorf("%+v", known)
			}
		})
	}
}

func TestArgumentsOfSSH(t *testing.T) {
	for _, c := range []struct{ host, want string }{
		{"ssh://me@far", "-l me -- far"},
		{"ssh://far:2222", "-p 2222 -- far"},
		{"ssh://-far", ""},
		{"ssh://", ""},
	} {
		args, err := sshArgs(c.host)
		if got := strings.Join(args, " "); c.want == "" && err == nil || !strings.HasSuffix(got, c.want) {
			t.Errorf("%s: %q, %v", c.host, got, err)
		}
	}
}
