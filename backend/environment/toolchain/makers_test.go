package toolchain

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/mod/sumdb"
	"golang.org/x/mod/sumdb/dirhash"
	"golang.org/x/mod/sumdb/note"
)

// maker puts a release into a stand-in, for the processors that are named, in the format of its real index. The other
// entries of an index are there to be passed over. It returns the release to fetch.
type maker struct {
	name    string
	offer   func(t *testing.T, s *standIn, arches ...string) Release
	oneFile bool // for all processors
	parts   int
}

var makers = []maker{
	{name: "Go", offer: offerGo, parts: 1},
	{name: "npm, for each processor", offer: offerBun, parts: 1},
	{name: "npm, for all", offer: offerYarn, parts: 1, oneFile: true},
	{name: "npm, both", offer: offerPnpm, parts: 2},
	{name: "nodejs.org", offer: offerNode, parts: 1},
	{name: "Rust", offer: offerRust, parts: 5},
	{name: "Adoptium", offer: offerJava, parts: 1},
	{name: "python-build-standalone", offer: offerPython, parts: 1},
	{name: "uv", offer: offerUV, parts: 1},
	{name: "Maven", offer: offerMaven, parts: 1, oneFile: true},
	{name: "Gradle", offer: offerGradle, parts: 1, oneFile: true},
	{name: ".NET", offer: offerDotNet, parts: 1},
	{name: "Composer", offer: offerComposer, parts: 1, oneFile: true},
}

const most = 1 << 20

// content is an archive: nothing here looks into it, except for Go's.
func content(words ...string) []byte {
	return []byte(strings.Repeat(strings.Join(words, " ")+"\n", 400))
}

func sha256Of(b []byte) string { h := sha256.Sum256(b); return hex.EncodeToString(h[:]) }

func sha512Of(b []byte) string { h := sha512.Sum512(b); return hex.EncodeToString(h[:]) }

func integrityOf(b []byte) string {
	h := sha512.Sum512(b)
	return "sha512-" + base64.StdEncoding.EncodeToString(h[:])
}

