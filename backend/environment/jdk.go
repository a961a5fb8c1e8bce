package environment

import (
	"regexp"
	"strings"
)

var (
	javaNumber  = regexp.MustCompile(`(?:^|-)(\d{1,4}(?:\.\d{1,4}){0,3})`)
	javaOfGraal = regexp.MustCompile(`\+java(\d{1,2})`)
	javaTarget  = regexp.MustCompile(`^(?:1[._])?(\d{1,2})(?:\.0)?$`)
)

// javaMajor is 8 of 1.8.0 too.
func javaMajor(v version) uint64 {
	if v.major() == 1 {
		return v.number(1)
	}
	return v.major()
}

// longTerm are Java's LTS versions: 8, 11, and from 17 on every fourth.
func longTerm(v version) bool {
	m := javaMajor(v)
	return m == 8 || m == 11 || m >= 17 && (m-17)%4 == 0
}

// javaPin takes a version as vendors write it: 17, 17.0.9-tem, temurin-21.0.2+13. Updates of one Java differ in fixes
// alone, so where we don't have that one, the newest of its line is meant.
func (d *detector) javaPin(a at, text string, r rank) {
	p := d.pin(a, "java", text, r)
	number := ""
	if m := javaOfGraal.FindStringSubmatch(text); m != nil {
		number = m[1]
	} else if m := javaNumber.FindStringSubmatch(text); m != nil {
		number = m[1]
	}
	want := numbers(number)
	if want == nil {
		p.fits = nil
		return
	}
	exact := lineFits(number)
	major := javaMajor(version{n: want})
	p.fits = func(v version) bool { return javaMajor(v) == major }
	p.prefer = exact
}

// javaLevel takes what the compiler is to produce, such as 17 or 1.8: any newer Java does. Java 12 and 20 dropped 6 and
// 7.
func (d *detector) javaLevel(a at, text string) {
	n := d.minimum(a, "java", text, nil)
	n.prefer = longTerm
	m := javaTarget.FindStringSubmatch(strings.TrimSpace(text))
	if m == nil {
		return
	}
	least := numbers(m[1])[0]
	n.fits = func(v version) bool {
		have := javaMajor(v)
		return have >= least && (least >= 7 || have < 12) && (least != 7 || have < 20)
	}
}

// anyJava asks for the newest LTS.
func (d *detector) anyJava(f file) {
	if !d.asked("java", f.dir) {
		d.any(at{f, 0}, "java").prefer = longTerm
	}
}

func readJavaVersion(d *detector, f file) {
	d.firstLine(f, func(a at, text string) { d.javaPin(a, text, rankFile) })
}

// readSdkman takes java, maven and gradle of SDKMAN's file.
func readSdkman(d *detector, f file) {
	lines(d.tree.text(f.path), "#", func(n int, line string) {
		name, value, _ := strings.Cut(line, "=")
		name, value = strings.TrimSpace(name), strings.TrimSpace(value)
		switch {
		case value == "":
		case name == "java":
			d.javaPin(at{f, n}, value, rankSecond)
		case name == "maven" || name == "gradle":
			d.pin(at{f, n}, name, value, rankSecond)
		}
	})
}
