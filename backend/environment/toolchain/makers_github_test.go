package toolchain

import (
	"fmt"
	"strings"
	"testing"
)

// github puts a file where GitHub has it: behind a redirect to the host of its releases.
func github(s *standIn, address string, body []byte) {
	there := "release-assets.githubusercontent.com/github-production-release-asset/" + sha256Of([]byte(address))[:12]
	s.redirects["github.com/"+address] = "https://" + there + "?sp=r&sv=2018-11-09&rscd=attachment"
	s.archives[there] = body
}

func offerJava(_ *testing.T, s *standIn, arches ...string) Release {
	binary := func(arch, kind, os string) string {
		name := "OpenJDK21U-" + kind + "_" + arch + "_" + os + "_hotspot_21.0.12_8.tar.gz"
		address := "adoptium/temurin21-binaries/releases/download/jdk-21.0.12%2B8/" + name
		github(s, address, content(name))
		return fmt.Sprintf(`{"architecture":%q,"download_count":732014,"heap_size":"normal","image_type":%q,"jvm_impl":"hotspot",
"os":%q,"package":{"checksum":%q,"checksum_link":"https://github.com/%[5]s.sha256.txt","download_count":732014,
"link":"https://github.com/%[5]s","metadata_link":"https://github.com/%[5]s.json","name":%[6]q,
"signature_link":"https://github.com/%[5]s.sig","size":207486543},"project":"jdk","scm_ref":"jdk-21.0.12+8_adopt",
"updated_at":"2026-07-22T12:00:00Z"}`, arch, kind, os, sha256Of(content(name)), address, name)
	}
	binaries := []string{binary("x64", "jdk", "windows"), binary("x64", "jre", "linux"),
		binary("aarch64", "jdk", "alpine-linux")}
	for _, arch := range arches {
		word, _ := byArch(arch, "x64", "aarch64")
		binaries = append(binaries, binary(word, "jdk", "linux"))
	}
	s.indexes["api.adoptium.net/v3/assets/release_name/eclipse/jdk-21.0.12%2B8"] = fmt.Appendf(nil, `{"binaries":[%s],
"download_count":1,"id":"abc","release_link":"https://github.com/adoptium/temurin21-binaries/releases/tag/jdk-21.0.12%%2B8",
"release_name":"jdk-21.0.12+8","release_type":"ga","vendor":"eclipse","version_data":{"build":8,"major":21,"minor":0,
"openjdk_version":"21.0.12+8-LTS","security":12,"semver":"21.0.12+8.0.LTS"}}`, strings.Join(binaries, ","))
	return Release{Version: "21.0.12", Source: adoptium("jdk-21.0.12+8"), Max: most}
}

func offerPython(_ *testing.T, s *standIn, arches ...string) Release {
	folder := "astral-sh/python-build-standalone/releases/download/20260814/"
	list := sha256Of(nil) + "  cpython-3.13.15+20260814-aarch64-apple-darwin-install_only.tar.gz\n"
	for _, arch := range arches {
		word, _ := byArch(arch, "x86_64", "aarch64")
		name := "cpython-3.13.15+20260814-" + word + "-unknown-linux-gnu-install_only_stripped.tar.gz"
		github(s, folder+strings.ReplaceAll(name, "+", "%2B"), content(name))
		list += sha256Of(content(name)) + "  " + name + "\n"
	}
	s.indexes["github.com/"+folder+"SHA256SUMS"] = []byte(list)
	return Release{Version: "3.13.15", Source: standalone{tag: "20260814"}, Max: most}
}

func offerUV(_ *testing.T, s *standIn, arches ...string) Release {
	for _, arch := range arches {
		word, _ := byArch(arch, "x86_64", "aarch64")
		name := "uv-" + word + "-unknown-linux-gnu.tar.gz"
		address := "astral-sh/uv/releases/download/0.12.5/" + name
		github(s, address, content(name))
		s.indexes["github.com/"+address+".sha256"] = []byte(sha256Of(content(name)) + " *" + name + "\n")
	}
	return Release{Version: "0.12.5", Source: uvRelease{}, Max: most}
}

func offerGradle(_ *testing.T, s *standIn, _ ...string) Release {
	var versions []string
	for _, v := range []string{"9.8.0-rc-1", "9.7.1", "9.7.0"} {
		address := "services.gradle.org/distributions/gradle-" + v + "-bin.zip"
		body := content("gradle", v)
		github(s, "gradle/gradle-distributions/releases/download/v"+v+"/gradle-"+v+"-bin.zip", body)
		s.redirects[address] = "https://github.com/gradle/gradle-distributions/releases/download/v" + v + "/gradle-" +
			v + "-bin.zip"
		s.indexes[address+".sha256"] = []byte(sha256Of(body))
		versions = append(versions, fmt.Sprintf(`{"version":%q,"buildTime":"20260818101010+0000","commitId":"abc","current":%t,
"snapshot":false,"nightly":false,"releaseNightly":false,"activeRc":false,"rcFor":"","milestoneFor":"","broken":false,
"downloadUrl":"https://%[3]s","checksumUrl":"https://%[3]s.sha256","wrapperChecksumUrl":"https://%[3]s.jar.sha256"}`,
			v, v == "9.7.1", address))
	}
	s.indexes["services.gradle.org/versions/all"] = []byte("[" + strings.Join(versions, ",") + "]")
	return Release{Version: "9.7.1", Source: gradleVersions{}, Max: most}
}
