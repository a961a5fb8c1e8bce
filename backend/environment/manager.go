package environment

import (
	"maps"
	"slices"
	"strings"

	"background-agents/backend/session"
)

// managed are the names that asdf and mise have for our tools.
var managed = map[string]string{
	"golang": "go", "go": "go", "nodejs": "node", "node": "node", "python": "python", "ruby": "ruby", "java": "java",
	"rust": "rust", "php": "php", "dotnet": "dotnet", "dotnet-core": "dotnet", "pnpm": "pnpm", "yarn": "yarn", "bun": "bun",
	"deno": "deno", "uv": "uv", "poetry": "poetry", "maven": "maven", "gradle": "gradle", "cmake": "cmake",
	"elixir": "elixir", "erlang": "erlang",
}

// readToolVersions reads asdf's file. Of several versions of a tool all are wanted.
func readToolVersions(d *detector, f file) {
	lines(d.tree.text(f.path), "#", func(n int, line string) {
		line, _, _ = strings.Cut(line, "#")
		words := strings.Fields(line)
		for _, version := range words[min(1, len(words)):] {
			d.managed(at{f, n}, words[0], version, rankManager)
		}
	})
}

// readMise reads the table [tools] of mise's file, and nothing else: the rest would be executed.
func readMise(d *detector, f file) {
	doc := d.tree.document(f.path)
	f.dir = miseFolder(f.dir)
	tools := doc.table("tools")
	for _, name := range slices.Sorted(maps.Keys(tools)) {
		a := at{f, doc.line("tools", name)}
		values, ok := tools[name].([]any)
		if !ok {
			values = []any{tools[name]}
		}
		for _, v := range values {
			if table, ok := v.(map[string]any); ok {
				v = table["version"]
			}
			if version, ok := v.(string); ok {
				d.managed(a, strings.TrimPrefix(name, "core:"), version, rankManager)
			}
		}
	}
}

// managed takes a version as asdf, mise and our own configuration write it.
func (d *detector) managed(a at, name, wanted string, r rank) {
	tool, ours := managed[name]
	if !ours {
		tool = name
	}
	line := wanted
	for _, prefix := range []string{"latest:", "prefix:"} {
		line = strings.TrimPrefix(line, prefix)
	}
	switch {
	case wanted == "system":
	case wanted == "latest" && tool == "node":
		d.nodePin(a, wanted, r)
	case wanted == "latest" || wanted == "stable":
		d.any(a, tool)
	case !ours:
		d.unknown(a, tool, wanted, session.DemandPin, "No tool of this name is available.")
	case tool == "node":
		d.nodePin(a, line, r)
	case tool == "java":
		d.javaPin(a, line, r)
	case tool == "rust":
		d.rustChannel(a, line, r)
	case tool == "elixir" || tool == "erlang":
		d.pin(a, tool, strings.Split(line, "-otp-")[0], r)
	default:
		d.pin(a, tool, line, r)
	}
}
