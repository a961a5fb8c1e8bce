package environment

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"

	"background-agents/backend/session"
)

// Hash names an environment and the commands of its parts: 32 hex characters, the same for the same content in any
// order. Which commit, file or line asks for it makes no difference.
func Hash(env session.Environment, parts []session.ProjectPart) string {
	tools := slices.Clone(env.Tools)
	slices.SortFunc(tools, func(a, b session.Toolchain) int {
		return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.Version, b.Version))
	})
	packages := slices.Sorted(slices.Values(env.Packages))
	parts = slices.Clone(parts)
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
	return hex.EncodeToString(h.Sum(nil))[:32]
}
