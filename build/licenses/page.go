package main

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// npmPackage is a package of the page's.
type npmPackage struct {
	Name, Version, License string
	Dependencies           map[string]string

	dir string
}

// pagePackages returns what the page's sources import, and what that depends on. Some of it is only used to build the
// page.
func pagePackages(frontend string) ([]npmPackage, error) {
	want, err := imported(filepath.Join(frontend, "src"))
	if err != nil {
		return nil, err
	}
	found := map[string]npmPackage{}
	for len(want) > 0 {
		name := want[0]
		want = want[1:]
		if _, known := found[name]; known || strings.HasPrefix(name, "@types/") {
			continue
		}
		p := npmPackage{dir: filepath.Join(frontend, "node_modules", filepath.FromSlash(name))}
		raw, err := os.ReadFile(filepath.Join(p.dir, "package.json"))
		if err != nil {
			return nil, fmt.Errorf("read a package of the page, which `make modules` fetches: %w", err)
		}
		if err := json.Unmarshal(raw, &p); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		found[name] = p
		for of := range p.Dependencies {
			want = append(want, of)
		}
	}
	all := make([]npmPackage, 0, len(found))
	for _, p := range found {
		all = append(all, p)
	}
	slices.SortFunc(all, func(a, b npmPackage) int { return strings.Compare(a.Name, b.Name) })
	return all, nil
}

var imports = regexp.MustCompile(`(?m)(?:\bfrom|^\s*import)\s+['"]((?:@[\w.-]+/)?\w[\w.-]*)(?:/[^'"]*)?['"];?\s*$`)

// imported returns the packages that sources import by name; svelte is in each of its components.
func imported(dir string) (names []string, err error) {
	names = []string{"svelte"}
	err = filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		kind := filepath.Ext(path)
		if err != nil || d.IsDir() || kind != ".ts" && kind != ".svelte" || strings.HasSuffix(path, ".test.ts") {
			return err
		}
		b, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		for _, m := range imports.FindAllStringSubmatch(string(b), -1) {
			names = append(names, m[1])
		}
		return nil
	})
	return names, err
}
