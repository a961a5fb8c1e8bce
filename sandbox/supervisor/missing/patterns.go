package missing

import (
	"regexp"
	"strconv"
	"strings"

	"background-agents/sandbox/wire"
)

// pattern recognises one sentence of one program. has is in each line that it may match, so that the expression is
// seldom tried. The groups c and v are command and version; command stands in where the sentence is always about one.
type pattern struct {
	has     string
	match   *regexp.Regexp
	command string
	more    func(m *wire.Missing, r Run, lines []string, at int) bool // completes or refuses what was matched
}

func (p pattern) find(r Run, lines []string, at int) (wire.Missing, bool) {
	if !strings.Contains(lines[at], p.has) {
		return wire.Missing{}, false
	}
	groups := p.match.FindStringSubmatch(lines[at])
	if groups == nil {
		return wire.Missing{}, false
	}
	m := wire.Missing{Command: p.command}
	for i, name := range p.match.SubexpNames() {
		switch name {
		case "c":
			m.Command = groups[i]
		case "v":
			m.Version = groups[i]
		}
	}
	if p.more != nil && !p.more(&m, r, lines, at) {
		return m, false
	}
	return m, true
}

// name is a command as it was called: without a folder, because a path that is not there is a missing file.
const name = `(?P<c>[\w.+-]+)`

// version is one that numbers can be read from.
const version = `v?(?P<v>\d+(?:\.\d+){0,2})`

// patterns are tried in this order on each line; the first that matches says what the line means.
var patterns = []pattern{
	// Shells: bash and zsh, then dash and BusyBox.
	{has: "command not found",
		match: re(`^(?:\S*sh: |\S+: line \d+: )*` + name + `: command not found$`), more: packages},
	{has: "command not found: ", match: re(`^\S*zsh:(?:\d+:)? command not found: ` + name + `$`), more: packages},
	{has: "not found", match: re(`^(?:\S+: \d+|\S*sh): ` + name + `: not found$`), more: packages},
	{has: "required file not found",
		match: re(`^(?:\S*sh: |\S+: )?(?:line \d+: )?(?P<c>\S+): cannot execute: required file not found$`),
		more:  interpreter},

	// Programs that start others: make, env, Node, Python, Go.
	{has: "No such file or directory", match: re(`^g?make(?:\[\d+\])?: ` + name + `: No such file or directory$`)},
	{has: "env: ", match: re(`^(?:\S*/)?env: \W{0,3}` + name + `(?: [^/]*)?\W{0,3}: No such file or directory$`)},
	{has: " ENOENT", match: re(`^\s*(?:Uncaught |\[)?(?:Error: )?spawn ` + name + ` ENOENT\]?$`)},
	{has: "FileNotFoundError",
		match: re(`FileNotFoundError: \[Errno 2\] No such file or directory: '` + name + `'$`), more: fromSubprocess},
	{has: "FileNotFoundError(2,",
		match: re(`FileNotFoundError\(2, ["']No such file or directory(?:["'], |: )'` + name + `'`)},
	{has: "executable file not found",
		match: re(`exec: "` + name + `": executable file not found in \$PATH$`), more: notSkipped},

	// Compilers.
	{has: "cgo: C compiler", match: re(`^(?:# \S+ )?cgo: C compiler "` + name + `" not found`), more: compiler},
	{has: "_COMPILER could be found", match: re(`No CMAKE_(?:C|CXX)_COMPILER could be found`), command: "gcc"},
	{has: "no acceptable C compiler", match: re(`error: no acceptable C compiler found in \$PATH`), command: "gcc"},
	{has: "failed: No such file",
		match: re(`^error: command '(?:\S*/)?` + name + `' failed: No such file or directory`), more: compiler},
	{has: "linker `", match: re("^error: linker `" + name + "` not found$"), more: compiler},
	// Where make failed, what it lacked stands above.
	{has: "gyp ERR! ", match: re(`gyp ERR! .*not found: ` + name + `$`)},
	{has: "JAVA_HOME is not set",
		match: re(`JAVA_HOME is not set and no 'java' command could be found`), command: "java"},

	// Python's modules that are programs.
	{has: "No module named ",
		match: re(`^(?:\S*python[\d.]*: |ModuleNotFoundError: )No module named '?(?P<c>pip|pytest|venv|ensurepip)'?$`)},

	// Versions.
	{has: " (running go ", match: re(`requires go >= ` + version + ` \(running go \d`), command: "go"},
	{has: "requires rustc ", match: re(`requires rustc ` + version), command: "rustc"},
	{has: "Your Ruby version is",
		match: re(`Your Ruby version is [\d.]+, but your Gemfile specified \D{0,4}` + version), command: "ruby"},
	{has: "class file version",
		match:   re(`\(class file version (?P<v>\d{2})\.\d+\), this version of the Java Runtime only`),
		command: "java", more: classFile},
	{has: "ERR_PNPM_UNSUPPORTED_ENGINE", match: re(`ERR_PNPM_UNSUPPORTED_ENGINE`), more: engine},

	// The system's packages, which only root installs.
	{has: "are you root?", match: re(`^E: .*, are you root\?$`), command: "apt-get", more: packages},
}

