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

// Assignment is one NAME=value of a .env text. The value is not empty.
type Assignment struct {
	Line  int // from 1
	Name  string
	Value Secret
}

// Skipped is a line of a .env text that was not used. Name is empty if the text there is not a name: it may be a part of
// a value.
type Skipped struct {
	Line   int    `json:"line"` // from 1
	Name   string `json:"name"`
	Reason string `json:"reason"` // a sentence
}

const (
	notAName = "What stands before = is not a name."
	noValue  = "It has no value."
	goesOn   = "Its value seems to continue on the next line, so it was not used. Put quotes around the whole value."
	noEnd    = "The key has no END line, so it was not used. Put quotes around the whole key."
	stray    = "A key or certificate without NAME= before it."
	tooLong  = "The text has more than 20,000 lines."
)

// ParseDotenv reads a .env text as the common readers do: NAME=value, with or without `export`; # begins a comment at
// the start of a line, and after a space outside quotes; 'single' and `back` quotes hold their content as it is, "double"
// quotes know \n, \r, \t, \" and \\; quoted values may span lines. $NAME is not expanded. A key in PEM form, or JSON, that
// was pasted without quotes is one value. No part of a value is ever returned as a name. Lines end with LF, CRLF or CR;
// the text is UTF-8 or UTF-16, everything else is an error. Each line that is not used is returned with the reason.
func ParseDotenv(data []byte) ([]Assignment, []Skipped, error) {
	text, err := DotenvText(data)
	if err != nil {
		return nil, nil, err
	}
	r := dotenvReader{lines: strings.Split(newlines.Replace(text), "\n")}
	for r.at < len(r.lines) {
		if r.at >= maxPasteLines {
			r.skip(r.at+1, "", tooLong)
			break
		}
		r.next()
	}
	found, skipped := onlyLast(r.found, r.skipped)
	return found, skipped, nil
}

var newlines = strings.NewReplacer("\r\n", "\n", "\r", "\n")

// dotenvReader reads line by line. at is the next line.
type dotenvReader struct {
	lines   []string
	at      int
	found   []Assignment
	skipped []Skipped
}

func (r *dotenvReader) skip(line int, name, reason string) {
	r.skipped = append(r.skipped, Skipped{line, name, reason})
}

// next reads a line, and what belongs to it.
func (r *dotenvReader) next() {
	line := strings.TrimSpace(r.lines[r.at])
	r.at++
	number := r.at
	if line == "" {
		return
	}
	if line[0] == '#' {
		r.commentedKey(line)
		return
	}
	if rest, ok := strings.CutPrefix(line, "export"); ok && strings.TrimLeft(rest, " \t") != rest {
		line = strings.TrimLeft(rest, " \t")
	}
	name, value, ok := strings.Cut(line, "=")
	name, value = strings.TrimSpace(name), strings.TrimSpace(value)
	isName := ok && secretName.MatchString(name) && len(name) <= MaxSecretName
	if beginsKey(line) && !(isName && (keyBegin.MatchString(value) || isQuoted(value))) {
		r.strayKey(number)
		return
	}
	switch {
	case !ok:
		r.skip(number, "", "The line has no = in it.")
	case !isName || value == "=":
		r.skip(number, "", notAName)
	case isQuoted(value):
		text, used, why := unquote(value, r.lines[r.at:])
		r.at += used
		r.add(number, name, text, why)
	case keyBegin.MatchString(value):
		key, why := r.key(value)
		r.add(number, name, key, why)
	default:
		r.unquoted(number, name, value)
	}
}

func isQuoted(value string) bool { return value != "" && strings.ContainsRune("'\"`", rune(value[0])) }

// unquoted takes a value without quotes: the rest of the line, or all of a JSON text.
func (r *dotenvReader) unquoted(number int, name, value string) {
	value = uncommented(value)
	switch {
	case value == "" && looksEncoded(name):
		r.skip(number, "", noValue)
	case r.json(&value):
		r.add(number, name, value, "")
	case r.continued(value):
		r.skip(number, name, goesOn)
	default:
		r.add(number, name, value, "")
	}
}

// add takes a value, unless why says what is wrong with it.
func (r *dotenvReader) add(line int, name, value, why string) {
	if why == "" && value == "" {
		why = noValue
	}
	if why != "" {
		r.skip(line, name, why)
		return
	}
	r.found = append(r.found, Assignment{line, name, NewSecret(value)})
}

// unquote returns what a quoted value holds and how many of the lines after its own it uses, or why it cannot be read. A
// quote without an end uses all that follows: that is more likely a part of the value than the next one.
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

// onlyLast keeps the last of several assignments to a name.
func onlyLast(found []Assignment, skipped []Skipped) ([]Assignment, []Skipped) {
	last := map[string]int{}
	for _, a := range found {
		last[a.Name] = a.Line
	}
	kept := found[:0]
	for _, a := range found {
		if last[a.Name] == a.Line {
			kept = append(kept, a)
		} else {
			skipped = append(skipped, Skipped{a.Line, a.Name, fmt.Sprintf("It is set again in line %d.", last[a.Name])})
		}
	}
	return kept, skipped
}
