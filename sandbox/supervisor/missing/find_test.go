package missing

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"background-agents/sandbox/wire"
)

// said is what Find found, without evidence.
func said(found []wire.Missing) (all []string) {
	for _, m := range found {
		all = append(all, strings.Join(strings.Fields(m.Command+" "+m.Version+" "+strings.Join(m.Packages, " ")), " "))
	}
	return all
}

func TestOutputsNameWhatIsMissing(t *testing.T) {
	for _, c := range []struct{ output, want string }{
		{"bash: line 1: go: command not found", "go"},
		{"bash: go: command not found", "go"},
		{"go: command not found", "go"},
		{"./build.sh: line 12: cmake: command not found", "cmake"},
		{"zsh:1: command not found: cargo", "cargo"},
		{"sh: 1: go: not found", "go"},
		{"/bin/sh: 1: go: not found", "go"},
		{"./test.sh: 17: redis-server: not found", "redis-server"},
		{"make: gcc: No such file or directory\nmake: *** [Makefile:3: all] Error 127", "gcc"},
		{"make[2]: g++: No such file or directory", "g++"},
		{"/usr/bin/env: ‘ruby’: No such file or directory", "ruby"},
		{"/usr/bin/env: 'php': No such file or directory", "php"},
		{"env: ruby: No such file or directory", "ruby"},
		{"bash: line 1: ./s: cannot execute: required file not found", "ruby"},
		{"./s: cannot execute: required file not found", "ruby"},
		{"node:events:497\n      throw er;\n\nError: spawn go ENOENT\n    at ChildProcess._handle.onexit", "go"},
		{"  File \"/usr/lib/python3.11/subprocess.py\", line 1917, in _execute_child\n" +
			"    raise child_exception_type(errno_num, err_msg, err_filename)\n" +
			"FileNotFoundError: [Errno 2] No such file or directory: 'cargo'", "cargo"},
		{"FileNotFoundError(2, \"No such file or directory: 'cargo'\")", "cargo"},
		{`exec: "gcc": executable file not found in $PATH`, "gcc"},
		{`main.go:9: run: exec: "psql": executable file not found in $PATH`, "psql"},
		{"--- FAIL: TestRun (0.00s)\n    run_test.go:9: exec: \"psql\": executable file not found in $PATH", "psql"},
		{"# runtime/cgo\ncgo: C compiler \"gcc\" not found: exec: \"gcc\": executable file not found in $PATH", "gcc"},
		{"CMake Error at CMakeLists.txt:2 (project):\n  No CMAKE_C_COMPILER could be found.", "gcc"},
		{"configure: error: no acceptable C compiler found in $PATH", "gcc"},
		{"error: command 'x86_64-linux-gnu-gcc' failed: No such file or directory", "gcc"},
		{"error: command '/usr/bin/aarch64-linux-gnu-gcc' failed: No such file or directory", "gcc"},
		{"error: linker `cc` not found\n  |\n  = note: No such file or directory (os error 2)", "cc"},
		{"gyp ERR! build error \ngyp ERR! stack Error: not found: make", "make"},
		{"make: g++: No such file or directory\ngyp ERR! stack Error: `make` failed with exit code: 2", "g++"},
		{"\nERROR: JAVA_HOME is not set and no 'java' command could be found in your PATH.\n", "java"},
		{"/usr/bin/python3: No module named pip", "pip"},
		{"ModuleNotFoundError: No module named 'pytest'", "pytest"},
		{"go: go.mod requires go >= 1.26.4 (running go 1.25.4; GOTOOLCHAIN=local)", "go 1.26.4"},
		{" ERR_PNPM_UNSUPPORTED_ENGINE  Unsupported environment (bad pnpm and/or Node.js version)\n\n" +
			"Your Node version is incompatible with \"/workspace\".\n\nExpected version: >=24\nGot: v22.23.5", "node 24"},
		{" ERR_PNPM_UNSUPPORTED_ENGINE  Unsupported environment (bad pnpm and/or Node.js version)\n\n" +
			"Your pnpm version is incompatible with \"/workspace\".\n\nExpected version: ^10.2\nGot: 9.15.9", "pnpm 10.2"},
		{"error: package `clap v4.5.1` cannot be built because it requires rustc 1.74 or newer, " +
			"while the currently active rustc version is 1.63.0", "rustc 1.74"},
		{"Your Ruby version is 3.1.2, but your Gemfile specified ~> 3.3.0", "ruby 3.3.0"},
		{"Error: App has been compiled by a more recent version of the Java Runtime " +
			"(class file version 65.0), this version of the Java Runtime only recognizes " +
			"class file versions up to 61.0", "java 21"},
		{"\x1b[31mbash: line 1: go: command not found\x1b[0m\r", "go"},
		{"bash: line 1: tsc: command not found", "tsc"},
	} {
		scripts := func(path string) string { return map[string]string{"./s": "ruby"}[path] }
		got := Find(Run{Output: "ok\n" + c.output + "\nmore", Interpreter: scripts})
		if strings.Join(said(got), ", ") != c.want {
			t.Errorf("%q: found %q, want %q", c.output, said(got), c.want)
		}
	}
}

