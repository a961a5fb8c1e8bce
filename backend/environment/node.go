package environment

import (
	"maps"
	"slices"
	"strings"

	"background-agents/backend/session"
)

// ltsNames are the names of Node's LTS lines.
var ltsNames = map[string]string{
	"argon": "4", "boron": "6", "carbon": "8", "dubnium": "10", "erbium": "12", "fermium": "14", "gallium": "16",
	"hydrogen": "18", "iron": "20", "jod": "22", "krypton": "24",
}

// compiled are packages with a part in C++ that node-gyp builds.
var compiled = []string{"bcrypt", "better-sqlite3", "canvas", "re2"}

// browsers are packages that test with a browser.
var browsers = []string{"@playwright/test", "cypress", "playwright", "puppeteer"}

func readNodeVersion(d *detector, f file) {
	r := rankFile
	if f.base == ".node-version" {
		r = rankSecond
	}
	d.firstLine(f, func(a at, text string) { d.nodePin(a, text, r) })
}

// nodePin takes a version as nvm writes it: v24.4.1, 24, lts/*, lts/jod.
func (d *detector) nodePin(a at, text string, r rank) {
	word := strings.ToLower(strings.TrimSpace(text))
	name := strings.TrimPrefix(strings.TrimPrefix(word, "lts/"), "lts-")
	switch {
	case word == "system":
	case word == "node" || word == "stable" || word == "latest" || word == "current":
		d.anyNode(a).Wanted = clean(text)
	case word == "lts" || word == "lts/*":
		p := d.pin(a, "node", text, r)
		p.fits = even
	case ltsNames[name] != "":
		p := d.pin(a, "node", text, r)
		p.fits = lineFits(ltsNames[name])
	default:
		d.pin(a, "node", text, r)
	}
}

// anyNode asks for the newest LTS.
func (d *detector) anyNode(a at) *demand {
	n := d.any(a, "node")
	n.prefer = even
	return n
}

func (d *detector) nodeRange(a at, text string) {
	if text == "" || text == "*" || text == "latest" {
		d.anyNode(a).Wanted = clean(text)
		return
	}
	d.minimum(a, "node", text, npmRange(text)).prefer = even
}

func readPackage(d *detector, f file) {
	doc := d.tree.document(f.path)
	for _, tool := range []string{"node", "pnpm", "yarn"} {
		if text := doc.text("volta", tool); text != "" {
			d.nodeTool(at{f, doc.line("volta", tool)}, tool, text, rankThird)
		}
	}
	if text := doc.text("packageManager"); text != "" {
		name, version, _ := strings.Cut(text, "@")
		version, _, _ = strings.Cut(version, "+")
		d.nodeTool(at{f, doc.line("packageManager")}, name, version, rankFourth)
	}
	d.devEngines(f, doc)
	for _, tool := range []string{"node", "pnpm", "yarn", "bun"} {
		text, line := doc.text("engines", tool), at{f, doc.line("engines", tool)}
		switch {
		case text == "":
		case tool == "node":
			d.nodeRange(line, text)
		case text != "*" && npmRange(text) != nil: // "please use pnpm" is written there too
			d.minimum(line, tool, text, npmRange(text))
		}
	}
	d.dependencies(f, doc)
}

// devEngines takes devEngines.runtime and devEngines.packageManager: one or several {name, version}.
func (d *detector) devEngines(f file, doc document) {
	for _, key := range []string{"packageManager", "runtime"} {
		entries, ok := doc.value("devEngines", key).([]any)
		if !ok {
			entries = []any{doc.value("devEngines", key)}
		}
		for _, entry := range entries {
			table, _ := entry.(map[string]any)
			name, _ := table["name"].(string)
			text, _ := table["version"].(string)
			line := doc.line("devEngines", key, "version")
			switch {
			case text == "":
			case lineFits(text) != nil:
				d.nodeTool(at{f, line}, name, text, rankFourth)
			case name == "node":
				d.nodeRange(at{f, line}, text)
			case name == "pnpm" || name == "yarn" || name == "bun" || name == "deno":
				d.minimum(at{f, line}, name, text, npmRange(text))
			}
		}
	}
}

// nodeTool takes a pin of Node or a package manager. npm comes with Node.
func (d *detector) nodeTool(a at, tool, text string, r rank) {
	switch tool {
	case "node":
		d.nodePin(a, text, r)
	case "pnpm", "yarn", "bun", "deno":
		d.pin(a, tool, text, r)
	}
}

// dependencies asks for what packages need beside Node.
func (d *detector) dependencies(f file, doc document) {
	for _, key := range []string{"dependencies", "devDependencies", "optionalDependencies"} {
		for _, name := range slices.Sorted(maps.Keys(doc.table(key))) {
			a := at{f, doc.line(key, name)}
			if slices.Contains(compiled, name) {
				d.any(a, "gcc")
				d.any(a, "python")
			}
			if slices.Contains(browsers, name) {
				d.unknown(a, name, "", session.DemandAny, "It tests with a browser, which environments don't have.")
			}
		}
	}
}
