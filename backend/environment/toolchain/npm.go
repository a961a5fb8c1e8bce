package toolchain

import (
	"context"
	"fmt"
	"net/url"
)

// npm is one or more packages of the npm registry. Nothing of them is installed: their tarballs are unpacked one
// above the other.
type npm []npmPackage

// npmPackage is a package, or one for each processor.
type npmPackage struct {
	amd64, arm64 string            // names; arm64 is "" where one package is for all
	sums         map[string]string // the integrity of versions that are known, by name
	Layout
}

func (npm) hosts(b Bases) []string { return []string{hostOf(b.NPM)} }

// npmVersion is a version's metadata at REGISTRY/NAME/VERSION, as far as it is needed.
type npmVersion struct {
	Name    string `json:"name"`
	Version string `json:"version"`
	Dist    struct {
		Integrity string `json:"integrity"`
		Tarball   string `json:"tarball"`
	} `json:"dist"`
}

func (s npm) files(ctx context.Context, x *index, version, arch string) ([]file, error) {
	var all []file
	for _, p := range s {
		one, err := p.file(ctx, x, version, arch)
		if err != nil {
			return nil, err
		}
		all = append(all, one)
	}
	return all, nil
}

func (p npmPackage) file(ctx context.Context, x *index, version, arch string) (file, error) {
	name := p.amd64
	if p.arm64 != "" {
		var err error
		if name, err = byArch(arch, p.amd64, p.arm64); err != nil {
			return file{}, err
		}
	}
	var found npmVersion
	if err := x.readJSON(ctx, x.bases.NPM+"/"+url.PathEscape(name)+"/"+version, &found); err != nil {
		return file{}, err
	}
	if found.Name != name || found.Version != version {
		return file{}, fmt.Errorf("%w: %.70q %.70q in place of %s %s", errIndex, found.Name, found.Version, name, version)
	}
	published, err := integritySum(found.Dist.Integrity)
	if err != nil {
		return file{}, err
	}
	if known, ok := p.sums[name]; ok {
		if wanted, err := integritySum(known); err != nil || wanted != published {
			return file{}, fmt.Errorf("%w: the registry has another one for %s %s", errSum, name, version)
		}
	}
	return file{url: found.Dist.Tarball, sum: published, Layout: p.Layout}, nil
}
