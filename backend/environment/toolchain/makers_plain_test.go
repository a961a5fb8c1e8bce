package toolchain

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

func offerMaven(_ *testing.T, s *standIn, _ ...string) Release {
	address := "archive.apache.org/dist/maven/maven-3/3.9.16/binaries/apache-maven-3.9.16-bin.tar.gz"
	s.archives[address] = content("maven")
	s.indexes[address+".sha512"] = []byte(sha512Of(content("maven"))) // without a name or an end of line
	return Release{Version: "3.9.16", Source: apacheMaven{}, Max: most}
}

func offerDotNet(_ *testing.T, s *standIn, arches ...string) Release {
	sdk := func(version string) string {
		files := []string{`{"name":"dotnet-sdk-win-x64.exe","rid":"win-x64",` +
			`"url":"https://builds.dotnet.microsoft.com/x.exe","hash":"00"}`}
		for _, rid := range []string{"linux-x64", "linux-arm64", "linux-musl-x64"} {
			if word := strings.TrimPrefix(rid, "linux-"); word == "x64" && !slices.Contains(arches, AMD64) ||
				word == "arm64" && !slices.Contains(arches, ARM64) {
				continue
			}
			address := "builds.dotnet.microsoft.com/dotnet/Sdk/" + version + "/dotnet-sdk-" + version + "-" + rid + ".tar.gz"
			s.archives[address] = content(address)
			files = append(files, fmt.Sprintf(`{"name":"dotnet-sdk-%[1]s.tar.gz","rid":%[1]q,"url":"https://%[2]s",`+
				`"hash":%[3]q}`,
				rid, address, sha512Of(content(address))))
		}
		return fmt.Sprintf(`{"version":%q,"version-display":%[1]q,"runtime-version":"10.0.12",`+
			`"csharp-version":"14.0","files":[%s]}`,
			version, strings.Join(files, ","))
	}
	s.indexes["builds.dotnet.microsoft.com/dotnet/release-metadata/10.0/releases.json"] = fmt.Appendf(nil, `{
"channel-version":"10.0","latest-release":"10.0.12","latest-sdk":"10.0.401","support-phase":"active","release-type":"lts",
"releases":[{"release-date":"2026-09-08","release-version":"10.0.12","security":true,"cve-list":null,
"runtime":{"version":"10.0.12","files":[]},"sdk":%s,"sdks":[%[1]s,%s],"windowsdesktop":null}]}`,
		sdk("10.0.401"), sdk("10.0.112"))
	return Release{Version: "10.0.401", Source: dotnetSDK{}, Max: most}
}

func offerComposer(_ *testing.T, s *standIn, _ ...string) Release {
	s.archives["getcomposer.org/download/2.10.2/composer.phar"] = content("composer")
	s.indexes["getcomposer.org/download/2.10.2/composer.phar.sha256sum"] =
		[]byte(sha256Of(content("composer")) + "  composer.phar\n")
	return Release{Version: "2.10.2", Source: composerPhar{}, Max: most}
}
