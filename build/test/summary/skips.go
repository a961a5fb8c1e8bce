package main

import (
	"fmt"
	"path"
	"strings"
)

// allowed is one line of skips.txt.
type allowed struct{ pkg, test, reason string }

// leftOut is what a run leaves out on purpose: with -short, and without BGA_SLOW=1.
type leftOut struct{ short, slow bool }

// parseSkips reads the list. A line without a reason is an error.
func parseSkips(text string) ([]allowed, error) {
	var all []allowed
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		words := strings.Fields(line)
		if len(words) < 4 {
			return nil, fmt.Errorf("skips.txt: %q has no package, test and reason", line)
		}
		all = append(all, allowed{words[0], words[1], strings.Join(words[2:], " ")})
	}
	return all, nil
}

// mayBeSkipped reports whether the list has the test, or one that it is a part of. Lines that begin their reason with
// "short:" or "slow:" count only where the run leaves those out.
func mayBeSkipped(list []allowed, pkg, test string, out leftOut) bool {
	pkg = strings.TrimPrefix(pkg, "background-agents/")
	for _, a := range list {
		if a.pkg != pkg || strings.HasPrefix(a.reason, "short:") && !out.short || strings.HasPrefix(a.reason, "slow:") && !out.slow {
			continue
		}
		for name := test; name != "."; name = path.Dir(name) {
			if ok, err := path.Match(a.test, name); ok && err == nil {
				return true
			}
		}
	}
	return false
}
