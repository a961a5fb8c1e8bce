package egress

// presets are the hosts that a guarded sandbox may read from without asking: where the package managers and git get
// what they install. Names are exact, and each was chosen by three questions:
//   - Does it belong to one registry or forge? Shared storage (storage.googleapis.com, s3.amazonaws.com) would be anybody's
//     place to put things.
//   - Is it what is read from? Where a registry is written to at another host (upload.pypi.org, crates.io, www.nuget.org, hex.pm,
//     packagist.org, api.github.com), that one is not here, so that publishing is asked about. npm, RubyGems, Pub, Hackage, the
//     Gradle portal and the git hosts are read and written at one.
//   - Does writing there take a credential? It does at all of them, and a sandbox has none. Where anybody may leave something
//     (key servers, paste sites, container registries with open namespaces), it is not here.
var presets = index(map[string][]string{
	"npm":       {"registry.npmjs.org", "registry.yarnpkg.com", "repo.yarnpkg.com", "npm.jsr.io", "jsr.io"},
	"node":      {"nodejs.org"},
	"pypi":      {"pypi.org", "files.pythonhosted.org", "bootstrap.pypa.io"},
	"conda":     {"conda.anaconda.org", "repo.anaconda.com"},
	"go":        {"proxy.golang.org", "sum.golang.org", "go.dev", "golang.org", "dl.google.com"},
	"cargo":     {"index.crates.io", "static.crates.io", "static.rust-lang.org", "sh.rustup.rs"},
	"maven":     {"repo.maven.apache.org", "repo1.maven.org", "maven.google.com"},
	"gradle":    {"services.gradle.org", "downloads.gradle.org", "plugins.gradle.org", "plugins-artifacts.gradle.org"},
	"debian":    {"deb.debian.org", "security.debian.org", "ftp.debian.org"},
	"ubuntu":    {"archive.ubuntu.com", "security.ubuntu.com", "ports.ubuntu.com"},
	"alpine":    {"dl-cdn.alpinelinux.org"},
	"rubygems":  {"rubygems.org", "index.rubygems.org"},
	"nuget":     {"api.nuget.org", "globalcdn.nuget.org"},
	"packagist": {"repo.packagist.org"},
	"hex":       {"repo.hex.pm", "builds.hex.pm"},
	"pub":       {"pub.dev"},
	"hackage":   {"hackage.haskell.org", "downloads.haskell.org"},
	"opam":      {"opam.ocaml.org"},
	"cpan":      {"www.cpan.org", "cpan.metacpan.org", "fastapi.metacpan.org"},
	"cran":      {"cran.r-project.org", "cloud.r-project.org"},
	"julia":     {"pkg.julialang.org", "us-east.pkg.julialang.org", "eu-central.pkg.julialang.org", "kr.pkg.julialang.org"},
	"cocoapods": {"cdn.cocoapods.org"},
	"git": {
		"github.com", "codeload.github.com", "raw.githubusercontent.com", "objects.githubusercontent.com",
		"release-assets.githubusercontent.com", "github-cloud.githubusercontent.com", "media.githubusercontent.com",
		"gitlab.com", "bitbucket.org", "codeberg.org", "git.sr.ht",
	},
})

func index(groups map[string][]string) map[string]string {
	byHost := map[string]string{}
	for group, hosts := range groups {
		for _, h := range hosts {
			byHost[h] = group
		}
	}
	return byHost
}
