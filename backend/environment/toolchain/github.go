package toolchain

import (
	"context"
	"net/url"
)

// standalone is Python of python-build-standalone, which moves to any folder. tag is the release of that project that
// has the version. sums has the sha256 that are known, by processor; SHA256SUMS in the release has them all.
type standalone struct {
	tag  string
	sums map[string]string
}

func (standalone) hosts(b Bases) []string { return append([]string{hostOf(b.GitHub)}, releaseHosts...) }

func (s standalone) files(ctx context.Context, x *index, version, arch string) ([]file, error) {
	cpu, err := byArch(arch, "x86_64", "aarch64")
	if err != nil {
		return nil, err
	}
	folder := x.bases.GitHub + "/astral-sh/python-build-standalone/releases/download/" + s.tag
	name := "cpython-" + version + "+" + s.tag + "-" + cpu + "-unknown-linux-gnu-install_only_stripped.tar.gz"
	one := file{url: folder + "/" + url.QueryEscape(name), Layout: Layout{Format: TarGz, Strip: 1}}
	if digits, ok := s.sums[arch]; ok {
		one.sum, err = hexSum("sha256", digits)
		return []file{one}, err
	}
	text, err := x.read(ctx, folder+"/SHA256SUMS")
	if err != nil {
		return nil, err
	}
	found := false
	if one.sum, found, err = sumList(text, name); err == nil && !found {
		err = errNoArch
	}
	return []file{one}, err
}

// uvRelease is uv of its GitHub releases, with a file of its checksum beside each archive.
type uvRelease struct{}

func (uvRelease) hosts(b Bases) []string { return append([]string{hostOf(b.GitHub)}, releaseHosts...) }

func (uvRelease) files(ctx context.Context, x *index, version, arch string) ([]file, error) {
	cpu, err := byArch(arch, "x86_64", "aarch64")
	if err != nil {
		return nil, err
	}
	name := "uv-" + cpu + "-unknown-linux-gnu.tar.gz"
	address := x.bases.GitHub + "/astral-sh/uv/releases/download/" + version + "/" + name
	s, err := x.readSum(ctx, address+".sha256", "sha256", name)
	return []file{{url: address, sum: s, Layout: Layout{Format: TarGz, Strip: 1, Into: "bin"}}}, err
}
