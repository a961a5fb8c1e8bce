package environment

import (
	"regexp"
	"strconv"
	"strings"

	"github.com/Masterminds/semver/v3"
)

// version is one of our table's.
type version struct {
	text string
	n    []uint64 // its numbers: 1.24.4 is {1, 24, 4}
}

var (
	leading  = regexp.MustCompile(`^v?(\d{1,9}(?:\.\d{1,9}){0,5})`)
	lineText = regexp.MustCompile(`^v?(\d{1,9}(?:\.\d{1,9}){0,3})(?:\.[xX*]){0,2}$`)
	fullText = regexp.MustCompile(`^v?\d+\.\d+[0-9A-Za-z.+_-]*$`)
)

func numbers(text string) []uint64 {
	m := leading.FindStringSubmatch(text)
	if m == nil {
		return nil
	}
	var n []uint64
	for _, part := range strings.Split(m[1], ".") {
		i, _ := strconv.ParseUint(part, 10, 64) // at most nine digits
		n = append(n, i)
	}
	return n
}

// number is the i-th number of a version, 0 where it has fewer.
func (v version) number(i int) uint64 {
	if i < len(v.n) {
		return v.n[i]
	}
	return 0
}

func (v version) major() uint64 { return v.number(0) }

func (v version) semver() *semver.Version {
	return semver.New(v.number(0), v.number(1), v.number(2), "", "")
}

// table are our versions of a tool, newest first. It is nil where we don't have the tool.
func (d *detector) table(tool string) []version {
	var all []version
	for _, text := range d.versions(tool) {
		if n := numbers(text); n != nil {
			all = append(all, version{text, n})
		}
	}
	return all
}

// lineFits reads a pin: 24.4.1 is one version, 24, v24 and 3.12 are all of a line. It is nil where the text is neither.
func lineFits(text string) fits {
	text = strings.TrimSpace(text)
	if len(text) > maxText {
		return nil
	}
	if m := lineText.FindStringSubmatch(text); m != nil {
		want := numbers(m[1])
		return func(v version) bool {
			for i, n := range want {
				if v.number(i) != n {
					return false
				}
			}
			return true
		}
	}
	if fullText.MatchString(text) { // such as 1.25.0-rc.1: no other version is the same
		return func(v version) bool { return v.text == strings.TrimPrefix(text, "v") }
	}
	return nil
}

// atLeast is a minimum of plain numbers, such as 1.24.4.
func atLeast(text string) fits {
	want := numbers(text)
	if want == nil {
		return nil
	}
	return func(v version) bool {
		for i, n := range want {
			if v.number(i) != n {
				return v.number(i) > n
			}
		}
		return true
	}
}

// even are Node's majors that become LTS.
func even(v version) bool { return v.major()%2 == 0 }
