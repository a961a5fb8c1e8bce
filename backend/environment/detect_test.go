package environment

import (
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"

	"background-agents/backend/session"
)

// memory is a FileTree of texts.
type memory map[string]string

func (m memory) Paths() []string { return slices.Sorted(maps.Keys(m)) }

func (m memory) Read(path string) ([]byte, error) {
	text, ok := m[path]
	if !ok {
		return nil, errors.New("no such file")
	}
	return []byte(text[:min(len(text), session.MaxTreeFile)]), nil
}

// ours is a table of versions such as the application's, newest first.
var ours = map[string][]string{
	"go":       {"1.27.4", "1.26.8", "1.26.4", "1.25.4", "1.24.4", "1.23.12"},
	"node":     {"25.2.0", "24.11.1", "24.4.1", "22.21.0", "20.19.5", "18.20.8"},
	"pnpm":     {"10.22.0", "9.15.9", "9.1.0", "8.15.9", "7.33.7"},
	"yarn":     {"4.11.0", "1.22.22"},
	"bun":      {"1.3.2", "1.2.20", "1.2.19", "1.1.0"},
	"deno":     {"2.5.6", "1.46.3"},
	"python":   {"3.14.0", "3.13.9", "3.12.12", "3.11.14", "3.10.19", "3.9.25"},
	"uv":       {"0.9.10"},
	"poetry":   {"2.2.1", "1.8.5"},
	"gcc":      {"12.2"},
	"cmake":    {"4.1.2", "3.31.9"},
	"java":     {"26.0.1", "25.0.1+8", "21.0.9+10", "17.0.17+10", "11.0.29+7", "8.0.472"},
	"maven":    {"3.9.11", "3.8.7"},
	"gradle":   {"9.2.0", "8.14.3"},
	"rust":     {"1.91.1", "1.85.1", "1.79.0", "1.74.0"},
	"ruby":     {"3.4.7", "3.3.10", "3.2.9", "3.1.7"},
	"php":      {"8.4.14", "8.3.27", "8.2.29"},
	"composer": {"2.9.1"},
	"dotnet":   {"10.0.100", "9.0.307", "8.0.416", "8.0.404", "8.0.121"},
}

func stable(tool string) []string { return ours[tool] }

// example is a project and what is found in it. What a case leaves nil is not looked at.
type example struct {
	name     string
	files    memory
	tools    string
	packages string
	reasons  []string
	parts    []string
	unknown  []string
}

func (e example) run(t *testing.T) {
	t.Run(e.name, func(t *testing.T) {
		p := Detect(e.files, stable)
		if got := toolsOf(p); got != e.tools {
			t.Errorf("tools are %q, want %q", got, e.tools)
		}
		if got := strings.Join(p.Packages, " "); got != e.packages {
			t.Errorf("packages are %q, want %q", got, e.packages)
		}
		compare(t, "reasons", reasonsOf(p), e.reasons)
		compare(t, "parts", partsOf(p), e.parts)
		var unknown []string
		for _, u := range p.Unknown {
			unknown = append(unknown, reasonText(u.NeedReason))
		}
		if e.unknown == nil {
			e.unknown = []string{}
		}
		compare(t, "unknown", unknown, e.unknown)
	})
}

func compare(t *testing.T, what string, got, want []string) {
	t.Helper()
	if want != nil && strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("%s are\n\t%s\nwant\n\t%s", what, strings.Join(got, "\n\t"), strings.Join(want, "\n\t"))
	}
}

func toolsOf(p session.EnvironmentProposal) string {
	var all []string
	for _, tool := range p.Tools {
		all = append(all, tool.Name+" "+tool.Version)
	}
	return strings.Join(all, ", ")
}

func reasonText(r session.NeedReason) string {
	return fmt.Sprintf("%s:%d %s %q %s", r.Path, r.Line, r.Tool, r.Wanted, r.Rule)
}

func reasonsOf(p session.EnvironmentProposal) []string {
	var all []string
	for _, r := range p.Reasons {
		all = append(all, reasonText(r))
	}
	return all
}

func partsOf(p session.EnvironmentProposal) []string {
	var all []string
	for _, part := range p.Parts {
		all = append(all, strings.Join([]string{part.Dir, part.Kind, part.Install, part.Test}, " | "))
	}
	return all
}

func TestProjectWithoutManifestsAsksForNothing(t *testing.T) {
	for _, files := range []memory{{}, {"README.md": "go 1.24"}, {"node_modules/a/package.json": `{"engines":{"node":"20"}}`}} {
		p := Detect(files, stable)
		if p.Tools == nil || p.Packages == nil || p.Reasons == nil || p.Parts == nil || p.Unknown == nil {
			t.Errorf("%v gives a nil slice: %#v", files, p)
		}
		if len(p.Tools)+len(p.Packages)+len(p.Reasons)+len(p.Parts)+len(p.Unknown) > 0 || p.Hash != Hash(p) {
			t.Errorf("%v gives %+v", files, p)
		}
	}
}

func TestProposalIsTheSameEachTime(t *testing.T) {
	files := memory{}
	for _, e := range ecosystems {
		for path, text := range e.files {
			files[e.kind+"/"+path] = text
		}
	}
	first := Detect(files, stable)
	for range 5 {
		if again := Detect(files, stable); !reflect.DeepEqual(first, again) {
			t.Fatalf("%+v\nthen\n%+v", first, again)
		}
	}
	if len(first.Parts) < 20 {
		t.Errorf("only %d parts are found: %v", len(first.Parts), first.Parts)
	}
}

func TestFoldersOfOthersAreSkipped(t *testing.T) {
	files := memory{"go.mod": "module a\n\ngo 1.24.0\n"}
	for _, dir := range strings.Fields("vendor/x third_party testdata a/examples test/fixtures node_modules/b") {
		files[dir+"/package.json"] = `{"engines":{"node":"20"},"scripts":{"test":"x"}}`
	}
	example{name: "skipped", files: files, tools: "go 1.27.4", parts: []string{" | go | go mod download | go test ./..."}}.run(t)
}
