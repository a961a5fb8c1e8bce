package toolchain

// otherTools are Rust, Ruby, PHP and .NET. Ruby and PHP publish source only, and other builders' archives are for
// other systems: what there is of them is Debian's version.
var otherTools = []Definition{{
	Name: "rust", Label: "Rust", Untried: true, Sample: "cargo --version", Needs: []string{"gcc"}, // to link
	Path:   []string{"{root}/bin", "{home}/.cargo/bin"},
	Caches: []string{".cargo/registry", ".cargo/git"},
	Releases: []Release{
		rustRelease("1.98.0"), rustRelease("1.97.1"), rustRelease("1.96.1"), rustRelease("1.95.0"), rustRelease("1.90.0"),
		{Version: "1.63", Packages: []string{"rustc", "cargo"}}, // where Rust's own host is not reached: too old for most
	},
}, {
	Name: "ruby", Label: "Ruby", Sample: "ruby --version", Needs: []string{"gcc"}, // gems with C code
	Path: []string{"{home}/.gem/bin"},
	// The system's folder for gems is read-only in a sandbox.
	Variables: map[string]string{"GEM_HOME": "{home}/.gem", "BUNDLE_PATH": "{home}/.bundle"},
	Caches:    []string{".gem", ".bundle"},
	Releases:  []Release{{Version: "3.1", Packages: []string{"ruby", "ruby-dev", "bundler", "rake"}}},
}, {
	Name: "php", Label: "PHP", Sample: "php --version",
	Releases: []Release{{Version: "8.2", Packages: []string{
		"php-cli", "php-xml", "php-mbstring", "php-curl", "php-zip", "php-intl", "php-sqlite3"}}},
}, {
	Name: "composer", Label: "Composer", Untried: true, Sample: "composer --version", Needs: []string{"php"},
	Path:   []string{"{root}/bin", "{home}/.config/composer/vendor/bin"},
	Caches: []string{".cache/composer"},
	Releases: []Release{
		composerRelease("2.10.2"),
		{Version: "2.5.5", Packages: []string{"composer"}},
		composerRelease("2.2.29"),
	},
}, {
	Name: "dotnet", Label: ".NET SDK", Untried: true, Sample: "dotnet --version",
	Path: []string{"{root}", "{home}/.dotnet/tools"},
	Variables: map[string]string{"DOTNET_ROOT": "{root}", "DOTNET_NOLOGO": "1", "DOTNET_CLI_TELEMETRY_OPTOUT": "1",
		"DOTNET_SKIP_FIRST_TIME_EXPERIENCE": "1"},
	Caches: []string{".nuget/packages"},
	Releases: []Release{
		dotnetRelease("10.0.401"), dotnetRelease("10.0.202"), dotnetRelease("9.0.313"), dotnetRelease("8.0.420"),
	},
}}

func rustRelease(version string) Release {
	return Release{Version: version, Source: rustup{}, Max: 300 << 20}
}

func composerRelease(version string) Release {
	return Release{Version: version, Source: composerPhar{}, Max: 10 << 20}
}

// dotnetRelease ends without libicu, unless texts of all languages are treated alike.
func dotnetRelease(version string) Release {
	return Release{Version: version, Source: dotnetSDK{}, Packages: []string{"libicu72"}, Max: 400 << 20}
}
