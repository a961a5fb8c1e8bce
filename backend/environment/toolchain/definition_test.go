package toolchain

import (
	"cmp"
	"encoding/base64"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"background-agents/backend/session"
)

var (
	stable     = regexp.MustCompile(`^\d+(\.\d+)*$`) // also what a volume's name and a folder may hold
	debianName = regexp.MustCompile(`^[a-z0-9][a-z0-9+.-]+$`)
	braces     = regexp.MustCompile(`\{[^}]*\}`)
)

func TestTheToolsAreTheseAndNoOthers(t *testing.T) {
	var names []string
	for _, d := range All() {
		names = append(names, d.Name)
	}
	want := strings.Fields("bun cmake composer deno dotnet gcc go gradle java maven node php pnpm python " +
		"ruby rust uv yarn")
	if !slices.Equal(names, want) {
		t.Fatalf("%v", names)
	}
}

// newer compares 1.9 and 1.10 as numbers; 17 is older than 17.0.1.
func newer(a, b string) int {
	return slices.CompareFunc(strings.Split(a, "."), strings.Split(b, "."), func(a, b string) int {
		m, _ := strconv.Atoi(a)
		n, _ := strconv.Atoi(b)
		return cmp.Compare(m, n)
	})
}

func TestEachDefinitionIsComplete(t *testing.T) {
	for _, d := range All() {
		t.Run(d.Name, func(t *testing.T) {
			if d.Label == "" || d.Sample == "" || len(d.Releases) == 0 {
				t.Errorf("%+v", d)
			}
			for _, need := range d.Needs {
				if _, ok := Find(need); !ok || need == d.Name {
					t.Errorf("needs %q", need)
				}
			}
			texts := slices.Clone(d.Path)
			for name, value := range d.Variables {
				texts = append(texts, value)
				if strings.ContainsAny(name, "= ") {
					t.Errorf("variable %q", name)
				}
			}
			for _, text := range texts {
				for _, word := range braces.FindAllString(text, -1) {
					if word != "{root}" && word != "{home}" {
						t.Errorf("%q", text)
					}
				}
			}
			for _, folder := range d.Caches {
				if strings.HasPrefix(folder, "/") || strings.Contains(folder, "..") || strings.Contains(folder, "{") {
					t.Errorf("cache %q is not below the home", folder)
				}
			}
			for i, r := range d.Releases {
				if !stable.MatchString(r.Version) || i > 0 && newer(d.Releases[i-1].Version, r.Version) <= 0 {
					t.Errorf("%q is a preview, or not in order", r.Version)
				}
				if r.Source == nil && len(r.Packages) == 0 || r.Source != nil && (r.Max <= 0 || r.Root != "") {
					t.Errorf("%+v", r)
				}
				for _, p := range r.Packages {
					if !debianName.MatchString(p) {
						t.Errorf("package %q", p)
					}
				}
			}
		})
	}
}

func TestEachSourceHasItsHosts(t *testing.T) {
	for _, d := range All() {
		for _, r := range d.Releases {
			if r.Source == nil {
				continue
			}
			hosts := r.Source.hosts(Public)
			if len(hosts) == 0 || slices.ContainsFunc(hosts, func(h string) bool { return !public(h) }) {
				t.Errorf("%s %s: %v", d.Name, r.Version, hosts)
			}
		}
	}
}

// The checksums of the table are read by hand: one that cannot be a checksum would refuse every archive.
func TestTheChecksumsOfTheTableAreWellFormed(t *testing.T) {
	seen := map[string]string{}
	unique := func(where, text string) {
		if seen[text] != "" {
			t.Errorf("%s and %s have the same checksum", where, seen[text])
		}
		seen[text] = where
	}
	for _, d := range All() {
		for _, r := range d.Releases {
			where := d.Name + " " + r.Version
			switch s := r.Source.(type) {
			case goModule:
				for arch, known := range s.sums {
					raw, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(string(known), "h1:"))
					if err != nil || len(raw) != 32 || known.algorithm() != hashOfZip || s.key != "" {
						t.Errorf("%s: %q", where, known)
					}
					unique(where+arch, string(known))
				}
			case npm:
				for _, p := range s {
					for _, name := range []string{p.amd64, p.arm64} {
						if _, err := integritySum(p.sums[name]); name != "" && err != nil {
							t.Errorf("%s: %s: %v", where, name, err)
						}
						if name != "" {
							unique(where+name, p.sums[name])
						}
					}
				}
			case standalone:
				for arch, digits := range s.sums {
					if _, err := hexSum("sha256", digits); err != nil {
						t.Errorf("%s: %v", where, err)
					}
					unique(where+arch, digits)
				}
			}
		}
	}
}

