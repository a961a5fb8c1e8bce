package toolchain

import "context"

// apacheMaven is Maven from Apache's archive, which keeps all versions; the mirrors have the newest only.
type apacheMaven struct{}

func (apacheMaven) hosts(b Bases) []string { return []string{hostOf(b.Apache)} }

func (apacheMaven) files(ctx context.Context, x *index, version, _ string) ([]file, error) {
	name := "apache-maven-" + version + "-bin.tar.gz"
	address := x.bases.Apache + "/maven/maven-3/" + version + "/binaries/" + name
	s, err := x.readSum(ctx, address+".sha512", "sha512", name)
	return []file{{url: address, sum: s, Layout: Layout{Format: TarGz, Strip: 1}}}, err
}

// composerPhar is Composer from its own site: one file that PHP runs.
type composerPhar struct{}

func (composerPhar) hosts(b Bases) []string { return []string{hostOf(b.Composer)} }

func (composerPhar) files(ctx context.Context, x *index, version, _ string) ([]file, error) {
	address := x.bases.Composer + "/download/" + version + "/composer.phar"
	s, err := x.readSum(ctx, address+".sha256sum", "sha256", "composer.phar")
	return []file{{url: address, sum: s, Layout: Layout{Format: Single, Into: "bin", Name: "composer"}}}, err
}
