package environment

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"

	"background-agents/backend/session"
)

// Hash names a proposal's environment, the commands of its parts and the bytes of its configuration file: 32 hex
// characters, the same for the same content in any order. Which commit, other file or line asks for it makes no
// difference.
func Hash(p session.EnvironmentProposal) string {
	tools := slices.Clone(p.Tools)
	slices.SortFunc(tools, func(a, b session.Toolchain) int {
		return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.Version, b.Version))
	})
	packages := slices.Sorted(slices.Values(p.Packages))
	parts := slices.Clone(p.Parts)
	slices.SortFunc(parts, func(a, b session.ProjectPart) int {
		return cmp.Or(cmp.Compare(a.Dir, b.Dir), cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Install, b.Install),
			cmp.Compare(a.Test, b.Test))
	})
	h := sha256.New()
	// Each text has its length before it, so that none can pass for two.
	write := func(texts ...string) {
		for _, text := range texts {
			fmt.Fprintf(h, "%d:%s,", len(text), text)
		}
	}
	fmt.Fprintf(h, "environment 1\ntools %d\n", len(tools))
	for _, t := range tools {
		write(t.Name, t.Version)
	}
	fmt.Fprintf(h, "packages %d\n", len(packages))
	write(packages...)
	fmt.Fprintf(h, "parts %d\n", len(parts))
	for _, p := range parts {
		write(p.Dir, p.Kind, p.Install, p.Test)
	}
	if p.Config != nil {
		fmt.Fprintf(h, "config\n")
		write(p.Config.Hash)
	}
	if len(p.Variables) > 0 {
		fmt.Fprintf(h, "variables %d\n", len(p.Variables))
		write(p.Variables...)
	}
	for _, c := range p.Commands() {
		if len(c.Lines) > 0 {
			fmt.Fprintf(h, "%s %d\n", c.Key, len(c.Lines))
			write(c.Lines...)
		}
	}
	return hex.EncodeToString(h.Sum(nil))[:32]
}
