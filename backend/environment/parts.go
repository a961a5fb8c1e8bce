package environment

import (
	"cmp"
	"slices"

	"background-agents/backend/session"
)

// part is a folder that is built and tested by itself. Its commands are texts of this package.
type part = session.ProjectPart

// kinds is the order of parts of one folder. Where a folder has more than one, the package.json is mostly of its
// assets.
var kinds = []string{"go", "cargo", "python", "maven", "gradle", "ruby", "composer", "mix", "dotnet", "deno",
	"npm", "pnpm", "yarn", "bun", "cmake", "meson", "autotools", "make"}

func (d *detector) part(dir, kind, install, test string) {
	d.parts = append(d.parts, part{Dir: dir, Kind: kind, Install: install, Test: test})
}

// covered says whether a part of this kind has the folder in it.
func (d *detector) covered(dir, kind string) bool {
	return slices.ContainsFunc(d.parts, func(p part) bool { return p.Kind == kind && within(dir, p.Dir) })
}

func (d *detector) findParts() {
	d.goParts()
	d.rustParts()
	d.pythonParts()
	d.mavenParts()
	d.gradleParts()
	d.rubyParts()
	d.phpParts()
	d.elixirParts()
	d.dotnetParts()
	d.nodeParts()
	d.nativeParts()
	slices.SortStableFunc(d.parts, func(a, b part) int {
		return cmp.Or(higher(a.Dir, b.Dir), cmp.Compare(slices.Index(kinds, a.Kind), slices.Index(kinds, b.Kind)))
	})
}

// higher orders folders: the top first, then as shallower does.
func higher(a, b string) int {
	if a == "" || b == "" {
		return cmp.Compare(len(a), len(b))
	}
	return shallower(a, b)
}
