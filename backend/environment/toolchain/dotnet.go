package toolchain

import (
	"context"
	"strings"
)

// dotnetSDK is an SDK of .NET from the release metadata of its channel, 10.0 for 10.0.401.
type dotnetSDK struct{}

func (dotnetSDK) hosts(b Bases) []string {
	// Older releases name the last two.
	return []string{hostOf(b.DotNet), "builds.dotnet.microsoft.com", "download.visualstudio.microsoft.com",
		"dotnetcli.azureedge.net"}
}

type dotnetFiles struct {
	Version string `json:"version"`
	Files   []struct {
		Name string `json:"name"`
		RID  string `json:"rid"`
		URL  string `json:"url"`
		Hash string `json:"hash"` // sha512
	} `json:"files"`
}

func (dotnetSDK) files(ctx context.Context, x *index, version, arch string) ([]file, error) {
	word, err := byArch(arch, "x64", "arm64")
	if err != nil {
		return nil, err
	}
	parts := strings.SplitN(version, ".", 3)
	if len(parts) != 3 {
		return nil, errNoVersion
	}
	var channel struct {
		Releases []struct {
			SDK  dotnetFiles   `json:"sdk"`
			SDKs []dotnetFiles `json:"sdks"` // all of a release; sdk is the newest of them
		} `json:"releases"`
	}
	address := x.bases.DotNet + "/release-metadata/" + parts[0] + "." + parts[1] + "/releases.json"
	if err := x.readJSON(ctx, address, &channel); err != nil {
		return nil, err
	}
	for _, r := range channel.Releases {
		for _, sdk := range append(r.SDKs, r.SDK) {
			if sdk.Version == version {
				return sdk.archive("linux-" + word)
			}
		}
	}
	return nil, errNoVersion
}

func (s dotnetFiles) archive(rid string) ([]file, error) {
	for _, f := range s.Files {
		if f.RID == rid && f.Name == "dotnet-sdk-"+rid+".tar.gz" {
			sum, err := hexSum("sha512", f.Hash)
			return []file{{url: f.URL, sum: sum, Layout: Layout{Format: TarGz}}}, err
		}
	}
	return nil, errNoArch
}
