package environment

import (
	"strings"
	"testing"

	"background-agents/sandbox/supervisor/missing"
)

// TestOutputsLeadToTheRightTool follows what programs print through the sandbox's patterns to our table.
func TestOutputsLeadToTheRightTool(t *testing.T) {
	all := (&Environments{}).Remedies()
	for output, want := range map[string]string{
		"bash: line 1: go: command not found":                                                      "go",
		"sh: 1: cargo: not found":                                                                  "rust",
		"./test.sh: 17: redis-cli: not found":                                                      "redis-tools",
		"make: gcc: No such file or directory\nmake: *** [Makefile:3: all] Error 127":              "gcc",
		"/usr/bin/env: ‘ruby’: No such file or directory":                                          "ruby",
		"Error: spawn mvn ENOENT":                                                                  "maven",
		`cgo: C compiler "gcc" not found: exec: "gcc": executable file not found in $PATH`:         "gcc",
		"  No CMAKE_CXX_COMPILER could be found.":                                                  "gcc",
		"configure: error: no acceptable C compiler found in $PATH":                                "gcc",
		"error: command 'x86_64-linux-gnu-gcc' failed: No such file or directory":                  "gcc",
		"error: linker `cc` not found":                                                             "gcc",
		"gyp ERR! stack Error: not found: make":                                                    "gcc",
		"ERROR: JAVA_HOME is not set and no 'java' command could be found in your PATH.":           "java",
		"/usr/bin/python3: No module named pip":                                                    "python",
		"/usr/bin/python3: No module named pytest":                                                 "*install",
		"sh: 1: tsc: not found":                                                                    "*install",
		"bash: line 1: vitest: command not found":                                                  "*install",
		"bash: line 1: javac: command not found":                                                   "java",
		"bash: line 1: bundle: command not found":                                                  "ruby",
		"bash: line 1: composer: command not found":                                                "composer",
		"bash: line 1: dotnet: command not found":                                                  "dotnet",
		"go: go.mod requires go >= 1.26.4 (running go 1.25.4; GOTOOLCHAIN=local)":                  "go",
		"rustc 1.63.0 is not supported by the following package:\n  x@1.0.0 requires rustc 1.74":   "rust",
		"bash: line 1: sudo: command not found":                                                    "*root",
		"E: Unable to acquire the dpkg frontend lock (/var/lib/dpkg/lock-frontend), are you root?": "*root",
		"bash: line 1: docker: command not found":                                                  "*docker",
		"bash: line 1: my-own-script: command not found":                                           "",
		"go: no such tool \"x\"":                                                                   "",
		"bash: ./gradlew: No such file or directory":                                               "",
	} {
		var parts []string
		for _, m := range missing.Find(missing.Run{Output: output}) {
			if r, known := all[m.Command]; known {
				parts = append(parts, r.Part())
			}
		}
		if got := strings.Join(parts, ", "); got != want {
			t.Errorf("%q leads to %q, want %q", output, got, want)
		}
	}
}