// When another tool is fetched for real, its mark is removed, and TestRealArchivesHaveWhatTheirLayoutNames fetches it
// from then on.
func TestTheToolsThatWereNeverFetchedForRealAreMarked(t *testing.T) {
	var marked []string
	for _, d := range All() {
		if d.Untried {
			marked = append(marked, d.Name)
		}
	}
	if want := strings.Fields("composer dotnet gradle java maven node python rust uv"); !slices.Equal(marked, want) {
		t.Errorf("%v", marked)
	}
}

func TestLookup(t *testing.T) {
	if v := Versions("go"); len(v) < 5 || v[0] != "1.27.4" {
		t.Errorf("%v", v)
	}
	if r, ok := Lookup("gcc", "12"); !ok || r.Packages[0] != "gcc" {
		t.Errorf("%+v, %v", r, ok)
	}
	if _, ok := Lookup("go", "1.25"); ok {
		t.Error("a part of a version was found")
	}
	if _, ok := Lookup("perl", "5"); ok || Versions("perl") != nil {
		t.Error("a tool that there is not was found")
	}
}

func TestTheEnvironmentOfARelease(t *testing.T) {
	for _, c := range []struct {
		tool, version   string
		path, variables []string
	}{
		{"go", "1.27.4", []string{"/opt/tools/go/1.27.4/bin", "/home/agent/go/bin"}, nil},
		{"java", "21.0.12", []string{"/opt/tools/java/21.0.12/bin"}, []string{"JAVA_HOME=/opt/tools/java/21.0.12"}},
		{"java", "17", []string{"/usr/lib/jvm/java-17-openjdk-arm64/bin"},
			[]string{"JAVA_HOME=/usr/lib/jvm/java-17-openjdk-arm64"}},
		{"python", "3.11", []string{"/home/agent/.local/bin"}, nil},
		{"ruby", "3.1", []string{"/home/agent/.gem/bin"},
			[]string{"BUNDLE_PATH=/home/agent/.bundle", "GEM_HOME=/home/agent/.gem"}},
	} {
		d, _ := Find(c.tool)
		r, ok := Lookup(c.tool, c.version)
		path, variables := d.Environment(r, "/home/agent", ARM64)
		if !ok || !slices.Equal(path, c.path) || !slices.Equal(variables, c.variables) {
			t.Errorf("%s %s: %v, %v", c.tool, c.version, path, variables)
		}
	}
}

func TestWhatIsNotInTheTableIsNotFetched(t *testing.T) {
	f := newStandIn(t).fetcher(t)
	for _, c := range []struct{ name, version, says string }{
		{"perl", "5.40", `There is no tool "perl".`},
		{"go", "1.99.0", `There is no Go "1.99.0" to choose.`},
		{"go", "../../x", `There is no Go "../../x" to choose.`},
		{"gcc", "12", "C and C++ (GCC) 12 comes as packages of Debian and has no archive."},
	} {
		_, err := f.Fetch(t.Context(), session.Toolchain{Name: c.name, Version: c.version}, AMD64)
		if session.CodeOf(err) != session.CodeInvalid || err.Error() != c.says {
			t.Errorf("%s %s: %v", c.name, c.version, err)
		}
	}
}

func TestTheMakersAddressesAreHTTPS(t *testing.T) {
	b := Public
	for _, address := range []string{b.GoProxy, b.SumDB, b.NPM, b.Node, b.Rust, b.Adoptium, b.GitHub, b.Apache, b.Gradle,
		b.DotNet, b.Composer} {
		if u, err := url.Parse(address); err != nil || u.Scheme != "https" || strings.HasSuffix(address, "/") {
			t.Errorf("%q", address)
		}
	}
}