func re(s string) *regexp.Regexp { return regexp.MustCompile(s) }

// packages names those that the command was to install, where it is about them.
func packages(m *wire.Missing, r Run, _ []string, _ int) bool {
	m.Packages = Packages(m.Command, strings.Fields(r.Command))
	return true
}

// interpreter replaces a script by what its first line asks for.
func interpreter(m *wire.Missing, r Run, _ []string, _ int) bool {
	if r.Interpreter == nil {
		return false
	}
	m.Command = r.Interpreter(m.Command)
	return true
}

// fromSubprocess refuses files that were not to be run: the traceback tells.
func fromSubprocess(_ *wire.Missing, _ Run, lines []string, at int) bool {
	for i := at - 1; i >= 0 && i > at-12; i-- {
		if strings.Contains(lines[i], "in _execute_child") {
			return true
		}
	}
	return false
}

// compiler takes a compiler's short name: it may be x86_64-linux-gnu-gcc.
func compiler(m *wire.Missing, _ Run, _ []string, _ int) bool {
	if i := strings.LastIndex(m.Command, "-gnu-"); i >= 0 {
		m.Command = m.Command[i+len("-gnu-"):]
	}
	return true
}

// notSkipped refuses the reason for which a test of Go's was skipped.
func notSkipped(_ *wire.Missing, _ Run, lines []string, at int) bool {
	if !testLine.MatchString(lines[at]) {
		return true
	}
	for _, line := range lines[max(0, at-1):min(len(lines), at+3)] {
		if strings.Contains(line, "--- SKIP: ") {
			return false
		}
	}
	return true
}

var testLine = re(`^\s+\S+_test\.go:\d+: `)

// classFile makes a version of Java of one of class files: 65 is Java 21.
func classFile(m *wire.Missing, _ Run, _ []string, _ int) bool {
	n, err := strconv.Atoi(m.Version)
	m.Version = strconv.Itoa(n - 44)
	return err == nil && n >= 52
}

var (
	pnpmWho  = re(`^Your (Node|pnpm) version is incompatible with`)
	pnpmWant = re(`^Expected version: \D{0,3}` + version)
)

// engine reads the lines that follow pnpm's code.
func engine(m *wire.Missing, _ Run, lines []string, at int) bool {
	for _, line := range lines[at:min(len(lines), at+12)] {
		if who := pnpmWho.FindStringSubmatch(line); who != nil {
			m.Command = strings.ToLower(who[1])
		}
		if want := pnpmWant.FindStringSubmatch(line); want != nil {
			m.Version = want[1]
		}
	}
	return m.Command != "" && m.Version != ""
}
