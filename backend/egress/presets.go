package egress

import (
	"cmp"
	"slices"
)

// presets are the hosts that a guarded sandbox may read from without asking: where the package managers and git get
// what they install. Names are exact. A host is here only when it belongs to one registry or forge: shared storage
// (storage.googleapis.com, s3.amazonaws.com) would be anybody's place to put things.
var presets = index(map[string][]string{
	"npm":       {"registry.npmjs.org", "registry.yarnpkg.com", "repo.yarnpkg.com", "npm.jsr.io", "jsr.io"},
	"node":      {"nodejs.org"},
	"pypi":      {"pypi.org", "files.pythonhosted.org"},
	"conda":     {"conda.anaconda.org", "repo.anaconda.com"},
	"go":        {"proxy.golang.org", "sum.golang.org", "go.dev", "golang.org", "dl.google.com"},
	"cargo":     {"crates.io", "index.crates.io", "static.crates.io", "static.rust-lang.org"},
	"maven":     {"repo.maven.apache.org", "repo1.maven.org", "maven.google.com"},
	"gradle":    {"services.gradle.org", "downloads.gradle.org", "plugins.gradle.org", "plugins-artifacts.gradle.org"},
	"debian":    {"deb.debian.org", "security.debian.org", "ftp.debian.org"},
	"ubuntu":    {"archive.ubuntu.com", "security.ubuntu.com", "ports.ubuntu.com"},
	"alpine":    {"dl-cdn.alpinelinux.org"},
	"rubygems":  {"rubygems.org", "index.rubygems.org"},
	"nuget":     {"api.nuget.org", "globalcdn.nuget.org"},
	"packagist": {"packagist.org", "repo.packagist.org"},
	"hex":       {"hex.pm", "repo.hex.pm", "builds.hex.pm"},
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

// Preset is a group of hosts that a guarded sandbox may read from.
type Preset struct {
	Name  string   `json:"name"`
	Hosts []string `json:"hosts"`
}

// Presets lists, by name, what a guarded sandbox may read from.
func Presets() []Preset {
	groups := map[string][]string{}
	for host, group := range presets {
		groups[group] = append(groups[group], host)
	}
	all := make([]Preset, 0, len(groups))
	for name, hosts := range groups {
		slices.Sort(hosts)
		all = append(all, Preset{Name: name, Hosts: hosts})
	}
	slices.SortFunc(all, func(a, b Preset) int { return cmp.Compare(a.Name, b.Name) })
	return all
}
