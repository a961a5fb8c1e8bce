package docker

import (
	"archive/tar"
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	builds "github.com/docker/docker/api/types/build"
	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/api/types/filters"
	images "github.com/docker/docker/api/types/image"

	"background-agents/backend/session"
	"background-agents/sandbox"
)

// withRun is the tiny recipe with one more step, which runs a command of the tiny supervisor. It is new to the engine's
// cache, and leaves nothing there.
func withRun(t *testing.T, args ...string) Config {
	t.Helper()
	cfg := tinyConfig(t)
	command, err := json.Marshal(append([]string{"/usr/local/bin/supervisor"}, args...))
	if err != nil {
		t.Fatal(err)
	}
	mark := cfg.Installation
	cfg.Dockerfile = append(cfg.Dockerfile, fmt.Appendf(nil, "LABEL test=%s\nRUN %s\n", mark, command)...)
	forget(t, cfg, filters.Arg("label", "test="+mark))
	return cfg
}

// forget removes the images that a test has made, after it.
func forget(t *testing.T, cfg Config, which filters.KeyValuePair) {
	t.Cleanup(func() {
		e := openTest(t, cfg)
		ctx := context.Background()
		c, err := e.connect(ctx)
		if err != nil {
			t.Error(err)
			return
		}
		list, err := c.api.ImageList(ctx, images.ListOptions{All: true, Filters: filters.NewArgs(which)})
		if err != nil {
			t.Error(err)
		}
		for range 3 { // one that has children goes after them
			for _, found := range list {
				_, _ = c.api.ImageRemove(ctx, found.ID, images.RemoveOptions{Force: true, PruneChildren: true})
			}
		}
	})
}

