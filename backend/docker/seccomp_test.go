package docker

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/docker/docker/api/types"
	"github.com/docker/docker/api/types/system"
)

func TestAnEngineGetsTheProfileWhereItTakesOne(t *testing.T) {
	confines := []string{"name=seccomp,profile=builtin", "name=cgroupns"}
	podman := types.Version{Components: []types.ComponentVersion{{Name: "Podman Engine"}}}
	engine := types.Version{Components: []types.ComponentVersion{{Name: "Engine"}, {Name: "containerd"}}}
	for name, c := range map[string]struct {
		security []string
		version  types.Version
		want     bool
	}{
		"Docker":                      {confines, engine, true},
		"an old one":                  {[]string{"name=seccomp,profile=default"}, types.Version{}, true},
		"a kernel that can't confine": {[]string{"name=cgroupns"}, engine, false},
		"Podman, which wants a file":  {confines, podman, false},
	} {
		got := profileFor(system.Info{SecurityOptions: c.security}, c.version)
		if raw, has := strings.CutPrefix(got, "seccomp="); has != c.want || has && !json.Valid([]byte(raw)) {
			t.Errorf("%s: %.40q", name, got)
		}
	}
}

// What makes sockets is allowed by its arguments only, so a rule without any must not come back with a new default.
func TestTheProfileAllowsSocketsByTheirFamilyOnly(t *testing.T) {
	var profile struct {
		DefaultAction string
		Syscalls      []struct {
			Names  []string
			Action string
			Args   []struct{ Index, Value uint64 }
		}
	}
	if err := json.Unmarshal([]byte(seccompProfile), &profile); err != nil {
		t.Fatal(err)
	}
	if profile.DefaultAction != "SCMP_ACT_ERRNO" {
		t.Errorf("by default it answers %s", profile.DefaultAction)
	}
	families := map[uint64]int{}
	for _, rule := range profile.Syscalls {
		for _, name := range rule.Names {
			switch {
			case name == "socketcall" || strings.HasPrefix(name, "io_uring"):
				t.Errorf("%s is allowed", name)
			case name != "socket":
			case len(rule.Args) == 0 || rule.Args[0].Index != 0:
				t.Errorf("sockets of any family are allowed: %+v", rule)
			default:
				families[rule.Args[0].Value] = len(rule.Args)
			}
		}
	}
	if len(families) != 4 || families[1] != 1 || families[2] != 1 || families[10] != 1 || families[16] != 2 {
		t.Errorf("family -> arguments: %v", families)
	}
}
