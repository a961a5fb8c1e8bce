package environment

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strings"

	"background-agents/backend/environment/toolchain"
	"background-agents/backend/session"
)

// Environments implements session.Environments with our table of tools.
type Environments struct {
	Fetcher toolchain.Fetcher
}

// home is the agent's home folder in every sandbox.
const home = "/home/agent"

// Detect implements session.Environments.
func (*Environments) Detect(files session.FileTree) session.EnvironmentProposal {
	return Detect(files, toolchain.Versions)
}

// Plan implements session.Environments. Groups of packages are in one fixed order, the tools' own before those that the
// environment names, and a compiler before all: most projects that need a package need it too.
func (*Environments) Plan(e session.Environment) (session.EnvironmentPlan, error) {
	var plan session.EnvironmentPlan
	tools, err := complete(e.Tools)
	if err != nil {
		return plan, err
	}
	groups := map[string][]string{}
	for _, t := range tools {
		d, _ := toolchain.Find(t.Name)
		r, _ := toolchain.Lookup(t.Name, t.Version)
		if len(r.Packages) > 0 {
			groups[t.Name] = r.Packages
		}
		if r.Source != nil {
			plan.Tools = append(plan.Tools, t)
		}
		if r.Source != nil && d.Untried {
			plan.Untried = append(plan.Untried, t)
		}
		path, variables := d.Environment(r, home, session.EngineArch)
		for _, folder := range path {
			if !slices.Contains(plan.Path, folder) {
				plan.Path = append(plan.Path, folder)
			}
		}
		plan.Variables = append(plan.Variables, variables...)
	}
	for _, name := range slices.SortedFunc(maps.Keys(groups), compilerFirst) {
		plan.Packages = append(plan.Packages, groups[name])
	}
	if len(e.Packages) > 0 {
		plan.Packages = append(plan.Packages, e.Packages)
	}
	return plan, nil
}

// complete adds what tools do not work without, in its newest release. The newest version of each tool comes first:
// that is the one that its name means.
func complete(tools []session.Toolchain) ([]session.Toolchain, error) {
	all := slices.Clone(tools)
	for i := 0; i < len(all); i++ {
		d, known := toolchain.Find(all[i].Name)
		if !known {
			return nil, unknownTool(all[i].Name)
		}
		if _, known := toolchain.Lookup(all[i].Name, all[i].Version); !known {
			return nil, &session.Error{Code: session.CodeInvalid, Message: "There is no " + d.Label + " " + all[i].Version + " to choose.",
				Hint: "Choose one of: " + strings.Join(toolchain.Versions(d.Name), ", ") + "."}
		}
		for _, need := range d.Needs {
			if !slices.ContainsFunc(all, func(t session.Toolchain) bool { return t.Name == need }) {
				all = append(all, session.Toolchain{Name: need, Version: toolchain.Versions(need)[0]})
			}
		}
	}
	slices.SortStableFunc(all, func(a, b session.Toolchain) int {
		return cmp.Or(compilerFirst(a.Name, b.Name), newerFirst(a, b))
	})
	return all, nil
}

func unknownTool(name string) error {
	var names []string
	for _, d := range toolchain.All() {
		names = append(names, d.Name)
	}
	return &session.Error{Code: session.CodeInvalid, Message: "There is no tool " + name + ".",
		Hint: "Choose one of " + strings.Join(names, ", ") + ", or name a Debian package."}
}

func compilerFirst(a, b string) int {
	const compiler = "gcc"
	switch {
	case a == b:
		return 0
	case a == compiler:
		return -1
	case b == compiler:
		return 1
	}
	return strings.Compare(a, b)
}

// newerFirst is the order of the table.
func newerFirst(a, b session.Toolchain) int {
	versions := toolchain.Versions(a.Name)
	return slices.Index(versions, a.Version) - slices.Index(versions, b.Version)
}

// Fetch implements session.Environments.
func (e *Environments) Fetch(ctx context.Context, t session.Toolchain, arch string, tell func(read, whole int64), f func(session.ToolArchives) error) error {
	fetcher := e.Fetcher
	fetcher.Progress = tell
	archive, err := fetcher.Fetch(ctx, t, arch)
	if err != nil {
		return err
	}
	defer func() { _ = archive.Remove() }() // they lie in the system's folder for what may go
	out := session.ToolArchives{Digest: archive.Digest}
	for _, p := range archive.Parts {
		out.Parts = append(out.Parts, session.ToolArchive{
			File: p.Path, Size: p.Size, Format: string(p.Format), Strip: p.Strip, Into: p.Into, Name: p.Name,
			Executables: p.Executables, Links: p.Links,
		})
	}
	return f(out)
}