// goZip is a zip as the module proxy has it, and its h1.
func goZip(t *testing.T, version, text string) (body []byte, h1 string) {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, name := range []string{"VERSION", "bin/go", "go.env", "pkg/tool/linux_amd64/compile"} {
		f, err := w.CreateHeader(&zip.FileHeader{Name: goPath + "@" + version + "/" + name, Method: zip.Store})
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(f, "%s of %s", name, text)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	name := filepath.Join(t.TempDir(), "go.zip")
	if err := os.WriteFile(name, b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	h1, err := dirhash.HashZip(name, dirhash.Hash1)
	if err != nil {
		t.Fatal(err)
	}
	return b.Bytes(), h1
}

func offerGo(t *testing.T, s *standIn, arches ...string) Release {
	signer, verifier, err := note.GenerateKey(nil, "sum.golang.org")
	if err != nil {
		t.Fatal(err)
	}
	sums := map[string]string{}
	for _, arch := range arches {
		version := "v0.0.1-go1.25.4.linux-" + arch
		body, h1 := goZip(t, version, arch)
		s.archives["proxy.golang.org/golang.org/toolchain/@v/"+version+".zip"] = body
		sums[version] = h1
	}
	database := sumdb.NewServer(sumdb.NewTestServer(signer, func(path, version string) ([]byte, error) {
		h1, ok := sums[version]
		if !ok {
			return nil, os.ErrNotExist
		}
		return fmt.Appendf(nil, "%[1]s %[2]s %[3]s\n%[1]s %[2]s/go.mod %[3]s\n", path, version, h1), nil
	}))
	s.handlers["proxy.golang.org/sumdb/sum.golang.org"] = http.Handler(database)
	return Release{Version: "1.25.4", Source: goModule{key: verifier}, Max: most}
}

// npmIndex adds a version to the registry: the registry answers with much more, of which this is the form.
func npmIndex(s *standIn, name, version string) {
	body := content(name, version)
	base := name[strings.LastIndex(name, "/")+1:]
	tarball := "registry.npmjs.org/" + name + "/-/" + base + "-" + version + ".tgz"
	s.archives[tarball] = body
	s.indexes["registry.npmjs.org/"+strings.ReplaceAll(name, "/", "%2F")+"/"+version] = fmt.Appendf(nil, `{"name":%q,
"version":%q,"license":"MIT","bin":{"x":"bin/x"},"_npmVersion":"11.0.0","dist":{"integrity":%q,"shasum":"%x",
"tarball":"https://%s","fileCount":3,"unpackedSize":97531,"signatures":[{"keyid":"SHA256:abc","sig":"MEUC"}]}}`,
		name, version, integrityOf(body), sha256.Sum224(body), tarball)
}

func offerBun(_ *testing.T, s *standIn, arches ...string) Release {
	for _, arch := range arches {
		word, _ := byArch(arch, "x64", "aarch64")
		npmIndex(s, "@oven/bun-linux-"+word, "1.4.5")
	}
	return Release{Version: "1.4.5", Max: most, Source: npm{
		{amd64: "@oven/bun-linux-x64", arm64: "@oven/bun-linux-aarch64", Layout: tarball}}}
}

func offerYarn(_ *testing.T, s *standIn, _ ...string) Release {
	npmIndex(s, "@yarnpkg/cli-dist", "4.18.1")
	return Release{Version: "4.18.1", Max: most, Source: npm{{amd64: "@yarnpkg/cli-dist", Layout: tarball}}}
}

func offerPnpm(_ *testing.T, s *standIn, arches ...string) Release {
	npmIndex(s, "pnpm", "12.21.0")
	for _, arch := range arches {
		word, _ := byArch(arch, "x64", "arm64")
		npmIndex(s, "@pnpm/exe.linux-"+word, "12.21.0")
	}
	return Release{Version: "12.21.0", Max: most, Source: npm{{amd64: "pnpm", Layout: tarball},
		{amd64: "@pnpm/exe.linux-x64", arm64: "@pnpm/exe.linux-arm64", Layout: tarball}}}
}

func offerNode(_ *testing.T, s *standIn, arches ...string) Release {
	files := []string{`"aix-ppc64"`, `"headers"`}
	sums := content("x")[:0]
	for _, name := range []string{"node-v24.22.3-headers.tar.gz", "node-v24.22.3.pkg", "win-x64/node.exe"} {
		sums = fmt.Appendf(sums, "%s  %s\n", sha256Of([]byte(name)), name)
	}
	for _, arch := range arches {
		word, _ := byArch(arch, "x64", "arm64")
		files = append(files, `"linux-`+word+`"`)
		name := "node-v24.22.3-linux-" + word + ".tar.gz"
		s.archives["nodejs.org/dist/v24.22.3/"+name] = content(name)
		sums = fmt.Appendf(sums, "%s  %s\n", sha256Of(content(name)), name)
	}
	s.indexes["nodejs.org/dist/v24.22.3/SHASUMS256.txt"] = sums
	s.indexes["nodejs.org/dist/index.json"] = fmt.Appendf(nil, `[
{"version":"v25.0.0","date":"2025-10-15","files":["linux-arm64","linux-x64"],"npm":"11.6.2","lts":false,"security":false},
{"version":"v24.22.3","date":"2026-11-10","files":[%s],"npm":"11.12.1","v8":"13.6.233.17","uv":"1.51.0","zlib":"1.3.1",
"openssl":"3.5.4","modules":"137","lts":"Krypton","security":true}]`, strings.Join(files, ","))
	return Release{Version: "24.22.3", Source: nodejs{}, Max: most}
}

func offerRust(_ *testing.T, s *standIn, arches ...string) Release {
	text := `manifest-version = "2"
date = "2026-08-20"

[artifacts.source-code.target."*"]
[[artifacts.source-code.target."*".tar-gz]]
hash-sha256 = "00"
url = "https://static.rust-lang.org/dist/2026-08-20/rustc-1.98.0-src.tar.gz"

[pkg.rust]
version = "1.98.0 (aaaaaaaaa 2026-08-17)"
git_commit_hash = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

[[pkg.rust.target.x86_64-unknown-linux-gnu.components]]
pkg = "rustc"
target = "x86_64-unknown-linux-gnu"
`
	for _, component := range []string{"cargo", "clippy-preview", "rust-std", "rustc", "rustfmt-preview", "rust-docs"} {
		text += "\n[pkg." + component + "]\nversion = \"1.98.0 (aaaaaaaaa 2026-08-17)\"\n"
		for _, cpu := range []string{"aarch64", "x86_64"} {
			triple := cpu + "-unknown-linux-gnu"
			text += "\n[pkg." + component + ".target." + triple + "]\n"
			arch := map[string]string{"aarch64": ARM64, "x86_64": AMD64}[cpu]
			if !slices.Contains(arches, arch) {
				text += "available = false\n"
				continue
			}
			name := strings.TrimSuffix(component, "-preview") + "-1.98.0-" + triple
			s.archives["static.rust-lang.org/dist/2026-08-20/"+name+".tar.gz"] = content(name)
			text += fmt.Sprintf(`available = true
url = "https://static.rust-lang.org/dist/2026-08-20/%[1]s.tar.gz"
hash = %[2]q
xz_url = "https://static.rust-lang.org/dist/2026-08-20/%[1]s.tar.xz"
xz_hash = %[3]q
`, name, sha256Of(content(name)), sha256Of([]byte(name)))
		}
	}
	text += "\n[renames.clippy]\nto = \"clippy-preview\"\n"
	s.indexes["static.rust-lang.org/dist/channel-rust-1.98.0.toml"] = []byte(text)
	return Release{Version: "1.98.0", Source: rustup{}, Max: most}
}
