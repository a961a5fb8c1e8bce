package toolchain

import (
	"maps"
	"slices"
	"strings"

	"background-agents/backend/session"
)

// Definition is what we know about a tool. Texts may hold {root}, the folder of the tool, and {home}, the home folder
// in the sandbox; Environment replaces both.
type Definition struct {
	Name      string            // go: part of paths and volume names
	Label     string            // Go: what users read
	Releases  []Release         // newest first; no previews
	Path      []string          // folders that are put on PATH, first ones first
	Variables map[string]string // of the environment
	Caches    []string          // folders below the home that are worth keeping between sessions
	Needs     []string          // tools that this one does not work without; their newest release will do
	Sample    string            // a command that says the version, for a test of the unpacked tool
	Untried   bool              // its archives were fetched from a stand-in only, never from the maker; the window says so
}

// Release is a version of a tool. It has a Source, or Packages that are all of it. With a Source, Packages are
// libraries that the archive expects on the system.
type Release struct {
	Version  string   // as the maker writes it; a Debian release has only what stays within Debian 12
	Packages []string // of Debian 12
	Root     string   // the {root} of a release of packages; {arch} is amd64 or arm64
	Source   Source
	Max      int64 // the most bytes that one archive may have
}

// Environment returns the folders for PATH and the variables of a release, with the variables in order of name.
func (d Definition) Environment(r Release, home, arch string) (path, variables []string) {
	root := session.Toolchain{Name: d.Name, Version: r.Version}.Folder()
	if r.Source == nil {
		root = strings.ReplaceAll(r.Root, "{arch}", arch)
	}
	expand := strings.NewReplacer("{root}", root, "{home}", home).Replace
	for _, folder := range d.Path {
		if root == "" && strings.Contains(folder, "{root}") {
			continue // Debian puts its commands on the image's own PATH
		}
		path = append(path, expand(folder))
	}
	for _, name := range slices.Sorted(maps.Keys(d.Variables)) {
		if root == "" && strings.Contains(d.Variables[name], "{root}") {
			continue
		}
		variables = append(variables, name+"="+expand(d.Variables[name]))
	}
	return path, variables
}

// All returns the definitions in order of name.
func All() []Definition { return slices.Clone(definitions) }

// Find returns the definition of a tool.
func Find(tool string) (Definition, bool) {
	i := slices.IndexFunc(definitions, func(d Definition) bool { return d.Name == tool })
	if i < 0 {
		return Definition{}, false
	}
	return definitions[i], true
}

// Versions returns the versions of a tool, newest first, and nil for an unknown tool.
func Versions(tool string) []string {
	d, _ := Find(tool)
	var versions []string
	for _, r := range d.Releases {
		versions = append(versions, r.Version)
	}
	return versions
}

// Lookup returns a release of a tool by its exact version.
func Lookup(tool, version string) (Release, bool) {
	d, _ := Find(tool)
	for _, r := range d.Releases {
		if r.Version == version {
			return r, true
		}
	}
	return Release{}, false
}

var definitions = slices.SortedFunc(slices.Values(slices.Concat(
	cTools, goTools, javaTools, nodeTools, pythonTools, otherTools,
)), func(a, b Definition) int { return strings.Compare(a.Name, b.Name) })
