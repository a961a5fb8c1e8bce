// Command summary reads `go test -json` and prints one line a package, what failing tests said, and at the end
// "go: N passed, N failed". It fails where a test or a build did, and with NO_SKIPS=1 where a test was skipped that the
// file named by its argument doesn't list. With -short it judges a run of `go test -short`.
package main

import (
	"bufio"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"regexp"
	"strings"
)

type event struct {
	Action, Package, Test, Output, ImportPath string
	Elapsed                                   float64
}

type tally struct {
	passed, failed, skipped int
	coverage                string // of the package's statements, "" when it isn't measured
}

var coverage = regexp.MustCompile(`^coverage: ([0-9.]+%)`)

func main() {
	short := flag.Bool("short", false, "the run is a short one")
	flag.Parse()
	list, err := skipList(flag.Arg(0))
	if err != nil {
		fmt.Println("error:", err)
		os.Exit(1)
	}
	out := leftOut{short: *short, slow: os.Getenv("BGA_SLOW") == ""}
	strict := os.Getenv("NO_SKIPS") != ""
	var unlisted []string
	var times []timed
	var all tally
	broken := 0
	packages := map[string]*tally{}
	said := map[string][]string{} // what a test or a package printed, until it is known whether it failed
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, 64<<20)
	for lines.Scan() {
		var e event
		if json.Unmarshal(lines.Bytes(), &e) != nil {
			fmt.Println(lines.Text())
			continue
		}
		p := packages[e.Package]
		if p == nil {
			p = &tally{}
			packages[e.Package] = p
		}
		key := e.Package + " " + e.Test
		switch e.Action {
		case "output":
			if m := coverage.FindStringSubmatch(e.Output); m != nil && e.Test == "" {
				p.coverage = m[1]
				continue
			}
			said[key] = append(said[key], e.Output)
		case "build-output":
			fmt.Print(e.Output)
		case "pass", "fail", "skip":
			if e.Test != "" {
				count(p, e.Action)
				if !strings.Contains(e.Test, "/") {
					times = append(times, timed{e.Package + " " + e.Test, e.Elapsed})
				}
				expected := e.Action == "skip" && mayBeSkipped(list, e.Package, e.Test, out)
				if e.Action == "skip" && !expected {
					unlisted = append(unlisted, e.Package+": "+e.Test)
				}
				if e.Action != "pass" && !expected {
					fmt.Printf("%s %s: %s\n%s", strings.ToUpper(e.Action), e.Package, e.Test, strings.Join(said[key], ""))
				}
			} else {
				broken += packageEnds(e, p, said[key])
				all.passed, all.failed, all.skipped = all.passed+p.passed, all.failed+p.failed, all.skipped+p.skipped
			}
			delete(said, key)
		}
	}
	if all.failed == 0 {
		all.failed = broken
	}
	if all.skipped > 0 {
		fmt.Printf("%d were skipped, %d of them unexpectedly\n", all.skipped, len(unlisted))
	}
	slowest(times, 30)
	if strict && len(unlisted) > 0 {
		fmt.Printf("FAIL these were skipped, and build/test/skips.txt doesn't list them:\n  %s\n", strings.Join(unlisted, "\n  "))
		all.failed += len(unlisted)
	}
	fmt.Printf("go: %d passed, %d failed\n", all.passed, all.failed)
	if all.failed > 0 || lines.Err() != nil {
		os.Exit(1)
	}
}

func skipList(path string) ([]allowed, error) {
	if path == "" {
		return nil, nil
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	return parseSkips(string(text))
}

func count(p *tally, action string) {
	switch action {
	case "pass":
		p.passed++
	case "fail":
		p.failed++
	case "skip":
		p.skipped++
	}
}

// packageEnds prints a package's line. It returns 1 where the package failed and no test of it did: it did not build,
// or it panicked.
func packageEnds(e event, p *tally, said []string) int {
	if e.Action == "fail" && p.failed == 0 {
		fmt.Printf("FAIL %s\n%s", e.Package, strings.Join(said, ""))
		return 1
	}
	if n := p.passed + p.failed + p.skipped; n > 0 {
		covered := ""
		if p.coverage != "" {
			covered = ", covers " + p.coverage
		}
		fmt.Printf("%-4s %s: %d tests in %.1f s%s\n", e.Action, e.Package, n, e.Elapsed, covered)
	}
	return 0
}
