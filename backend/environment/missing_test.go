package environment

import (
	"regexp"
	"testing"

	"background-agents/backend/environment/toolchain"
	"background-agents/backend/session"
)

func TestCommandsOfEachToolHaveARemedy(t *testing.T) {
	all := (&Environments{}).Remedies()
	given := map[string]bool{}
	for command, r := range all {
		e := session.Environment{Packages: r.Packages}
		if r.Tool != "" {
			given[r.Tool] = true
			e.Tools = []session.Toolchain{{Name: r.Tool, Version: r.Versions[0]}}
		}
		if _, err := (&Environments{}).Plan(e); err != nil {
			t.Errorf("%s: %v", command, err)
		}
		kinds := 0
		for _, is := range []bool{r.Tool != "", len(r.Packages) > 0, r.Advice != ""} {
			if is {
				kinds++
			}
		}
		if kinds != 1 || r.Part() == "" || r.Tool != "" && r.Label == "" {
			t.Errorf("%s has the remedy %+v", command, r)
		}
		for _, name := range r.Packages {
			if !regexp.MustCompile(`^[a-z0-9][a-z0-9+.-]+$`).MatchString(name) {
				t.Errorf("%s: %s is not a package", command, name)
			}
		}
	}
	for _, d := range toolchain.All() {
		if !given[d.Name] {
			t.Errorf("no command leads to %s", d.Name)
		}
	}
	for command, want := range map[string]string{
		"go": "go", "javac": "java", "bundle": "ruby", "ld": "gcc", "g++": "gcc", "psql": "postgresql-client",
		"pip": "python",
		"mvn": "maven", "tsc": "*install", "pytest": "*install", "docker": "*docker", "sudo": "*root", "apt-get": "*root",
	} {
		if got := all[command].Part(); got != want {
			t.Errorf("%s is part of %q, want %q", command, got, want)
		}
	}
	if _, known := all["which"]; known {
		t.Error("which is a question")
	}
}
