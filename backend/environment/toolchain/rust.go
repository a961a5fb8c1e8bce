package toolchain

import (
	"context"
	"fmt"
	"slices"
	"strings"
)

// rustup is Rust as rustup installs it, without rustup: the components that the manifest of a version names.
type rustup struct{}

// rustComponents are those of rustup's default profile, without the documentation.
var rustComponents = []string{"rustc", "rust-std", "cargo", "clippy-preview", "rustfmt-preview"}

func (rustup) hosts(b Bases) []string { return []string{hostOf(b.Rust), "static.rust-lang.org"} }

func (rustup) files(ctx context.Context, x *index, version, arch string) ([]file, error) {
	cpu, err := byArch(arch, "x86_64", "aarch64")
	if err != nil {
		return nil, err
	}
	text, err := x.read(ctx, x.bases.Rust+"/channel-rust-"+version+".toml")
	if err != nil {
		return nil, err
	}
	manifest, err := readManifest(string(text))
	if err != nil {
		return nil, err
	}
	if v := manifest["pkg.rustc"]["version"]; !strings.HasPrefix(v, version+" ") {
		return nil, fmt.Errorf("%w: it is of version %.70q", errIndex, v)
	}
	var all []file
	for _, component := range rustComponents {
		target, found := manifest["pkg."+component+".target."+cpu+"-unknown-linux-gnu"]
		if !found || target["available"] != "true" {
			return nil, errNoArch
		}
		s, err := hexSum("sha256", target["hash"])
		if err != nil {
			return nil, err
		}
		// Each archive has its files below COMPONENT-VERSION-TARGET/COMPONENT.
		all = append(all, file{url: target["url"], sum: s, Layout: Layout{Format: TarGz, Strip: 2}})
	}
	return all, nil
}

// readManifest reads what is needed of a channel's manifest: tables of plain values. It is no reader of TOML: tables
// in arrays and values of other kinds are passed over, and a table that is there twice is an error.
func readManifest(text string) (map[string]map[string]string, error) {
	tables := map[string]map[string]string{}
	top := map[string]string{}
	table := top
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		switch name, value, isValue := strings.Cut(line, " = "); {
		case strings.HasPrefix(line, "[["):
			table = map[string]string{} // of no use
		case strings.HasPrefix(line, "[") && strings.HasSuffix(line, "]"):
			path := strings.Trim(line, "[]")
			if _, twice := tables[path]; twice {
				return nil, fmt.Errorf("%w: it has %.140q twice", errIndex, path)
			}
			table = map[string]string{}
			tables[path] = table
		case isValue:
			if unquoted := strings.Trim(value, `"`); !slices.ContainsFunc([]byte(unquoted), unplain) {
				table[name] = unquoted
			}
		}
	}
	if top["manifest-version"] != "2" {
		return nil, fmt.Errorf("%w: it is not a manifest of version 2", errIndex)
	}
	return tables, nil
}

func unplain(b byte) bool { return b == '"' || b == '\\' }