func TestABuildTellsItsStepsAndWhatItMade(t *testing.T) {
	e := openTest(t, withRun(t, "environ"))
	var all []session.ImageState
	if err := e.EnsureImage(t.Context(), session.ImageSpec{Agent: tinyAgent}, func(st session.ImageState) { all = append(all, st) }); err != nil {
		t.Fatal(err)
	}
	last := all[len(all)-1]
	if last.Status != "current" || last.Size < 1<<20 || !strings.HasPrefix(last.Name, "background-agents/tiny:") || last.Done != last.Total || last.Total < 8 {
		t.Errorf("in the end: %+v", last)
	}
	if !strings.Contains(last.Log, "RUN [\"/usr/local/bin/supervisor\",\"environ\"]") || !strings.Contains(last.Log, "PATH=") {
		t.Errorf("the log lacks step or output:\n%s", last.Log)
	}
	done := 0
	for _, st := range all {
		if st.Done < done || st.Done > st.Total {
			t.Errorf("progress went from %d to %d of %d", done, st.Done, st.Total)
		}
		done = st.Done
	}
	c, err := e.connect(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.api.ImageRemove(t.Context(), last.Name, images.RemoveOptions{}); err != nil {
		t.Fatal(err)
	}
	if current, err := e.ImageCurrent(t.Context(), session.ImageSpec{Agent: tinyAgent}); err != nil || current {
		t.Errorf("a removed image is current: %v, %v", current, err)
	}
	if err := e.EnsureSandbox(t.Context(), spec("first")); session.CodeOf(err) != session.CodeImageMissing {
		t.Errorf("a sandbox of it: %v", err)
	}
}

func TestABuildThatFailsSaysWhereAndWhy(t *testing.T) {
	for _, c := range []struct {
		name, complaint string
		code            session.Code
		message, hint   string
	}{
		{"a step that fails", "this will not do", session.CodeImage, ": this will not do.", "Retry: what is built stays."},
		{"a full disk", "write /x: no space left on device", session.CodeDiskFull, "is full.", "Free space"},
	} {
		t.Run(c.name, func(t *testing.T) {
			e := openTest(t, withRun(t, "complain", c.complaint))
			err := e.EnsureImage(t.Context(), session.ImageSpec{Agent: tinyAgent}, func(session.ImageState) {})
			known := session.AsError(err)
			if known == nil || known.Code != c.code || !strings.HasSuffix(known.Message, c.message) || !strings.HasPrefix(known.Hint, c.hint) || !strings.Contains(known.Unwrap().Error(), c.complaint) {
				t.Errorf("%+v", known)
			}
		})
	}
}

func TestACancelledBuildEndsAtOnceAndLeavesNoContainer(t *testing.T) {
	mark := "mark" + strings.ToLower(newInstallation())
	e := openTest(t, withRun(t, "run", mark))
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var ended time.Time
	err := e.EnsureImage(ctx, session.ImageSpec{Agent: tinyAgent}, func(st session.ImageState) {
		if strings.Contains(st.Step, mark) && ended.IsZero() {
			ended = time.Now()
			time.AfterFunc(300*time.Millisecond, cancel)
		}
	})
	if !errors.Is(err, context.Canceled) || time.Since(ended) > 5*time.Second {
		t.Fatalf("%v after %s", err, time.Since(ended))
	}
	c, err := e.connect(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for end := time.Now().Add(15 * time.Second); ; time.Sleep(100 * time.Millisecond) {
		list, err := c.api.ContainerList(t.Context(), container.ListOptions{All: true})
		if err != nil {
			t.Fatal(err)
		}
		left := 0
		for _, found := range list {
			if strings.Contains(found.Command, mark) {
				left++
			}
		}
		if left == 0 {
			return
		}
		if time.Now().After(end) {
			t.Fatalf("%d containers of the build are left", left)
		}
	}
}

// An engine may offer BuildKit alone; this one has both.
func TestBuildKitTellsItsStepsToo(t *testing.T) {
	e := openTest(t, withRun(t, "environ"))
	c, err := e.connect(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	r, err := e.recipe(session.ImageSpec{Agent: tinyAgent}, c.arch, "")
	if err != nil {
		t.Fatal(err)
	}
	var last session.ImageState
	p := newProgress(func(st session.ImageState) { last = st })
	tag := "bga-test-buildkit:" + e.instance
	err = e.buildOnce(t.Context(), c, buildSpec{tag: tag, args: r.args, context: func(w *tar.Writer) error { return e.pack(w, r) }}, builds.BuilderBuildKit, p)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_, _ = c.api.ImageRemove(context.Background(), tag, images.RemoveOptions{PruneChildren: true})
	})
	if !strings.Contains(last.Log, "RUN [\"/usr/local/bin/supervisor\", \"prepare\"]") || last.Done != last.Total || last.Total == 0 {
		t.Errorf("%d of %d:\n%s", last.Done, last.Total, last.Log)
	}
}

func TestARecipeIsCutToTheStagesOfOneAgent(t *testing.T) {
	got, err := cut(string(sandbox.Dockerfile), []string{"base", "opencode", "sandbox"})
	if err != nil {
		t.Fatal(err)
	}
	for part, want := range map[string]bool{
		"ARG BASE_IMAGE=": true, "opencode-ai@": true, "COPY bin/supervisor-": true, "claude-agent-acp": false, "codex-acp": false,
	} {
		if strings.Contains(got, part) != want {
			t.Errorf("%q is in it: %v", part, !want)
		}
	}
	for _, agent := range []string{"opencode", "claude", "codex"} {
		if _, err := cut(string(sandbox.Dockerfile), []string{"base", agent, "sandbox"}); err != nil {
			t.Errorf("%s: %v", agent, err)
		}
	}
	if _, err := cut(string(sandbox.Dockerfile), []string{"base", "nobody", "sandbox"}); err == nil {
		t.Error("a stage that is not there is passed over")
	}
	if base := defaultOf(got, "BASE_IMAGE"); base != "node:22-bookworm-slim" {
		t.Errorf("the base is %q", base)
	}
}

func TestTheTagFollowsFromTheContent(t *testing.T) {
	tag := func(change func(*Config, *session.Agent)) string {
		t.Helper()
		cfg, agent := tinyConfig(t), tinyAgent
		cfg.SupervisorSum = func(arch string) (string, error) { return "sum of " + arch, nil }
		change(&cfg, &agent)
		e, err := Open(cfg)
		if err != nil {
			t.Fatal(err)
		}
		r, err := e.recipe(session.ImageSpec{Agent: agent}, "amd64", "")
		if err != nil {
			t.Fatal(err)
		}
		return r.tag
	}
	first := tag(func(*Config, *session.Agent) {})
	if again := tag(func(*Config, *session.Agent) {}); again != first {
		t.Errorf("the same gives %s and %s", first, again)
	}
	for name, change := range map[string]func(*Config, *session.Agent){
		"the recipe": func(c *Config, _ *session.Agent) { c.Dockerfile = append(c.Dockerfile, "LABEL x=1\n"...) },
		"the supervisor": func(c *Config, _ *session.Agent) {
			c.SupervisorSum = func(string) (string, error) { return "new", nil }
		},
		"the command": func(_ *Config, a *session.Agent) { a.Command = []string{"other"} },
	} {
		if tag(change) == first {
			t.Errorf("another of %s has the same tag", name)
		}
	}
}

func TestTroubleWithTheNetworkIsToldApart(t *testing.T) {
	for text, want := range map[string]bool{
		"npm error code ECONNRESET": true,
		"Err:1 http://deb.debian.org bookworm InRelease\n  Temporary failure resolving 'deb.debian.org'": true,
		"dial tcp: i/o timeout":              true,
		"npm error 404 Not Found":            false,
		"returned a non-zero code: 1":        false,
		"write /x: no space left on device":  false,
		"E: Unable to locate package nobody": false,
	} {
		if networkFailed(errors.New(text)) != want {
			t.Errorf("%q: %v", text, !want)
		}
	}
}

func TestTheLogIsBounded(t *testing.T) {
	var last session.ImageState
	p := newProgress(func(st session.ImageState) { last = st })
	p.part(1)
	p.step(1, "RUN much\twith "+strings.Repeat("words ", 100))
	for i := range 10_000 {
		p.say(fmt.Sprintf("line %d %s\n", i, strings.Repeat("x", 90)))
	}
	p.say("bytes that are no text: \xff\xfe")
	p.done()
	if len(last.Log) > maxLog || !strings.Contains(last.Log, "line 9999") || strings.Contains(last.Log, "line 0 ") {
		t.Errorf("%d bytes are kept", len(last.Log))
	}
	if len(last.Step) > 200 || strings.ContainsAny(last.Step, "\n\t") {
		t.Errorf("the step is %q", last.Step)
	}
}

func TestFieldsSurviveAnyBytes(t *testing.T) {
	b := binary.AppendUvarint(nil, 1<<3|2)
	b = append(binary.AppendUvarint(b, 5), "hello"...)
	b = append(b, 2<<3, 7)
	whole := append(b, 3<<3|2, 2, 'h', 'i')
	var got []string
	fields(whole, func(n int, v []byte) { got = append(got, fmt.Sprintf("%d %s", n, v)) })
	if strings.Join(got, ",") != "1 hello,3 hi" {
		t.Errorf("%v", got)
	}
	for n := range whole {
		fields(whole[:n], func(int, []byte) {})
		fields(bytes.Repeat([]byte{byte(n), 0xff}, 20), func(int, []byte) {})
	}
}
