package environment

import "testing"

func TestRust(t *testing.T) {
	ripgrep := memory{
		"Cargo.toml": "[package]\nname = \"ripgrep\"\nrust-version.workspace = true\n\n[workspace]\nmembers = [\"crates/*\"]\n\n" +
			"[workspace.package]\nrust-version = \"1.85\"\n",
		"Cargo.lock": "", "crates/grep/Cargo.toml": "[package]\nname = \"grep\"\nrust-version = { workspace = true }\n"}
	for _, e := range []example{{
		name: "workspace of ripgrep is followed", files: ripgrep,
		tools: "gcc 12.2, rust 1.91.1", parts: []string{" | cargo | cargo fetch --locked | cargo test --workspace"},
		reasons: []string{`Cargo.toml:0 gcc "" any`, `Cargo.toml:9 rust "1.85" minimum`},
	}, {
		name: "member below a root that is not read otherwise",
		files: memory{"core/Cargo.toml": "[package]\nname = \"a\"\nworkspace = \"../ws\"\nrust-version.workspace = true\n",
			"ws/Cargo.toml": "[workspace]\npackage.rust-version = \"1.99\"\n"},
		tools: "gcc 12.2", unknown: []string{`ws/Cargo.toml:2 rust "1.99" minimum`},
	}, {
		name:  "channel with a version is a pin",
		files: memory{"rust-toolchain.toml": "[toolchain]\nchannel = \"1.79\"\n", "Cargo.toml": "[package]\nname = \"a\"\nrust-version = \"1.74\"\n"},
		tools: "gcc 12.2, rust 1.79.0", parts: []string{" | cargo | cargo fetch | cargo test --workspace"},
		reasons: []string{`Cargo.toml:0 gcc "" any`, `Cargo.toml:3 rust "1.74" minimum`, `rust-toolchain.toml:2 rust "1.79" pin`},
	}, {
		name: "older form of the file", files: memory{"rust-toolchain": "1.85.1\n"}, tools: "rust 1.85.1",
	}, {
		name: "stable is any", files: memory{"rust-toolchain": "stable\n"}, tools: "rust 1.91.1",
		reasons: []string{`rust-toolchain:1 rust "stable" any`},
	}, {
		name:  "nightly is unknown, and no stable is proposed for it",
		files: memory{"rust-toolchain.toml": "[toolchain]\nchannel = \"nightly-2025-01-01\"\n", "Cargo.toml": "[package]\nname = \"a\"\n"},
		tools: "gcc 12.2", unknown: []string{`rust-toolchain.toml:2 rust "nightly-2025-01-01" pin`},
	}} {
		e.run(t)
	}
}
