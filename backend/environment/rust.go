package environment

import (
	"path"
	"strings"

	"background-agents/backend/session"
)

func readRustToolchain(d *detector, f file) {
	doc := d.tree.document(f.path)
	if channel := doc.text("toolchain", "channel"); channel != "" {
		d.rustChannel(at{f, doc.line("toolchain", "channel")}, channel, rankFile)
	} else if f.base == "rust-toolchain" && !doc.has("toolchain") { // its older form is the name alone
		d.firstLine(f, func(a at, text string) { d.rustChannel(a, text, rankFile) })
	}
}

func (d *detector) rustChannel(a at, channel string, r rank) {
	switch name, _, _ := strings.Cut(channel, "-"); name {
	case "stable":
		d.any(a, "rust").Wanted = clean(channel)
	case "nightly", "beta":
		d.unknown(a, "rust", channel, session.DemandPin, "Only stable versions of Rust are available.")
	default:
		d.pin(a, "rust", name, r).Wanted = clean(channel)
	}
}

// readCargo takes rust-version. "rust-version.workspace = true" means what the workspace's own Cargo.toml says.
func readCargo(d *detector, f file) {
	doc := d.tree.document(f.path)
	for _, keys := range [][]string{{"package", "rust-version"}, {"workspace", "package", "rust-version"}} {
		if text := doc.text(keys...); text != "" {
			d.minimum(at{f, doc.line(keys...)}, "rust", text, atLeast(text))
		}
	}
	if inherits, _ := doc.value("package", "rust-version", "workspace").(bool); !inherits {
		return
	}
	if root, rootDoc := d.cargoRoot(f, doc); root != nil && root.path != f.path {
		// The root's own line says it for the root's folder: here it counts for the member's.
		keys := []string{"workspace", "package", "rust-version"}
		if text := rootDoc.text(keys...); text != "" {
			own := at{*root, rootDoc.line(keys...)}
			own.dir = f.dir
			d.minimum(own, "rust", text, atLeast(text))
		}
	}
}

// cargoRoot is the Cargo.toml of the workspace that a crate is in: the one that it names, or the next one above.
func (d *detector) cargoRoot(f file, doc document) (*file, document) {
	candidates := []string{f.dir}
	if named := doc.text("package", "workspace"); named != "" {
		candidates = []string{strings.TrimPrefix(path.Join("/", f.dir, named), "/")}
	} else {
		for dir := f.dir; dir != ""; {
			dir = folder(dir)
			candidates = append(candidates, dir)
		}
	}
	for _, dir := range candidates {
		place, ok := d.tree.places[path.Join(dir, "Cargo.toml")]
		if !ok {
			continue
		}
		if root := d.tree.manifests[place]; d.tree.document(root.path).has("workspace") {
			return &root, d.tree.document(root.path)
		}
	}
	return nil, document{}
}

func (d *detector) rustParts() {
	for _, f := range d.tree.named("Cargo.toml") {
		doc := d.tree.document(f.path)
		if d.covered(f.dir, "cargo") && !doc.has("workspace") {
			continue
		}
		d.ensure(f, "rust")
		d.any(at{f, 0}, "gcc") // Rust links with it
		install := "cargo fetch"
		if d.tree.has(f.dir, "Cargo.lock") != "" {
			install = "cargo fetch --locked"
		}
		d.part(f.dir, "cargo", install, "cargo test --workspace")
	}
}
