package toolchain

// pythonTools are Python of python-build-standalone, whose checksums are those that uv has built in, and uv. Packages
// with C code want gcc as well; most come as wheels.
var pythonTools = []Definition{{
	Name: "python", Label: "Python", Untried: true, Sample: "python3 --version",
	Path:   []string{"{root}/bin", "{home}/.local/bin"},
	Caches: []string{".cache/pip"},
	Releases: []Release{
		pythonRelease("3.14.7", "20260814",
			"cefba034445d2875408d1fd4d5700ae6731563aeb54dcb39fd8164ab5c457533",
			"86dfb106b303fa6a1991f7da42ced3e11576f777be299b3162e06617b6d22542"),
		pythonRelease("3.13.15", "20260814",
			"aaca2af2ab4d7b68a712660d1334c0cfd5ec13c0312ccd30c29122d8d0342320",
			"985efd78c1c6521b379f7c64c2a25e6a1130f07441d1af8be441aa05260886aa"),
		pythonRelease("3.12.14", "20260814",
			"5acfa3e9ba26b51ae161c83aff278da915b590d22373a424b2ba55b8afe91fcc",
			"2d8e17dfd732102cfeb18e0e1fa6769b24caa034e159981129590fe409c7157a"),
		pythonRelease("3.11.16", "20260814",
			"3b437f08720d3ddd9c1904532476ec9fb373e800d1598c72c907dd6d5f29b79b",
			"6a250f5c9326eebaa528d5d132cd66ebd1d7540cf45ac703f19e13f41d1be9b6"),
		{Version: "3.11", Packages: []string{
			"python3", "python3-venv", "python3-pip", "python3-dev", "python-is-python3"}},
		pythonRelease("3.10.21", "20260814",
			"807bb6746dd8b7a347fe833ee1cc2543457e5c2c98059dc454600468ee7cae7b",
			"686077ed8d668e3446f03f202bc3c99955d350a0db0ace5f8ce45f1b451b54b7"),
		pythonRelease("3.9.25", "20251031",
			"fe04e8b27bd69ca2144fc542428f8b9b5287b6a2e45516a4acfe2c2bc3102773",
			"2f17406709afd0f07674dd3ce92a4b23c6adf8baac3f402555d192e0f3333bef"),
	},
}, {
	Name: "uv", Label: "uv", Untried: true, Sample: "uv --version",
	Path:   []string{"{root}/bin", "{home}/.local/bin"},
	Caches: []string{".cache/uv", ".local/share/uv/python"},
	Releases: []Release{
		uvVersion("0.12.5"), uvVersion("0.12.4"), uvVersion("0.11.32"),
	},
}}

func pythonRelease(version, tag, amd64, arm64 string) Release {
	return Release{Version: version, Max: 150 << 20,
		Source: standalone{tag: tag, sums: map[string]string{AMD64: amd64, ARM64: arm64}}}
}

func uvVersion(version string) Release {
	return Release{Version: version, Source: uvRelease{}, Max: 80 << 20}
}
