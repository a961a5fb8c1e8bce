// Package missing recognises in the output of programs that a command or a newer version of one is not in the sandbox.
// It reads text alone, and finds names of commands; what provides them is for others to say.
package missing

import (
	"regexp"
	"slices"
	"strings"
	"unicode"

	"background-agents/sandbox/wire"
)

// Bounds of what is looked at and what is found.
const (
	maxOutput = 64 << 10 // bytes at the end of an output
	maxLine   = 1 << 10  // bytes; a longer line says something else
	maxFound  = 16       // of one output
)

// Run is a command that has ended. Interpreter names the program that a script's first line asks for, "" where that
// cannot be read; it may be nil.
type Run struct {
	Command     string
	Output      string
	Interpreter func(script string) string
}

var commandName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._+-]{0,63}$`)

// IsCommand reports whether a name is one that a command can have.
func IsCommand(name string) bool { return commandName.MatchString(name) }

// Find returns what a command's output says is missing, each name and version once, in the order of the output.
func Find(r Run) []wire.Missing {
	var found []wire.Missing
	lines := tail(r.Output)
	for i, line := range lines {
		for _, p := range patterns {
			m, ok := p.find(r, lines, i)
			if !ok {
				continue
			}
			m.Evidence = clean(line, wire.MaxEvidence)
			same := func(o wire.Missing) bool { return o.Command == m.Command && o.Version == m.Version }
			if IsCommand(m.Command) && !slices.ContainsFunc(found, same) {
				found = append(found, m)
			}
			break
		}
		if len(found) == maxFound {
			break
		}
	}
	return found
}

// tail returns the last lines of an output, whole ones, without colours and other controls of a terminal.
func tail(output string) []string {
	cut := len(output) > maxOutput
	if cut {
		output = output[len(output)-maxOutput:]
	}
	lines := strings.Split(colour.ReplaceAllString(output, ""), "\n")
	if cut {
		lines = lines[1:]
	}
	for i, line := range lines {
		if len(line) > maxLine {
			line = ""
		}
		lines[i] = strings.TrimRight(line, " \t\r")
	}
	return lines
}

var colour = regexp.MustCompile("\x1b\\[[0-9;]*[A-Za-z]")

// clean returns the printable text of a line in at most n bytes.
func clean(line string, n int) string {
	line = strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return -1
	}, strings.ToValidUTF8(strings.TrimSpace(line), ""))
	if len(line) > n {
		line = strings.ToValidUTF8(line[:n], "")
	}
	return line
}
