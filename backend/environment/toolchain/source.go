package toolchain

import (
	"context"
	"fmt"
	"net/url"
	"strings"
)

// Source finds the files of a release in its maker's index. There is one file for each kind.
type Source interface {
	// files returns what a release consists of on arch, in the order in which it is unpacked, each with its checksum.
	files(ctx context.Context, x *index, version, arch string) ([]file, error)
	// hosts are all that a fetch may talk to: the index, the archives and where they redirect to.
	hosts(b Bases) []string
}

// The processors that sandboxes run on.
const (
	AMD64 = "amd64"
	ARM64 = "arm64"
)

// Format is how an archive is packed.
type Format string

// The formats. Makers that offer a choice are asked for gzip, which every image can unpack.
const (
	TarGz  Format = "tar.gz"
	TarXz  Format = "tar.xz"
	Zip    Format = "zip"
	Single Format = "file" // no archive: the file itself, which is executable
)

// StripShared as Layout.Strip stands for the leading folders that all entries of the archive share.
const StripShared = -1

// Layout says how an archive becomes part of the tool's folder. A later archive replaces files of an earlier one.
type Layout struct {
	Format Format
	Strip  int    // leading path elements that are dropped; entries with no more than these are skipped
	Into   string // the folder below the tool's own; "" is the tool's own
	Name   string // the name of a Single file
	// Executables are patterns for path.Match, against paths below the tool's folder. They get mode 755 because the
	// archive says nothing about modes, or may not say so.
	Executables []string
	// Links are made last, from a path to another one, both below the tool's folder. What is there already is replaced.
	Links map[string]string
}

// file is an archive before it is fetched.
type file struct {
	url string
	sum sum
	Layout
}

// Bases are the addresses of the makers' indexes, without a slash at the end. A proxy or mirror of the user's own may
// stand in for each, as long as it is reached by https.
type Bases struct {
	GoProxy  string // a Go module proxy
	SumDB    string // the Go checksum database; its answers are signed, so that any proxy may pass them on
	NPM      string
	Node     string
	Rust     string
	Adoptium string
	GitHub   string
	Apache   string
	Gradle   string
	DotNet   string
	Composer string
}

// Public are the makers' own addresses.
var Public = Bases{
	GoProxy:  "https://proxy.golang.org",
	SumDB:    "https://proxy.golang.org/sumdb/sum.golang.org",
	NPM:      "https://registry.npmjs.org",
	Node:     "https://nodejs.org/dist",
	Rust:     "https://static.rust-lang.org/dist",
	Adoptium: "https://api.adoptium.net",
	GitHub:   "https://github.com",
	Apache:   "https://archive.apache.org/dist",
	Gradle:   "https://services.gradle.org",
	DotNet:   "https://builds.dotnet.microsoft.com/dotnet",
	Composer: "https://getcomposer.org",
}

// releaseHosts serve the files of GitHub's releases: github.com redirects to them.
var releaseHosts = []string{"objects.githubusercontent.com", "release-assets.githubusercontent.com"}

// byArch picks a maker's word for a processor.
func byArch(arch, amd64, arm64 string) (string, error) {
	switch arch {
	case AMD64:
		return amd64, nil
	case ARM64:
		return arm64, nil
	}
	return "", fmt.Errorf("%w: %q", errNoArch, arch)
}

// hostOf returns the host of an address as it is compared: in lower case, without the port of https.
func hostOf(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return strings.TrimSuffix(strings.ToLower(u.Host), ":443")
}
