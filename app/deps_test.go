package app

import (
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

const module = "background-agents"

// listed is what go list says of a package.
type listed struct {
	ImportPath string
	Standard   bool
	Imports    []string
	CgoFiles   []string
}

func goList(t *testing.T, args ...string) []listed {
	t.Helper()
	cmd := exec.Command("go", append([]string{"list", "-json=ImportPath,Standard,Imports,CgoFiles"}, args...)...)
	cmd.Dir, cmd.Stderr = "..", os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	var all []listed
	for dec := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p listed
		switch err := dec.Decode(&p); {
		case errors.Is(err, io.EOF):
			return all
		case err != nil:
			t.Fatal(err)
		}
		p.ImportPath = strings.TrimPrefix(p.ImportPath, module+"/")
		all = append(all, p)
	}
}

// in reports whether a package lies in a folder.
func in(pkg, folder string) bool { return pkg == folder || strings.HasPrefix(pkg, folder+"/") }

func external(imp string) bool {
	first, _, _ := strings.Cut(imp, "/")
	return strings.Contains(first, ".")
}

func TestDomainKnowsNoTechnology(t *testing.T) {
	for _, p := range goList(t, "./backend/session") {
		for _, imp := range p.Imports {
			if external(imp) || in(imp, module) {
				t.Errorf("%s imports %s: the domain decides what may happen, and must be readable and testable without any technology", p.ImportPath, imp)
			}
		}
	}
}

// knows are the packages of ours, beside the domain, that an adapter may use, and why.
var knows = map[string][]string{
	"backend/docker":      {"sandbox", "backend/private"}, // the image context that the application embeds
	"backend/sandboxlink": {"sandbox/wire"},               // the protocol that host and supervisor share

	"backend/environment": {"backend/projectconfig"}, // one of the files that say what a project needs

	// Files with fixed names are opened in one way only: without following links, in folders that only the user can change.
	"backend/broker":  {"backend/private"},
	"backend/control": {"backend/private"},
	"backend/gitrepo": {"backend/private"},
}

func TestAdaptersNeverMeet(t *testing.T) {
	for _, p := range goList(t, "./backend/...") {
		parts := strings.Split(p.ImportPath, "/")
		if len(parts) < 2 || parts[1] == "session" || parts[1] == "bench" {
			continue // the composition root, the domain, and benchmarks of the whole
		}
		self := "backend/" + parts[1]
		for _, imp := range p.Imports {
			of := strings.TrimPrefix(imp, module+"/")
			allowed := of == "backend/session" || in(of, self) || slices.ContainsFunc(knows[self], func(k string) bool { return in(of, k) })
			if in(imp, module) && !allowed {
				t.Errorf("%s imports %s: each adapter knows the domain alone, so that one can be read, tested and replaced without the others", p.ImportPath, of)
			}
		}
	}
}

func TestSandboxKnowsNothingOfTheHost(t *testing.T) {
	for _, p := range goList(t, "./sandbox/...") {
		for _, imp := range p.Imports {
			if in(imp, module+"/backend") || in(imp, module+"/app") {
				t.Errorf("%s imports %s: what runs inside the sandbox must not carry the host's code, and speaks wire alone", p.ImportPath, imp)
			}
		}
	}
}

func TestEachTechnologyHasOnePlace(t *testing.T) {
	places := []struct{ technology, place, reason string }{
		{"github.com/wailsapp/wails", "app", "the window must be replaceable, and bga must run without it"},
		{"fyne.io/systray", "app", "as the window"},
		{"github.com/docker/docker", "backend/docker", "another engine is another adapter"},
		{"gorm.io/gorm", "backend/sqlite", "the domain stores through Store"},
		{"github.com/zalando/go-keyring", "backend/keyring", "secrets have one door"},
		{"github.com/coder/acp-go-sdk", "sandbox/supervisor", "agents are spoken to inside the sandbox only"},
		{"github.com/spf13/cobra", "app/cli", "the command line is one of the ways in"},
	}
	for _, p := range goList(t, "./...") {
		for _, imp := range p.Imports {
			for _, pl := range places {
				if in(imp, pl.technology) && !in(p.ImportPath, pl.place) {
					t.Errorf("%s imports %s, which belongs in %s: %s", p.ImportPath, imp, pl.place, pl.reason)
				}
			}
		}
	}
}

func TestBackendKnowsNoWayIn(t *testing.T) {
	for _, p := range goList(t, "./backend/...", "./sandbox/...") {
		for _, imp := range p.Imports {
			if in(imp, module+"/app") || in(imp, module+"/frontend") {
				t.Errorf("%s imports %s: window and bga use the backend, never the other way round", p.ImportPath, imp)
			}
		}
	}
}

func TestCommandLineLinksNoWindow(t *testing.T) {
	for _, p := range goList(t, "-deps", "./app/cli") {
		if in(p.ImportPath, "github.com/wailsapp") || in(p.ImportPath, "fyne.io") || p.ImportPath == "app" || p.ImportPath == "frontend" {
			t.Errorf("bga links %s: it must run on machines without GTK and WebKit", p.ImportPath)
		}
		if !p.Standard && len(p.CgoFiles) > 0 {
			t.Errorf("bga links %s, which is C: it must be one static file", p.ImportPath)
		}
	}
}

func TestPageHasOneDoorToTheNativeSide(t *testing.T) {
	err := filepath.WalkDir("../frontend/src", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !slices.Contains([]string{".ts", ".svelte"}, filepath.Ext(path)) {
			return err
		}
		raw, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		if strings.Contains(string(raw), "wailsjs") && filepath.Base(path) != "wails.ts" {
			t.Errorf("%s uses the generated bindings: only backend/wails.ts does, so that the page runs in a plain browser with backend/fake", path)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// The words for a phase of a session's start stand on both sides.
func TestPageHasWordsForEachPhase(t *testing.T) {
	domain, err := os.ReadFile("../backend/session/foldturn.go")
	if err != nil {
		t.Fatal(err)
	}
	page, err := os.ReadFile("../frontend/src/text/phase.ts")
	if err != nil {
		t.Fatal(err)
	}
	_, table, found := strings.Cut(string(domain), "func phaseStep(")
	table, _, _ = strings.Cut(table, "}[name]")
	phases := regexp.MustCompile(`"([a-z]+)":`).FindAllStringSubmatch(table, -1)
	if !found || len(phases) < 5 {
		t.Fatalf("the domain's phases are not found: %q", phases)
	}
	for _, m := range phases {
		if !strings.Contains(string(page), "\n  "+m[1]+":") {
			t.Errorf("frontend/src/text/phase.ts has no words for the phase %q", m[1])
		}
	}
}
