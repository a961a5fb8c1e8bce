package toolchain

import (
	"context"
	"fmt"
	"net/url"
)

// adoptium is a JDK of Eclipse Temurin under the name of its release, such as jdk-21.0.12+8. Its API has the
// checksums, GitHub the archives.
type adoptium string

func (adoptium) hosts(b Bases) []string {
	return append([]string{hostOf(b.Adoptium), hostOf(b.GitHub)}, releaseHosts...)
}

type adoptiumRelease struct {
	Name     string `json:"release_name"`
	Binaries []struct {
		Architecture string `json:"architecture"`
		ImageType    string `json:"image_type"`
		JVM          string `json:"jvm_impl"`
		OS           string `json:"os"`
		Package      struct {
			Checksum string `json:"checksum"`
			Link     string `json:"link"`
		} `json:"package"`
	} `json:"binaries"`
}

func (s adoptium) files(ctx context.Context, x *index, _, arch string) ([]file, error) {
	word, err := byArch(arch, "x64", "aarch64")
	if err != nil {
		return nil, err
	}
	// Without architecture in the query, the answer tells a version that there is not from one for other processors.
	query := url.Values{"image_type": {"jdk"}, "jvm_impl": {"hotspot"}, "os": {"linux"}}
	var found adoptiumRelease
	address := x.bases.Adoptium + "/v3/assets/release_name/eclipse/" + url.QueryEscape(string(s)) + "?" + query.Encode()
	if err := x.readJSON(ctx, address, &found); err != nil {
		return nil, err
	}
	if found.Name != string(s) {
		return nil, fmt.Errorf("%w: %.70q in place of %s", errIndex, found.Name, s)
	}
	for _, b := range found.Binaries {
		if b.Architecture == word && b.ImageType == "jdk" && b.JVM == "hotspot" && b.OS == "linux" {
			sum, err := hexSum("sha256", b.Package.Checksum)
			return []file{{url: b.Package.Link, sum: sum, Layout: Layout{Format: TarGz, Strip: 1}}}, err
		}
	}
	return nil, errNoArch
}
