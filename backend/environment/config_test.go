package environment

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"background-agents/backend/environment/toolchain"
	"background-agents/backend/session"
)

func TestConfigurationGoesBeforeOtherFiles(t *testing.T) {
	p := Detect(memory{
		session.ConfigPath: "environment:\n  tools: {go: 1.26, cobol: 1}\n  packages: [zip]\n" +
			"  variables: {A: b}\nsetup: make deps\n",
		"go.mod": "module a\n\ngo 1.24\n\ntoolchain go1.27.4\n", ".tool-versions": "golang 1.27.4\n",
	}, stable)
	var goes []session.Toolchain
	for _, tool := range p.Tools {
		if tool.Name == "go" {
			goes = append(goes, tool)
		}
	}
	if len(goes) != 1 || !strings.HasPrefix(goes[0].Version, "1.26") {
		t.Errorf("go is %v", goes)
	}
	if !slices.Contains(p.Packages, "zip") || !reflect.DeepEqual(p.Variables, []string{"A=b"}) ||
		!reflect.DeepEqual(p.Setup, []string{"make deps"}) {
		t.Errorf("the proposal is %+v", p)
	}
	if r := p.Reasons[0]; r.Path != session.ConfigPath || r.Line != 2 {
		t.Errorf("the first reason is %+v", r)
	}
	if len(p.Unknown) != 1 || p.Unknown[0].Tool != "cobol" || p.Unknown[0].Line != 2 {
		t.Errorf("unknown is %+v", p.Unknown)
	}
	if p.Config == nil || p.Config.Lines["setup"] != 5 || len(p.Config.Problems) > 0 || len(p.Config.Hash) != 64 {
		t.Errorf("the file is %+v", p.Config)
	}
}

func TestBrokenConfigurationIsNotUsed(t *testing.T) {
	p := Detect(memory{session.ConfigPath: "environment:\n  tools: {go: 1.26}\nsetup: make\nstep: x\n",
		"go.mod": "module a\n\ngo 1.24\n"}, stable)
	if len(p.Setup) > 0 || p.Reasons[0].Path != "go.mod" || p.Config == nil || len(p.Config.Problems) != 1 ||
		p.Config.Problems[0].Line != 4 {
		t.Errorf("the proposal is %+v, %+v", p, p.Config)
	}
	if p := Detect(memory{"sub/" + session.ConfigPath: "setup: evil\n",
		".Background-Agents/config.yaml": "setup: evil\n"}, stable); p.Config != nil {
		t.Errorf("another file is read: %+v", p.Config)
	}
}

func TestEveryByteOfTheConfigurationCounts(t *testing.T) {
	seen := map[string]string{}
	for _, text := range []string{"", "setup: a", "setup: b", "setup: a ", "setup: a #", "start: a", "setup: [a]",
		"setup: [", "setup: {"} {
		hash := Detect(memory{session.ConfigPath: text}, stable).Hash
		if other, ok := seen[hash]; ok {
			t.Errorf("%q has the hash of %q", text, other)
		}
		seen[hash] = text
	}
	if Detect(memory{}, stable).Hash == Detect(memory{session.ConfigPath: ""}, stable).Hash {
		t.Error("no file is an empty one")
	}
}

// What is saved to a repository is what it then asks for.
func TestSavedEnvironmentIsDetectedAgain(t *testing.T) {
	for _, d := range toolchain.All() {
		for _, version := range toolchain.Versions(d.Name) {
			want := session.Environment{Tools: []session.Toolchain{{Name: d.Name, Version: version}}, Packages: []string{"zip"},
				Configuration: session.Configuration{Setup: []string{"make"}, Variables: []string{"A=b"}}}
			data, err := (&Environments{}).Render(want)
			if err != nil {
				t.Fatal(err)
			}
			if p := (&Environments{}).Detect(memory{session.ConfigPath: string(data)}); !reflect.DeepEqual(p.Environment, want) {
				t.Errorf("%s %s: got %+v, %+v\n%s", d.Name, version, p.Environment, p.Unknown, data)
			}
		}
	}
}
