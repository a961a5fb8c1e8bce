package environment

import (
	"fmt"
	"regexp"
	"strings"

	"background-agents/backend/session"
)

var (
	gradlePin   = regexp.MustCompile(`(?:JavaLanguageVersion\.of|jvmToolchain)\s*\(\s*["']?(\d{1,2})["']?\s*\)`)
	gradleLevel = regexp.MustCompile(`(?:(?:source|target)Compatibility|jvmTarget|options\.release)\s*(?:=|\.set\s*\(|\s)\s*` +
		`(?:JavaVersion\.VERSION_|JvmTarget\.JVM_)?["']?((?:1[._])?\d{1,2})\b`)
	gradleAndroid = regexp.MustCompile(`com\.android\.(?:application|library)`)
	gradleURL     = regexp.MustCompile(`^distributionUrl\s*=.*/gradle-(\d{1,2})\.(\d{1,3})(?:\.\d{1,3})?-`)
)

// gradleRuns is which Javas each Gradle runs on, from its compatibility matrix: the newest that this Gradle, and those
// after it, accept.
var gradleRuns = []struct{ major, minor, newest uint64 }{
	{5, 0, 11}, {6, 0, 13}, {7, 0, 16}, {7, 3, 17}, {7, 5, 18}, {7, 6, 19}, {8, 3, 20}, {8, 5, 21}, {8, 8, 22}, {8, 10, 23},
	{8, 14, 24}, {9, 1, 25},
}

func readGradle(d *detector, f file) {
	lines(d.tree.text(f.path), "//", func(n int, line string) {
		a := at{f, n}
		if m := gradlePin.FindStringSubmatch(line); m != nil {
			d.javaPin(a, m[1], rankSecond)
		} else if m := gradleLevel.FindStringSubmatch(line); m != nil {
			d.javaLevel(a, strings.ReplaceAll(m[1], "_", "."))
		}
		if gradleAndroid.MatchString(line) && !d.asksFor("android-sdk") {
			d.unknown(a, "android-sdk", "", session.DemandAny, "Environments don't have the Android SDK.")
		}
	})
}

func (d *detector) asksFor(tool string) bool {
	for _, n := range d.demands {
		if n.Tool == tool {
			return true
		}
	}
	return false
}

// readGradleWrapper takes which Java can run the project's Gradle, whatever Java its classes are for.
func readGradleWrapper(d *detector, f file) {
	f.dir = strings.TrimSuffix(strings.TrimSuffix(f.dir, "gradle/wrapper"), "/")
	lines(d.tree.text(f.path), "#", func(n int, line string) {
		m := gradleURL.FindStringSubmatch(line)
		if m == nil {
			return
		}
		have := numbers(m[1] + "." + m[2])
		least, most := uint64(8), uint64(0)
		if have[0] >= 9 {
			least = 17
		}
		for _, r := range gradleRuns {
			if have[0] > r.major || have[0] == r.major && have[1] >= r.minor {
				most = r.newest
			}
		}
		if last := gradleRuns[len(gradleRuns)-1]; have[0] > last.major || have[0] == last.major && have[1] > last.minor {
			most = 0 // newer than this table
		}
		j := d.minimum(at{f, n}, "java", fmt.Sprintf("Gradle %s.%s", m[1], m[2]), func(v version) bool {
			return javaMajor(v) >= least && (most == 0 || javaMajor(v) <= most)
		})
		j.prefer, j.strict = longTerm, true
	})
}

func (d *detector) gradleParts() {
	for _, f := range d.tree.named("settings.gradle", "settings.gradle.kts", "build.gradle", "build.gradle.kts") {
		if d.covered(f.dir, "gradle") {
			continue
		}
		d.anyJava(f)
		command := "./gradlew"
		if d.tree.has(f.dir, "gradlew") == "" { // the wrapper brings its own Gradle
			command = "gradle"
			d.ensure(f, "gradle")
		}
		// Gradle has no command that only downloads: compiling the tests downloads what they need.
		d.part(f.dir, "gradle", command+" testClasses", command+" test")
	}
}
