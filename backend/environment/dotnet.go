package environment

import (
	"regexp"
	"slices"
	"strings"

	"background-agents/backend/session"
)

var (
	targetFramework = regexp.MustCompile(`<TargetFrameworks?>([^<]{1,200})</TargetFrameworks?>`)
	netVersion      = regexp.MustCompile(`^net(\d{1,2})\.0(?:-.*)?$`)
	netFramework    = regexp.MustCompile(`^net\d{2,3}$`)
	netProject      = regexp.MustCompile(`(?i)\.(?:cs|fs|vb)proj\b`)
	nativeProject   = regexp.MustCompile(`(?i)\.vcxproj\b`)
)

func readGlobalJSON(d *detector, f file) {
	doc := d.tree.document(f.path)
	text := doc.text("sdk", "version")
	if text == "" {
		return
	}
	a := at{f, doc.line("sdk", "version")}
	same := func(n int) fits { // the first n numbers, and not older
		want, least := numbers(text), atLeast(text)
		if want == nil {
			return nil
		}
		return func(v version) bool {
			return least(v) && slices.Equal(want[:min(n, len(want))], v.n[:min(n, len(want), len(v.n))])
		}
	}
	switch strings.ToLower(doc.text("sdk", "rollForward")) {
	case "disable":
		d.pin(a, "dotnet", text, rankFile)
	case "", "patch", "latestpatch": // a feature band is a hundred of SDKs, such as 8.0.4xx
		within := same(2)
		n := d.pin(a, "dotnet", text, rankFile)
		if want := numbers(text); within != nil && len(want) == 3 {
			n.fits = func(v version) bool { return within(v) && v.number(2)/100 == want[2]/100 }
		}
	case "feature", "latestfeature":
		d.minimum(a, "dotnet", text, same(2))
	case "minor", "latestminor":
		d.minimum(a, "dotnet", text, same(1))
	default: // major, latestMajor
		d.minimum(a, "dotnet", text, atLeast(text))
	}
}

// readProject takes target frameworks. Their tests run on the runtime of that line alone, which its own SDK brings.
func readProject(d *detector, f file) {
	data := d.tree.text(f.path)
	for _, m := range targetFramework.FindAllSubmatchIndex(data, 10) {
		for _, name := range strings.Split(string(data[m[2]:m[3]]), ";") {
			d.framework(at{f, lineAt(data, m[0])}, strings.TrimSpace(name))
		}
	}
}

func (d *detector) framework(a at, name string) {
	if m := netVersion.FindStringSubmatch(name); m != nil {
		f := lineFits(m[1])
		if !slices.ContainsFunc(d.table("dotnet"), f) {
			f = atLeast(m[1])
		}
		d.minimum(a, "dotnet", name, f)
	} else if netFramework.MatchString(name) {
		d.unknown(a, "dotnet", name, session.DemandMinimum, "The .NET Framework runs on Windows only.")
	}
}

func (d *detector) dotnetParts() {
	solutions := d.tree.named("*.sln", "*.slnx")
	for _, f := range append(solutions, d.tree.named("*.csproj", "*.fsproj", "*.vbproj")...) {
		if text := d.tree.text(f.path); nativeProject.Match(text) && !netProject.Match(text) {
			continue // a solution of C++ alone
		}
		if d.covered(f.dir, "dotnet") {
			continue
		}
		d.ensure(f, "dotnet")
		d.part(f.dir, "dotnet", "dotnet restore", "dotnet test")
	}
}
