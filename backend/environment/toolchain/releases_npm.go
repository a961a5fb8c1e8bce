package toolchain

// Tarballs of npm have their files below package/.
var tarball = Layout{Format: TarGz, Strip: 1}

func nodeRelease(version string) Release {
	return Release{Version: version, Source: nodejs{}, Max: 150 << 20}
}

// pnpmScript is pnpm up to 11, which Node runs; end is how its scripts' names end.
func pnpmScript(version, end, integrity string) Release {
	layout := tarball
	layout.Executables = []string{"bin/*", "dist/node-gyp-bin/node-gyp"}
	layout.Links = map[string]string{"bin/pnpm": "bin/pnpm." + end, "bin/pnpx": "bin/pnpx." + end}
	return Release{Version: version, Max: 60 << 20, Source: npm{
		{amd64: "pnpm", sums: map[string]string{"pnpm": integrity}, Layout: layout},
	}}
}

// pnpmNative is pnpm from 12 on, a program for each processor. It lies above the package pnpm, which has the node-gyp
// that scripts of packages use; the package's own install script would do the same.
func pnpmNative(version, integrity, amd64, arm64 string) Release {
	native := tarball
	native.Executables = []string{"pnpm", "dist/node-gyp-bin/node-gyp"}
	native.Links = map[string]string{"bin/pnpm": "pnpm", "bin/pnpx": "pnpm"}
	const forAMD, forARM = "@pnpm/exe.linux-x64", "@pnpm/exe.linux-arm64"
	return Release{Version: version, Max: 60 << 20, Source: npm{
		{amd64: "pnpm", sums: map[string]string{"pnpm": integrity}, Layout: tarball},
		{amd64: forAMD, arm64: forARM, sums: map[string]string{forAMD: amd64, forARM: arm64}, Layout: native},
	}}
}

// yarnRelease is Yarn: version 1 is the package yarn, later ones are @yarnpkg/cli-dist.
func yarnRelease(version, name, integrity string) Release {
	layout := tarball
	layout.Executables = []string{"bin/yarn.js"}
	layout.Links = map[string]string{"bin/yarn": "bin/yarn.js", "bin/yarnpkg": "bin/yarn.js"}
	return Release{Version: version, Max: 20 << 20, Source: npm{
		{amd64: name, sums: map[string]string{name: integrity}, Layout: layout},
	}}
}

func bunRelease(version, amd64, arm64 string) Release {
	layout := tarball
	layout.Executables = []string{"bin/bun"}
	layout.Links = map[string]string{"bin/bunx": "bin/bun"}
	const forAMD, forARM = "@oven/bun-linux-x64", "@oven/bun-linux-aarch64"
	return Release{Version: version, Max: 150 << 20, Source: npm{
		{amd64: forAMD, arm64: forARM, sums: map[string]string{forAMD: amd64, forARM: arm64}, Layout: layout},
	}}
}

func denoRelease(version, amd64, arm64 string) Release {
	layout := tarball
	layout.Into = "bin"
	layout.Executables = []string{"bin/deno"}
	const forAMD, forARM = "@deno/linux-x64-glibc", "@deno/linux-arm64-glibc"
	return Release{Version: version, Max: 150 << 20, Source: npm{
		{amd64: forAMD, arm64: forARM, sums: map[string]string{forAMD: amd64, forARM: arm64}, Layout: layout},
	}}
}
