package environment

import (
	"reflect"
	"slices"
	"testing"

	"background-agents/backend/environment/toolchain"
	"background-agents/backend/session"
)

func TestPlanBringsWhatToolsNeed(t *testing.T) {
	newest := toolchain.Versions("go")[0]
	plan, err := (&Environments{}).Plan(session.Environment{
		Tools: []session.Toolchain{
			{Name: "ruby", Version: "3.1"}, {Name: "go", Version: "1.24.4"}, {Name: "go", Version: newest},
			{Name: "java", Version: "17"}, {Name: "maven", Version: "3.8.7"},
		},
		Packages: []string{"libpq-dev"},
	})
	if err != nil {
		t.Fatal(err)
	}
	want := [][]string{
		{"gcc", "g++", "make", "pkg-config"}, // Ruby needs it; it is the layer that most share
		{"openjdk-17-jdk-headless"}, {"maven"}, {"ruby", "ruby-dev", "bundler", "rake"}, {"libpq-dev"},
	}
	if !reflect.DeepEqual(plan.Packages, want) {
		t.Errorf("the layers are %q", plan.Packages)
	}
	if want := []session.Toolchain{{Name: "go", Version: newest}, {Name: "go", Version: "1.24.4"}}; !reflect.DeepEqual(plan.Tools, want) {
		t.Errorf("the volumes are %v", plan.Tools)
	}
	first, second := slices.Index(plan.Path, "/opt/tools/go/"+newest+"/bin"), slices.Index(plan.Path, "/opt/tools/go/1.24.4/bin")
	if first < 0 || second < first {
		t.Errorf("the path is %q", plan.Path)
	}
	if !slices.Contains(plan.Variables, "JAVA_HOME=/usr/lib/jvm/java-17-openjdk-"+session.EngineArch) {
		t.Errorf("the variables are %q", plan.Variables)
	}
}

func TestPlanNamesWhatThereIsNot(t *testing.T) {
	for _, tools := range [][]session.Toolchain{
		{{Name: "cobol", Version: "1"}}, {{Name: "go", Version: "1.0"}}, {{Name: "go", Version: "../../etc"}}, {{Name: "go"}},
	} {
		_, err := (&Environments{}).Plan(session.Environment{Tools: tools})
		if e := session.AsError(err); e == nil || e.Code != session.CodeInvalid || e.Hint == "" {
			t.Errorf("%v: %v", tools, err)
		}
	}
	if plan, err := (&Environments{}).Plan(session.Environment{}); err != nil || !reflect.DeepEqual(plan, session.EnvironmentPlan{}) {
		t.Errorf("nothing is %+v, %v", plan, err)
	}
}

// What is proposed can be made: every version of the table has a plan.
func TestEveryVersionHasAPlan(t *testing.T) {
	for _, d := range toolchain.All() {
		for _, version := range toolchain.Versions(d.Name) {
			plan, err := (&Environments{}).Plan(session.Environment{Tools: []session.Toolchain{{Name: d.Name, Version: version}}})
			if err != nil || len(plan.Packages)+len(plan.Tools) == 0 {
				t.Errorf("%s %s: %+v, %v", d.Name, version, plan, err)
			}
		}
	}
}
