// Command licenses prints the licenses of all that is linked into the programs and bundled into the page, for the
// packages.
//
//	go run ./build/licenses
//
// It runs in the checkout. What names no license is an error: packages with it could not be given away.
package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// programs is what packages contain, with the systems that each is built for.
var programs = []struct {
	pkg, tags string
	systems   []string
}{
	{".", "desktop,production,webkit2_41", []string{"linux", "darwin", "windows"}},
	{"./app/cli", "", []string{"linux", "darwin", "windows"}},
	{"./sandbox/supervisor", "", []string{"linux"}},
}

// module is a Go module as go list tells it.
type module struct {
	Path, Version, Dir string
	Main               bool
}

func main() {
	if err := run(os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "error:", err)
		os.Exit(1)
	}
}

func run(out io.Writer) error {
	page, err := pagePackages("frontend")
	if err != nil {
		return err
	}
	all, err := modules()
	if err != nil {
		return err
	}
	root, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		return fmt.Errorf("go env: %w", err)
	}
	all = append([]module{{Path: "std", Dir: strings.TrimSpace(string(root))}}, all...)
	fmt.Fprintf(out, "Background Agents contains these works of others. Their source is at the address above each "+
		"license.\n")
	for _, m := range all {
		name, at := m.Path+" "+m.Version, "https://pkg.go.dev/"+m.Path+"@"+m.Version
		if m.Path == "std" {
			name, at = "The Go standard library", "https://go.dev/dl/"
		}
		texts, err := licenses(m.Dir)
		if err != nil {
			return fmt.Errorf("%s: %w", m.Path, err)
		}
		work(out, name, at, texts)
	}
	for _, p := range page {
		texts, err := licenses(p.dir)
		if errors.Is(err, errNone) && p.License != "" {
			texts, err = []string{"It has no file with a license. Its package says: " + p.License + "."}, nil
		}
		if err != nil {
			return fmt.Errorf("%s: %w", p.Name, err)
		}
		work(out, p.Name+" "+p.Version+" ("+p.License+")", "https://www.npmjs.com/package/"+p.Name+"/v/"+p.Version,
			texts)
	}
	return nil
}

// work prints one work of others.
func work(out io.Writer, name, at string, texts []string) {
	fmt.Fprintf(out, "\n%s\n%s\n%s\n\n%s\n", strings.Repeat("=", 80), name, at, strings.Join(texts, "\n\n"))
}

// modules returns the modules of which packages are linked into one of the programs on one of the systems.
func modules() ([]module, error) {
	found := map[string]module{}
	for _, p := range programs {
		for _, system := range p.systems {
			cmd := exec.Command("go", "list", "-e", "-deps", "-tags", p.tags, "-json=Module", p.pkg)
			cmd.Env = append(os.Environ(), "GOOS="+system, "CGO_ENABLED=1")
			cmd.Stderr = os.Stderr
			raw, err := cmd.Output()
			if err != nil {
				return nil, fmt.Errorf("list what %s contains on %s: %w", p.pkg, system, err)
			}
			for dec := json.NewDecoder(bytes.NewReader(raw)); ; {
				var of struct{ Module *module }
				if err := dec.Decode(&of); errors.Is(err, io.EOF) {
					break
				} else if err != nil {
					return nil, err
				}
				if m := of.Module; m != nil && !m.Main {
					found[m.Path] = *m
				}
			}
		}
	}
	all := make([]module, 0, len(found))
	for _, m := range found {
		all = append(all, m)
	}
	slices.SortFunc(all, func(a, b module) int { return strings.Compare(a.Path, b.Path) })
	return all, nil
}

var errNone = errors.New("it has no license file")

var isLicense = regexp.MustCompile(`(?i)^(licen[cs]e|copying|notice|patents)([._-].*)?$`)

// licenses returns the license files of a folder.
func licenses(dir string) (texts []string, err error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	for _, e := range entries {
		if e.IsDir() || !isLicense.MatchString(e.Name()) || strings.HasSuffix(e.Name(), ".go") {
			continue
		}
		b, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			return nil, err
		}
		texts = append(texts, strings.TrimSpace(string(b)))
	}
	if len(texts) == 0 {
		return nil, errNone
	}
	return texts, nil
}
