package environment

import (
	"strings"
	"unicode"

	"background-agents/backend/session"
)

// The bounds on what is kept.
const (
	maxText     = 64 // characters that are taken over of a file's text
	maxRange    = 256
	maxDemands  = 600
	maxVersions = 4 // of one tool
	maxReasons  = 200
	maxUnknown  = 50
	maxParts    = 50
	maxPackages = 60
)

// fits says whether a version meets a demand.
type fits func(version) bool

// demand is what one line of a file asks for.
type demand struct {
	session.NeedReason
	place  int    // of its file
	dir    string // the folder it speaks for, with all below it
	rank   rank
	fits   fits
	prefer fits   // where it is not nil: versions that go before newer ones
	why    string // where it is not "": no version of ours can meet it
	strict bool   // a pin for the same folder does not silence it
}

// rank decides between pins of one tool for one folder: the lowest wins.
type rank int

const (
	rankConfig  rank = iota // .background-agents/config.yaml
	rankManager             // .tool-versions, mise.toml
	rankFile                // .nvmrc, .python-version, rust-toolchain.toml, ...
	rankSecond              // where a second file says the same: .node-version, Gemfile, toolchain in go.mod
	rankThird               // volta, Gemfile.lock
	rankFourth              // packageManager, devEngines
)

// detector collects what the files ask for.
type detector struct {
	tree     *tree
	versions func(tool string) []string
	demands  []demand
	packages []demand
	parts    []part
	apt      map[string]bool // packages that workflows name

	configured int // packages that the configuration names: the first of packages
}

// at is a place that asks for something: a line of a file.
type at struct {
	file
	line int
}

func (d *detector) add(a at, tool, wanted string, rule session.Demand) *demand {
	if len(d.demands) >= maxDemands {
		return &demand{}
	}
	d.demands = append(d.demands, demand{place: a.place, dir: a.dir, NeedReason: session.NeedReason{
		Tool: clean(tool), Wanted: clean(wanted), Rule: rule, Path: a.path, Line: a.line}})
	return &d.demands[len(d.demands)-1]
}

// pin asks for one version, or for the newest of a line, such as 24 or 3.12.
func (d *detector) pin(a at, tool, wanted string, r rank) *demand {
	p := d.add(a, tool, wanted, session.DemandPin)
	p.rank = r
	p.fits = lineFits(wanted)
	return p
}

// minimum asks for the newest stable version that fits. Where fits is nil, the file's text can't be read.
func (d *detector) minimum(a at, tool, wanted string, f fits) *demand {
	m := d.add(a, tool, wanted, session.DemandMinimum)
	m.fits = f
	return m
}

// any asks for the newest stable version.
func (d *detector) any(a at, tool string) *demand {
	n := d.add(a, tool, "", session.DemandAny)
	n.fits = func(version) bool { return true }
	return n
}

// unknown says what no tool of ours gives.
func (d *detector) unknown(a at, tool, wanted string, rule session.Demand, why string) {
	d.add(a, tool, wanted, rule).why = why
}

// debian asks for a package. Names are ours, or match packageName.
func (d *detector) debian(a at, name string) {
	if len(d.packages) < maxDemands {
		d.packages = append(d.packages, demand{place: a.place, dir: a.dir, NeedReason: session.NeedReason{
			Tool: name, Rule: session.DemandAny, Path: a.path, Line: a.line}})
	}
}

// asked says whether the folder's own files ask for a version of the tool.
func (d *detector) asked(tool, dir string) bool {
	for _, n := range d.demands {
		if n.Tool == tool && n.dir == dir && n.Rule != session.DemandAny {
			return true
		}
	}
	return false
}

// ensure asks for any version of the tool, unless the folder's files have said which.
func (d *detector) ensure(f file, tool string) {
	if !d.asked(tool, f.dir) {
		d.any(at{f, 0}, tool)
	}
}

// clean makes a file's text fit to be shown: at most 64 printable characters of one line.
func clean(text string) string {
	var out []rune
	for _, r := range strings.ToValidUTF8(strings.TrimSpace(text), "") {
		if unicode.IsPrint(r) {
			out = append(out, r)
		}
		if len(out) == maxText {
			break
		}
	}
	return strings.TrimSpace(string(out))
}
