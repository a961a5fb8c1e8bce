package environment

import (
	"regexp"
	"testing"

	"background-agents/backend/session"
)

func hashOf(e session.Environment, parts []session.ProjectPart) string {
	return Hash(session.EnvironmentProposal{Environment: e, Parts: parts})
}

func TestHashChangesWithAnyToolVersionPackageOrCommand(t *testing.T) {
	type content struct {
		env   session.Environment
		parts []session.ProjectPart
	}
	fresh := func() content {
		return content{session.Environment{Tools: []session.Toolchain{{Name: "go", Version: "1.27.4"}, {Name: "node", Version: "24.11.1"}},
			Packages: []string{"libpq-dev", "redis-server"}},
			[]session.ProjectPart{{Dir: "", Kind: "go", Install: "go mod download", Test: "go test ./..."}, {Dir: "web", Kind: "npm", Install: "npm ci"}}}
	}
	first := fresh()
	base := hashOf(first.env, first.parts)
	if !regexp.MustCompile(`^[0-9a-f]{32}$`).MatchString(base) {
		t.Errorf("%q is not 32 hex characters", base)
	}
	seen := map[string]string{base: "nothing"}
	for name, change := range map[string]func(*content){
		"tool's name":      func(c *content) { c.env.Tools[0].Name = "gcc" },
		"tool's version":   func(c *content) { c.env.Tools[0].Version = "1.27.5" },
		"tool less":        func(c *content) { c.env.Tools = c.env.Tools[:1] },
		"second version":   func(c *content) { c.env.Tools = append(c.env.Tools, session.Toolchain{Name: "go", Version: "1.26.8"}) },
		"package":          func(c *content) { c.env.Packages[0] = "libpq5" },
		"package less":     func(c *content) { c.env.Packages = c.env.Packages[1:] },
		"package more":     func(c *content) { c.env.Packages = append(c.env.Packages, "curl") },
		"packages as one":  func(c *content) { c.env.Packages = []string{"libpq-dev,12:redis-server"} },
		"install":          func(c *content) { c.parts[0].Install = "go mod download -x" },
		"test":             func(c *content) { c.parts[1].Test = "npm test" },
		"test for install": func(c *content) { c.parts[1].Install, c.parts[1].Test = "", "npm ci" },
		"folder":           func(c *content) { c.parts[1].Dir = "site" },
		"kind":             func(c *content) { c.parts[1].Kind = "pnpm" },
		"part less":        func(c *content) { c.parts = c.parts[:1] },
		"variable":         func(c *content) { c.env.Variables = []string{"A=b"} },
		"variable's value": func(c *content) { c.env.Variables = []string{"A=c"} },
		"setup":            func(c *content) { c.env.Setup = []string{"make"} },
		"start":            func(c *content) { c.env.Start = []string{"make"} },
		"two commands":     func(c *content) { c.env.Setup = []string{"make", "make"} },
	} {
		c := fresh()
		change(&c)
		hash := hashOf(c.env, c.parts)
		if other, ok := seen[hash]; ok {
			t.Errorf("%s has the hash of %s", name, other)
		}
		seen[hash] = name
	}
}

func TestHashIsTheSameInAnyOrderAndForOtherLines(t *testing.T) {
	a := session.Environment{Tools: []session.Toolchain{{Name: "go", Version: "1.27.4"}, {Name: "node", Version: "24.11.1"}}, Packages: []string{"a1", "b1"}}
	b := session.Environment{Tools: []session.Toolchain{a.Tools[1], a.Tools[0]}, Packages: []string{"b1", "a1"}}
	parts := []session.ProjectPart{{Kind: "go"}, {Dir: "web", Kind: "npm"}}
	if hashOf(a, parts) != hashOf(b, []session.ProjectPart{parts[1], parts[0]}) {
		t.Error("the order makes another hash")
	}
	if b.Packages[0] != "b1" || b.Tools[0].Name != "node" {
		t.Error("what was hashed is in another order now")
	}
	if hashOf(session.Environment{}, nil) != hashOf(session.Environment{Tools: []session.Toolchain{},
		Packages: []string{}}, []session.ProjectPart{}) {
		t.Error("nil is another hash than empty")
	}
	one := Detect(memory{"go.mod": "module a\n\ngo 1.24\n"}, stable)
	two := Detect(memory{"go.mod": "module a\n\n// newer\ngo 1.25\n"}, stable)
	if one.Hash != two.Hash || one.Hash != Hash(one) {
		t.Error("the lines of reasons make another hash")
	}
}
