package session

import (
	"fmt"
	"strings"
)

// Bounds of a paste.
const (
	maxPaste      = 1 << 20 // bytes
	maxPasteLines = 20_000
)

// assignment is one NAME=value of a .env text.
type assignment struct {
	line  int
	name  string
	value string
}

// Skipped is a line of a .env text that became no secret. Name is empty where what stood there is no name: it may be a part
// of a value.
type Skipped struct {
	Line   int    `json:"line"` // from 1
	Name   string `json:"name"`
	Reason string `json:"reason"` // a sentence
}

// parseDotenv reads a .env text as the common readers of it do: NAME=value, with `export` before it or not; # begins a
// comment at the start of a line, and after a blank outside quotes; 'single' and `back` quotes hold what is in them, "double"
// quotes know \n, \r, \t, \" and \\; quoted values may span lines. $NAME stays as it is. It says of all that it passes over why.
func parseDotenv(text string) (found []assignment, skipped []Skipped) {
	text = strings.TrimPrefix(text, "\uFEFF")
	lines := strings.Split(strings.ReplaceAll(text, "\r\n", "\n"), "\n")
	for i := 0; i < len(lines); i++ {
		line := strings.TrimSpace(lines[i])
		if line == "" || line[0] == '#' {
			continue
		}
		at := i + 1
		skip := func(name, reason string) { skipped = append(skipped, Skipped{at, name, reason}) }
		if i >= maxPasteLines {
			skip("", "The text has more than 20,000 lines.")
			break
		}
		if rest, ok := strings.CutPrefix(line, "export"); ok && strings.TrimLeft(rest, " \t") != rest {
			line = strings.TrimLeft(rest, " \t")
		}
		name, value, ok := strings.Cut(line, "=")
		name, value = strings.TrimSpace(name), strings.TrimSpace(value)
		if !ok {
			skip("", "The line has no = in it.")
			continue
		}
		if !secretName.MatchString(name) || len(name) > MaxSecretName {
			skip("", "What stands before = is not a name.")
			continue
		}
		if value != "" && strings.ContainsRune("'\"`", rune(value[0])) {
			quoted, used, why := unquote(value, lines[i+1:])
			i += used
			if why != "" {
				skip(name, why)
				continue
			}
			value = quoted
		} else {
			value = uncommented(value)
		}
		if value == "" {
			skip(name, "It has no value.")
			continue
		}
		found = append(found, assignment{at, name, value})
	}
	return onlyLast(found, skipped)
}

// unquote returns what a quoted value holds and how many of the lines after its own it takes, or why it cannot be read. A quote
// without an end takes all that follows: that is more likely a part of the value than the next one.
func unquote(value string, more []string) (text string, used int, why string) {
	quote, line := value[0], value[1:]
	var body strings.Builder
	for {
		if end := closing(line, quote); end >= 0 {
			if rest := strings.TrimSpace(line[end+1:]); rest != "" && rest[0] != '#' {
				return "", used, "There is text after the closing quote."
			}
			body.WriteString(line[:end])
			if quote == '"' {
				return escapes.Replace(body.String()), used, ""
			}
			return body.String(), used, ""
		}
		if used >= len(more) {
			return "", used, "The quote is not closed, so nothing after it was read."
		}
		body.WriteString(line + "\n")
		if body.Len() > 2*MaxSecretValue {
			return "", len(more), "The quote is not closed within 128 KB, so nothing after it was read."
		}
		line = more[used]
		used++
	}
}

var escapes = strings.NewReplacer(`\n`, "\n", `\r`, "\r", `\t`, "\t", `\"`, `"`, `\\`, `\`)

// closing returns where the quote ends, -1 where it does not.
func closing(body string, quote byte) int {
	for i := 0; i < len(body); i++ {
		switch {
		case body[i] == '\\' && quote == '"':
			i++
		case body[i] == quote:
			return i
		}
	}
	return -1
}

// uncommented cuts off a comment, which begins with # after a blank.
func uncommented(value string) string {
	if strings.HasPrefix(value, "#") {
		return ""
	}
	for i := 1; i < len(value); i++ {
		if value[i] == '#' && (value[i-1] == ' ' || value[i-1] == '\t') {
			return strings.TrimSpace(value[:i])
		}
	}
	return value
}

// onlyLast keeps of a name that is set several times the last.
func onlyLast(found []assignment, skipped []Skipped) ([]assignment, []Skipped) {
	last := map[string]int{}
	for _, a := range found {
		last[a.name] = a.line
	}
	kept := found[:0]
	for _, a := range found {
		if last[a.name] == a.line {
			kept = append(kept, a)
		} else {
			skipped = append(skipped, Skipped{a.line, a.name, fmt.Sprintf("It is set again in line %d.", last[a.name])})
		}
	}
	return kept, skipped
}
