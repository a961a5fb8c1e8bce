package docker

import (
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/docker/docker/api/types/mount"

	"background-agents/backend/session"
	"background-agents/sandbox"
)

func TestToolIsAVolumeThatAllSessionsShare(t *testing.T) {
	e := tinyEngine(t)
	ctx, tool := t.Context(), session.Toolchain{Name: "hare", Version: "0.25+1"}
	file := filepath.Join(t.TempDir(), "archive")
	if err := os.WriteFile(file, []byte("bytes"), 0o600); err != nil {
		t.Fatal(err)
	}
	fetched := 0
	var mu sync.Mutex
	fetch := func(arch string, fill func(session.ToolArchives) error) error {
		mu.Lock()
		fetched++
		mu.Unlock()
		return fill(session.ToolArchives{Digest: "sha256:abc " + arch, Parts: []session.ToolArchive{{File: file, Size: 5, Format: "tar.gz"}}})
	}
	if current, err := e.ToolCurrent(ctx, tool); err != nil || current {
		t.Fatal(current, err)
	}
	broken := errors.New("the network is away")
	if err := e.FillTool(ctx, tool, func(string, func(session.ToolArchives) error) error { return broken }); !errors.Is(err, broken) {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			if err := e.FillTool(ctx, tool, fetch); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if current, err := e.ToolCurrent(ctx, tool); err != nil || !current || fetched != 1 {
		t.Fatalf("it was fetched %d times: %v, %v", fetched, current, err)
	}
	s := spec("tools")
	s.Tools, s.Path, s.Variables = []session.Toolchain{tool}, []string{tool.Folder() + "/bin"}, []string{"HARE=" + session.EngineArch}
	ensure(t, e, s)
	found := inspect(t, e, "tools")
	for _, m := range found.Mounts {
		if m.Destination == "/opt/tools/hare/0.25+1" && m.RW {
			t.Error("an agent may write into the tool")
		}
	}
	if !slices.ContainsFunc(found.Config.Env, func(v string) bool { return strings.HasPrefix(v, "PATH=/opt/tools/hare/0.25+1/bin:/") }) ||
		!slices.ContainsFunc(found.Config.Env, func(v string) bool { return v == "HARE=amd64" || v == "HARE=arm64" }) {
		t.Errorf("the environment is %q", found.Config.Env)
	}
	if !slices.ContainsFunc(found.HostConfig.Mounts, func(m mount.Mount) bool { return m.Target == tool.Folder() && m.ReadOnly }) {
		t.Errorf("the mounts are %+v", found.HostConfig.Mounts)
	}
}

func TestToolsThatNoProjectHasGo(t *testing.T) {
	e := tinyEngine(t)
	ctx := t.Context()
	var tools []session.Toolchain
	for _, version := range []string{"1", "2", "3"} {
		tool := session.Toolchain{Name: "hare", Version: version}
		tools = append(tools, tool)
		err := e.FillTool(ctx, tool, func(_ string, fill func(session.ToolArchives) error) error {
			return fill(session.ToolArchives{Digest: "sha256:abc", Parts: []session.ToolArchive{{File: os.DevNull, Format: "tar.gz"}}})
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	s := spec("pruned")
	s.Tools = tools[:1]
	ensure(t, e, s)
	if err := e.PruneTools(ctx, tools[1:2]); err != nil {
		t.Fatal(err)
	}
	for i, want := range []bool{true, true, false} { // in use, wanted, neither
		if current, err := e.ToolCurrent(ctx, tools[i]); err != nil || current != want {
			t.Errorf("%s is there: %v, %v", tools[i], current, err)
		}
	}
}

func TestToolWithoutASealIsFilledAgain(t *testing.T) {
	e := tinyEngine(t)
	ctx, tool := t.Context(), session.Toolchain{Name: "hare", Version: "1"}
	name, err := e.toolVolume(tool)
	if err != nil {
		t.Fatal(err)
	}
	fill := func(digest string) error {
		return e.FillTool(ctx, tool, func(_ string, fill func(session.ToolArchives) error) error {
			return fill(session.ToolArchives{Digest: digest, Parts: []session.ToolArchive{{File: os.DevNull, Format: "tar.gz"}}})
		})
	}
	if err := fill(" "); err == nil { // the container prints another digest than was asked for: an empty line
		t.Error("a volume that does not hold what was asked for is taken")
	}
	if current, err := e.ToolCurrent(ctx, tool); err != nil || current {
		t.Fatalf("a failed fill is current: %v, %v", current, err)
	}
	if err := fill("sha256:abc"); err != nil {
		t.Fatal(err)
	}
	c, err := e.connect(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if err := c.api.VolumeRemove(ctx, name, true); err != nil {
		t.Fatal(err)
	}
	ensureOther := spec("other") // the engine makes an empty volume of the name, as for any mount
	ensureOther.Tools = []session.Toolchain{tool}
	ensure(t, e, ensureOther)
	if current, err := e.ToolCurrent(ctx, tool); err != nil || current {
		t.Fatalf("an empty volume is current: %v, %v", current, err)
	}
	for _, odd := range []session.Toolchain{{}, {Name: "go", Version: "../../x"}, {Name: "-v", Version: "1"}, {Name: "go", Version: "1 /etc"}} {
		if _, err := e.ToolCurrent(ctx, odd); session.CodeOf(err) != session.CodeInvalid {
			t.Errorf("%q: %v", odd, err)
		}
	}
}

func TestPackagesAreLayersInTheirOrder(t *testing.T) {
	e := openTest(t, tinyConfig(t))
	e.cfg.Dockerfile = sandbox.Dockerfile
	of := session.ImageSpec{
		Agent:    session.Agent{ID: "opencode", Layer: "opencode", Command: []string{"opencode"}},
		Packages: [][]string{{"g++", "gcc"}, {"libpq-dev"}},
	}
	r, err := e.recipe(of, "amd64", "")
	if err != nil {
		t.Fatal(err)
	}
	var runs []string
	for line := range strings.Lines(r.dockerfile) {
		if before, _, ok := strings.Cut(line, " && rm"); ok && strings.Contains(before, "recommends ") {
			_, names, _ := strings.Cut(before, "recommends ")
			runs = append(runs, names)
		}
	}
	if want := []string{"g++ gcc", "libpq-dev"}; !reflect.DeepEqual(runs, want) {
		t.Errorf("the layers are %q", runs)
	}
	if r.args["GROUND"] != "packages" {
		t.Errorf("the agent is installed on %q", r.args["GROUND"])
	}
	without, err := e.recipe(session.ImageSpec{Agent: of.Agent}, "amd64", "")
	if err != nil || without.tag == r.tag || strings.Contains(without.dockerfile, "AS packages") {
		t.Errorf("without packages it is %s: %v", without.tag, err)
	}
}
