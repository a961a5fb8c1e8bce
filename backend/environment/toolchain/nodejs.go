package toolchain

import (
	"context"
	"slices"
)

// nodejs is Node from nodejs.org: index.json lists the versions with their processors, SHASUMS256.txt beside the
// archives their checksums. The node packages of the npm registry have no headers, without which node-gyp compiles
// nothing.
type nodejs struct{}

func (nodejs) hosts(b Bases) []string { return []string{hostOf(b.Node)} }

func (nodejs) files(ctx context.Context, x *index, version, arch string) ([]file, error) {
	word, err := byArch(arch, "x64", "arm64")
	if err != nil {
		return nil, err
	}
	var releases []struct {
		Version string   `json:"version"` // v24.19.0
		Files   []string `json:"files"`   // linux-x64, ...
	}
	if err := x.readJSON(ctx, x.bases.Node+"/index.json", &releases); err != nil {
		return nil, err
	}
	for _, r := range releases {
		if r.Version != "v"+version {
			continue
		}
		if !slices.Contains(r.Files, "linux-"+word) {
			return nil, errNoArch
		}
		folder := x.bases.Node + "/v" + version
		name := "node-v" + version + "-linux-" + word + ".tar.gz"
		text, err := x.read(ctx, folder+"/SHASUMS256.txt")
		if err != nil {
			return nil, err
		}
		s, found, err := sumList(text, name)
		if err != nil {
			return nil, err
		}
		if !found {
			return nil, errNoArch
		}
		return []file{{url: folder + "/" + name, sum: s, Layout: Layout{Format: TarGz, Strip: 1}}}, nil
	}
	return nil, errNoVersion
}
