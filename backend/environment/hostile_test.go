package environment

import (
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"background-agents/backend/session"
)

// counting counts what is read of a tree.
type counting struct {
	memory
	reads *int
}

func (c counting) Read(path string) ([]byte, error) {
	*c.reads++
	return c.memory.Read(path)
}

// sound fails where a proposal has what no file may bring into it.
func sound(t *testing.T, p session.EnvironmentProposal) {
	t.Helper()
	if p.Tools == nil || p.Packages == nil || p.Reasons == nil || p.Parts == nil || p.Unknown == nil {
		t.Errorf("a slice is nil: %#v", p)
	}
	for _, tool := range p.Tools {
		if !slices.Contains(ours[tool.Name], tool.Version) {
			t.Errorf("%+v is not of the table", tool)
		}
	}
	for _, name := range p.Packages {
		if !packageName.MatchString(name) {
			t.Errorf("%q is not a package", name)
		}
	}
	reasons := slices.Clone(p.Reasons)
	for _, u := range p.Unknown {
		reasons = append(reasons, u.NeedReason)
		if u.Why == "" {
			t.Errorf("%+v has no reason", u)
		}
	}
	for _, n := range reasons {
		for _, text := range []string{n.Tool, n.Wanted} {
			if utf8.RuneCountInString(text) > 64 || !utf8.ValidString(text) || strings.ContainsFunc(text, func(r rune) bool { return !unicode.IsPrint(r) }) {
				t.Errorf("%q is not fit to be shown", text)
			}
		}
		if n.Rule != session.DemandPin && n.Rule != session.DemandMinimum && n.Rule != session.DemandAny || n.Line < 0 {
			t.Errorf("%+v is no reason", n)
		}
	}
	for _, part := range p.Parts {
		if !slices.Contains(kinds, part.Kind) {
			t.Errorf("%+v is of no kind", part)
		}
		if strings.ContainsAny(part.Install+part.Test, "$`\n\"\\") {
			t.Errorf("%+v has a command that is not ours", part)
		}
	}
	if len(p.Reasons) > maxReasons || len(p.Unknown) > maxUnknown || len(p.Parts) > maxParts || len(p.Packages) > maxPackages {
		t.Errorf("too much: %d reasons, %d unknown, %d parts, %d packages", len(p.Reasons), len(p.Unknown), len(p.Parts), len(p.Packages))
	}
}

func TestReadingIsBounded(t *testing.T) {
	files := memory{}
	for i := range 3000 {
		dir := fmt.Sprintf("d%04d", i)
		files[dir+"/package.json"] = fmt.Sprintf(`{"engines":{"node":"%d.%d.x"},"scripts":{"test":"x"}}`, 4+i%22, i)
		files[dir+"/a.go"] = "package a\n"
	}
	files["go.mod"] = "module a\n\ngo 1.24\n"
	reads := 0
	p := Detect(counting{files, &reads}, stable)
	sound(t, p)
	if reads > maxManifests+maxSources {
		t.Errorf("%d files were read", reads)
	}
	if first := p.Reasons[0]; reasonText(first) != `go.mod:3 go "1.24" minimum` {
		t.Errorf("the shallowest manifest was not read: %+v", first)
	}
	if n := len(newTree(files).manifests); n != maxManifests {
		t.Errorf("%d manifests are kept", n)
	}
}

