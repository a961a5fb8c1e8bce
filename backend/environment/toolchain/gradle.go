package toolchain

import (
	"context"
	"path"
)

// gradleVersions is Gradle from its list of versions, which has the addresses of the archive and of its checksum. The
// archives are at GitHub, to which Gradle's own host redirects.
type gradleVersions struct{}

func (gradleVersions) hosts(b Bases) []string {
	own := []string{hostOf(b.Gradle), "services.gradle.org", "downloads.gradle.org", hostOf(b.GitHub)}
	return append(own, releaseHosts...)
}

func (gradleVersions) files(ctx context.Context, x *index, version, _ string) ([]file, error) {
	var versions []struct {
		Version     string `json:"version"`
		Broken      bool   `json:"broken"`
		DownloadURL string `json:"downloadUrl"`
		ChecksumURL string `json:"checksumUrl"`
	}
	if err := x.readJSON(ctx, x.bases.Gradle+"/versions/all", &versions); err != nil {
		return nil, err
	}
	for _, v := range versions {
		if v.Version != version || v.Broken {
			continue
		}
		s, err := x.readSum(ctx, v.ChecksumURL, "sha256", path.Base(v.DownloadURL))
		return []file{{url: v.DownloadURL, sum: s,
			Layout: Layout{Format: Zip, Strip: 1, Executables: []string{"bin/gradle"}}}}, err
	}
	return nil, errNoVersion
}