func TestRootsToolsNameThePackages(t *testing.T) {
	const lock = "E: Unable to acquire the dpkg frontend lock (/var/lib/dpkg/lock-frontend), are you root?"
	for _, c := range []struct{ command, output, want string }{
		{"sudo apt-get install -y libpq-dev postgresql-client", "bash: line 1: sudo: command not found",
			"sudo libpq-dev postgresql-client"},
		{"apt-get update && apt-get -y install --no-install-recommends cmake; make libfoo", lock, "apt-get cmake"},
		{"apt install 'Evil;Name' ../x", lock, "apt-get"},
		{"go install libpq-dev", "bash: go: command not found", "go"},
		{"apt install " + strings.Repeat("a", 200), "bash: sudo: command not found", "sudo"},
	} {
		if got := strings.Join(said(Find(Run{Command: c.command, Output: c.output})), ", "); got != c.want {
			t.Errorf("%q: found %q, want %q", c.command, got, c.want)
		}
	}
	many := strings.Fields("apt install a0 a1 a2 a3 a4 a5 a6 a7 a8 a9 b0 b1 b2 b3 b4 b5 b6 b7 b8 b9 c0 c1")
	if got := Packages("apt", many); len(got) != wire.MaxMissingPackages {
		t.Errorf("%d packages", len(got))
	}
}

func TestOtherFailuresNameNothing(t *testing.T) {
	for _, output := range []string{
		"go: no such tool \"x\"",
		"bash: line 1: ./gradlew: No such file or directory",
		"bash: ./gradlew: No such file or directory",
		"make: ./configure: No such file or directory",
		"make: *** No rule to make target 'go'.  Stop.",
		"which: no go in (/usr/bin:/bin)",
		"",
		"sh: 1: ./go: not found",
		"FileNotFoundError: [Errno 2] No such file or directory: 'make'",
		"Error: spawn /workspace/bin/go ENOENT",
		"--- SKIP: TestRuby (0.00s)\n    ruby_test.go:9: exec: \"ruby\": executable file not found in $PATH",
		"=== RUN   TestRuby\n" +
			"    ruby_test.go:9: exec: \"ruby\": executable file not found in $PATH\n--- SKIP: TestRuby (0.00s)",
		"gyp ERR! stack Error: `make` failed with exit code: 2",
		"ModuleNotFoundError: No module named 'requests'",
		"  ✓ says go: command not found",
		"    go: command not found",
		"say 'bash: line 1: go: command not found' to the user",
		"class file version 65.0",
		"x" + strings.Repeat(" ", 2000) + ": command not found",
		"bash: line 1: " + strings.Repeat("g", 80) + ": command not found",
		"bash: line 1: ../go: command not found",
		"E: Unable to locate package go",
	} {
		if got := Find(Run{Output: output}); got != nil {
			t.Errorf("%q: found %q", output, said(got))
		}
	}
}

func TestLogsOfSuitesThatPassNameNothing(t *testing.T) {
	logs, err := filepath.Glob("testdata/*.log")
	if err != nil || len(logs) < 8 {
		t.Fatalf("%d logs, %v", len(logs), err)
	}
	for _, path := range logs {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if got := Find(Run{Output: string(text), Interpreter: func(string) string { return "go" }}); got != nil {
			t.Errorf("%s: found %+v", path, got)
		}
	}
}

func TestOutputIsBounded(t *testing.T) {
	long := strings.Repeat("line\n", maxOutput/5)
	if got := Find(Run{Output: "bash: go: command not found\n" + long}); got != nil {
		t.Errorf("found before the bound: %+v", got)
	}
	if got := said(Find(Run{Output: long + "bash: go: command not found"})); !reflect.DeepEqual(got, []string{"go"}) {
		t.Errorf("found %q", got)
	}
	var forged strings.Builder
	for i := range 1000 {
		forged.WriteString("sh: 1: tool" + strings.Repeat("x", i%60) + ": not found\n")
	}
	if got := Find(Run{Output: forged.String()}); len(got) != maxFound {
		t.Errorf("%d found of 1000", len(got))
	}
	got := Find(Run{Output: "\x07/tmp/\u202e" + strings.Repeat("é", 400) + ": line 3: go: command not found"})
	if len(got) != 1 || len(got[0].Evidence) > wire.MaxEvidence || strings.ContainsAny(got[0].Evidence, "\x07\u202e") {
		t.Errorf("%+v", got)
	}
}