func TestHostileFilesEndSoon(t *testing.T) {
	deep := func(open string) string { return strings.Repeat(open, session.MaxTreeFile/len(open)) }
	versions := &strings.Builder{}
	for i := range 20_000 {
		fmt.Fprintf(versions, "tool%d %d\n", i, i)
	}
	dependencies := &strings.Builder{}
	for i := range 9_000 {
		fmt.Fprintf(dependencies, "\"ext-%d\": \"*\",\n", i)
	}
	files := memory{
		"package.json": deep(`{"a":`), "composer.json": `{"require":{` + dependencies.String() + `"php":"8"}}`, "global.json": deep("["),
		"pyproject.toml": "a = " + deep("["), "Cargo.toml": deep("a.") + " = 1", "mise.toml": deep("[a]\n"), "Pipfile": deep("[[a]]\n"),
		"pom.xml": deep("<a>"), "build.gradle": deep("sourceCompatibility = "), "setup.py": deep("python_requires ="),
		"Gemfile": "ruby " + deep(`"1",`), "a.gemspec": deep("required_ruby_version = '1'\n"), "mix.exs": deep(`elixir: "1"`),
		".tool-versions": versions.String(), ".nvmrc": deep("9"), ".python-version": deep("3\n"), "go.mod": deep("go 1.21\n"),
		".github/workflows/a.yml":  "jobs: {a: {steps: [" + deep("{run: apt-get install aa},") + "]}}",
		".github/workflows/b.yml":  "a: &a [x]\nb: &b [*a,*a,*a,*a]\njobs: [*b]\n" + deep("- "),
		".github/workflows/c.yaml": "jobs:\n  a:\n    steps:\n      - run: |\n" + deep("          apt-get install aa bb\n"),
		"a.csproj":                 deep("<TargetFramework>net8.0</TargetFramework>"), "Makefile": deep("test"), "a.c": "",
		"x\ny/package.json": "{}", "../go.mod": "module b", "/go.mod": "module c", "a//go.mod": "module d", "\u202Ea/go.mod": "module e",
	}
	start := time.Now()
	p := Detect(files, stable)
	if took := time.Since(start); took > 30*time.Second {
		t.Errorf("it took %v", took)
	}
	sound(t, p)
	for _, part := range p.Parts {
		if part.Dir != "" {
			t.Errorf("%+v is in a folder that can't be shown", part)
		}
	}
}

func TestTextsAreFitToBeShown(t *testing.T) {
	p := Detect(memory{".nvmrc": "9\x1b[31m\u202E" + strings.Repeat("é", 100), ".tool-versions": "a\x00b\xff 1\n"}, stable)
	sound(t, p)
	if len(p.Unknown) != 2 || p.Unknown[0].Wanted != "9[31m"+strings.Repeat("é", 59) || p.Unknown[1].Tool != "ab" {
		t.Errorf("unknown is %+v", p.Unknown)
	}
}

func TestVersionsAreOfTheTableWhateverItHas(t *testing.T) {
	for _, table := range [][]string{nil, {}, {"", "x", "é"}, {"1"}, {"99999999999999999999.1"}} {
		for _, e := range ecosystems {
			p := Detect(e.files, func(string) []string { return table })
			for _, tool := range p.Tools {
				if !slices.Contains(table, tool.Version) {
					t.Errorf("%v gives %+v of %q", e.files, tool, table)
				}
			}
		}
	}
}

// FuzzDetect puts one text into a file of each kind.
func FuzzDetect(f *testing.F) {
	bases := slices.Sorted(maps.Keys(readers))
	for base := range partManifests {
		bases = append(bases, base)
	}
	bases = append(bases, "yarn.lock", "pnpm-lock.yaml", ".github/workflows/a.yml", ".config/mise/config.toml", "a.go")
	slices.Sort(bases)
	for _, e := range ecosystems {
		for p, text := range e.files {
			f.Add(path.Base(p), text)
		}
	}
	for base, text := range map[string]string{
		"package.json": express, "pom.xml": pom, "gradle-wrapper.properties": wrapper("8.5"), ".tool-versions": "java temurin-21.0.2+13.0.LTS\n",
		".sdkmanrc": "java=1.8.0-tem\n", "Gemfile": "ruby '~> 3.2', '>= 1'", "go.mod": "module a\ngo 1.21rc1\ntoolchain default\n",
		"setup.py": "python_requires='~=3.9'", "global.json": `{"sdk":{"version":"8","rollForward":"minor"}}`, "build.gradle": "jvmToolchain(8)",
		"workflow": "jobs:\n a:\n  steps:\n  - run: apt-get install a1 \\\n",
	} {
		f.Add(base, text)
	}
	f.Fuzz(func(t *testing.T, base, text string) {
		files := memory{base: text}
		for _, b := range bases {
			files["all/"+strings.Replace(b, "*", "a", 1)] = text
		}
		files[".github/workflows/a.yml"] = text
		files["go.mod"] = text
		p := Detect(files, stable)
		sound(t, p)
		if again := Detect(files, stable); again.Hash != p.Hash {
			t.Errorf("%q gives two hashes", text)
		}
	})
}
