package toolchain

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"path"
	"regexp"
	"strings"
	"testing"
)

// anyIndex answers for every version of every maker, so that each release of the table is looked up once. What the
// makers' formats look like is makers_test.go's business: here only what the table decides is tested, its names and
// addresses.
func anyIndex(w http.ResponseWriter, r *http.Request) {
	hash, name := sha256Of(nil), path.Base(r.URL.Path)
	switch p := r.URL.Path; {
	case r.Host == "registry.npmjs.org":
		fmt.Fprintf(w, `{"name":%q,"version":%q,"dist":{"integrity":%q,"tarball":"https://registry.npmjs.org/x.tgz"}}`,
			path.Dir(p)[1:], name, integrityOf(nil))
	case strings.HasPrefix(p, "/v3/assets/release_name/eclipse/"):
		const binary = `{"architecture":%q,"image_type":"jdk","jvm_impl":"hotspot","os":"linux","package":{"checksum":%q,` +
			`"link":"https://github.com/adoptium/x"}}`
		fmt.Fprintf(w, `{"release_name":%q,"binaries":[`+binary+`,`+binary+`]}`, name, "x64", hash, "aarch64", hash)
	case p == "/dist/index.json":
		fmt.Fprint(w, listAll("node", `{"version":"v%s","files":["linux-x64","linux-arm64"]}`))
	case name == "SHASUMS256.txt":
		for _, word := range []string{"x64", "arm64"} {
			fmt.Fprintf(w, "%s  node-%s-linux-%s.tar.gz\n", hash, path.Base(path.Dir(p)), word)
		}
	case p == "/versions/all":
		const zip = `https://services.gradle.org/distributions/gradle-%[1]s-bin.zip`
		fmt.Fprint(w, listAll("gradle", `{"version":%[1]q,"downloadUrl":"`+zip+`","checksumUrl":"`+zip+`.sha256"}`))
	case name == "releases.json":
		const file = `{"name":"dotnet-sdk-%[1]s.tar.gz","rid":%[1]q,"url":"https://builds.dotnet.microsoft.com/x","hash":%[2]q}`
		files := fmt.Sprintf(file, "linux-x64", sha512Of(nil)) + "," + fmt.Sprintf(file, "linux-arm64", sha512Of(nil))
		fmt.Fprint(w, `{"releases":`+listAll("dotnet", `{"sdk":{"version":%q,"files":[`+files+`]}}`)+`}`)
	case strings.HasSuffix(p, ".toml"):
		fmt.Fprintf(w, "manifest-version = \"2\"\n[pkg.rustc]\nversion = \"%s (a 2026-01-01)\"\n", version.FindString(p))
		for _, c := range rustComponents {
			for _, cpu := range []string{"x86_64", "aarch64"} {
				fmt.Fprintf(w, "[pkg.%s.target.%s-unknown-linux-gnu]\navailable = true\nurl = \"https://static.rust-lang.org/x\"\n"+
					"hash = %q\n", c, cpu, hash)
			}
		}
	case strings.HasSuffix(p, ".sha512"):
		fmt.Fprint(w, sha512Of(nil))
	default:
		fmt.Fprintf(w, "%s  %s", hash, strings.TrimSuffix(strings.TrimSuffix(name, ".sha256sum"), ".sha256"))
	}
}

var version = regexp.MustCompile(`\d+\.\d+\.\d+`)

func TestEachReleaseIsFoundForBothProcessors(t *testing.T) {
	for _, d := range All() {
		for _, r := range d.Releases {
			for _, arch := range []string{AMD64, ARM64} {
				source := unpinned(t, r.Source)
				if s, ok := source.(goModule); source == nil || ok && s.sums[arch] == "" {
					continue // of packages; or the checksum database is asked, which TestAGoodArchiveIsFetched does
				}
				x := newIndex(&http.Client{Transport: inMemory(anyIndex)}, Public, source.hosts(Public))
				files, err := source.files(t.Context(), x, r.Version, arch)
				if err != nil || len(files) == 0 {
					t.Errorf("%s %s for %s: %v", d.Name, r.Version, arch, err)
				}
				for _, f := range files {
					if f.sum == "" || f.Format == "" || !strings.HasPrefix(f.url, "https://") {
						t.Errorf("%s %s for %s: %+v", d.Name, r.Version, arch, f)
					}
				}
			}
		}
	}
}

// unpinned is a source without npm's checksums, which the table must have: anyIndex has others.
func unpinned(t *testing.T, source Source) Source {
	packages, ok := source.(npm)
	if !ok {
		return source
	}
	var free npm
	for _, p := range packages {
		if p.sums[p.amd64] == "" || p.arm64 != "" && p.sums[p.arm64] == "" {
			t.Errorf("%s has no checksum in the table", p.amd64)
		}
		p.sums = nil
		free = append(free, p)
	}
	return free
}

func listAll(tool, form string) string {
	var all []string
	for _, v := range Versions(tool) {
		all = append(all, fmt.Sprintf(form, v))
	}
	return "[" + strings.Join(all, ",") + "]"
}

// inMemory answers requests without a connection.
type inMemory func(http.ResponseWriter, *http.Request)

func (serve inMemory) RoundTrip(r *http.Request) (*http.Response, error) {
	w := httptest.NewRecorder()
	r.Host = r.URL.Host
	serve(w, r)
	return w.Result(), nil
}
