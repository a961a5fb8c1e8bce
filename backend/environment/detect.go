package environment

import (
	"cmp"
	"slices"

	"background-agents/backend/session"
)

// Detect reads what a project needs from its files. versions returns the stable versions that there are of a tool,
// newest first, and nil for a tool that there is not. The proposal's Commit is left to the caller. The same files and
// versions give the same proposal, and its slices are never nil.
func Detect(files session.FileTree, versions func(tool string) []string) session.EnvironmentProposal {
	d := &detector{tree: newTree(files), versions: remember(versions), apt: map[string]bool{}}
	config, file := d.readConfig(files)
	for _, f := range d.tree.manifests {
		if read := readerOf(f); read != nil {
			read(d, f)
		}
	}
	d.findParts()
	r := d.resolve()
	p := session.EnvironmentProposal{
		Environment: session.Environment{Tools: append([]session.Toolchain{}, r.tools...), Packages: d.packageNames(),
			Configuration: config},
		Config:  file,
		Reasons: []session.NeedReason{}, Unknown: []session.UnknownDemand{},
		Parts: append([]session.ProjectPart{}, d.parts[:min(len(d.parts), maxParts)]...),
	}
	for _, n := range distinct(append(r.reasons, d.packages...), maxReasons) {
		p.Reasons = append(p.Reasons, n.NeedReason)
	}
	for _, n := range distinct(r.unknown, maxUnknown) {
		p.Unknown = append(p.Unknown, session.UnknownDemand{NeedReason: n.NeedReason, Why: n.why})
	}
	p.Hash = Hash(p)
	return p
}

// remember asks for each tool's versions once.
func remember(versions func(string) []string) func(string) []string {
	known := map[string][]string{}
	return func(tool string) []string {
		v, ok := known[tool]
		if !ok {
			v = versions(tool)
			known[tool] = v
		}
		return v
	}
}

// packageNames are the packages in order, and bounds them together with their reasons.
func (d *detector) packageNames() []string {
	found := []string{}
	d.packages = slices.DeleteFunc(d.packages, func(n demand) bool {
		if !slices.Contains(found, n.Tool) {
			if len(found) == max(maxPackages, d.configured) {
				return true
			}
			found = append(found, n.Tool)
		}
		return false
	})
	slices.Sort(found)
	return found
}

// distinct puts demands in order of their files and lines, each once.
func distinct(demands []demand, most int) []demand {
	slices.SortStableFunc(demands, func(a, b demand) int {
		return cmp.Or(cmp.Compare(a.place, b.place), cmp.Compare(a.Path, b.Path), cmp.Compare(a.Line, b.Line),
			cmp.Compare(a.Tool, b.Tool), cmp.Compare(a.Wanted, b.Wanted), cmp.Compare(a.Rule, b.Rule))
	})
	demands = slices.CompactFunc(demands, func(a, b demand) bool { return a.NeedReason == b.NeedReason })
	return demands[:min(len(demands), most)]
}
