// Command summary reads `go test -json` and prints one line a package, what failing tests said, and at the end
// "go: N passed, N failed". It fails where a test or a build did.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"strings"
)

type event struct {
	Action, Package, Test, Output, ImportPath string
	Elapsed                                   float64
}

type tally struct{ passed, failed, skipped int }

func main() {
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
			said[key] = append(said[key], e.Output)
		case "build-output":
			fmt.Print(e.Output)
		case "pass", "fail", "skip":
			if e.Test != "" {
				count(p, e.Action)
				if e.Action != "pass" {
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
		fmt.Printf("%d were skipped\n", all.skipped)
	}
	fmt.Printf("go: %d passed, %d failed\n", all.passed, all.failed)
	if all.failed > 0 || lines.Err() != nil {
		os.Exit(1)
	}
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

// packageEnds prints a package's line. It returns 1 where the package failed and no test of it did: it did not build, or
// it panicked.
func packageEnds(e event, p *tally, said []string) int {
	if e.Action == "fail" && p.failed == 0 {
		fmt.Printf("FAIL %s\n%s", e.Package, strings.Join(said, ""))
		return 1
	}
	if n := p.passed + p.failed + p.skipped; n > 0 {
		fmt.Printf("%-4s %s: %d tests in %.1f s\n", e.Action, e.Package, n, e.Elapsed)
	}
	return 0
}
