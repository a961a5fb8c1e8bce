package session

import (
	"encoding/json"
	"regexp"
	"strings"
)

// maxJSONLines bounds the lines that are tried for one JSON value without quotes.
const maxJSONLines = 500

// The lines that begin and end a key or certificate: of PEM, OpenSSH and PGP, of SSH2 and of PuTTY.
var (
	keyMark  = regexp.MustCompile(`-----BEGIN [A-Z0-9 ]+-----|---- BEGIN [A-Z0-9 ]+ ----|PuTTY-User-Key-File-\d`)
	keyBegin = regexp.MustCompile(`^(` + keyMark.String() + `)`)
	keyEnd   = regexp.MustCompile(`(-----END [A-Z0-9 ]+-----|---- END [A-Z0-9 ]+ ----|^Private-(MAC|Hash): *[0-9a-fA-F]+)$`)
)

// beginsKey reports whether a key begins in a line, and does not end there.
func beginsKey(line string) bool {
	return keyMark.MatchString(line) && !strings.Contains(line, "-----END ") && !strings.Contains(line, "---- END ")
}

// key returns the whole of a key that was pasted without quotes and begins with first, with those that follow it directly,
// such as the rest of a chain of certificates; or why it cannot be used.
func (r *dotenvReader) key(first string) (key, why string) {
	if !beginsKey(first) {
		return uncommented(first), "" // all of it is on this line, with \n in place of line ends
	}
	lines := []string{first}
	size := len(first)
	for open := true; ; r.at++ {
		line := ""
		if r.at < len(r.lines) {
			line = strings.TrimSpace(r.lines[r.at])
		}
		begins := beginsKey(line)
		switch {
		case !open && !(begins && keyBegin.MatchString(line)):
			return strings.Join(lines, "\n"), ""
		case open && (begins || r.at >= len(r.lines)):
			return "", noEnd
		case size > 2*MaxSecretValue:
			r.at = len(r.lines)
			return "", noEnd
		}
		lines = append(lines, line)
		size += len(line) + 1
		open = !keyEnd.MatchString(line)
	}
}

// strayKey passes over a key that belongs to no name.
func (r *dotenvReader) strayKey(number int) {
	r.skip(number, "", stray)
	_, _ = r.key("-----BEGIN -----")
}

// commentedKey passes over the lines of a key whose first line alone is a comment.
func (r *dotenvReader) commentedKey(line string) {
	if !beginsKey(line) || r.at >= len(r.lines) || strings.HasPrefix(strings.TrimSpace(r.lines[r.at]), "#") {
		return
	}
	if looksEncoded(strings.TrimSpace(r.lines[r.at])) || strings.Contains(r.lines[r.at], ": ") {
		r.strayKey(r.at)
	}
}

// json completes a value that begins a JSON text with the lines that follow, where they end it.
func (r *dotenvReader) json(value *string) bool {
	if *value == "" || (*value)[0] != '{' && (*value)[0] != '[' || json.Valid([]byte(*value)) {
		return false
	}
	text := *value
	for i := r.at; i < len(r.lines) && i < r.at+maxJSONLines && len(text) <= MaxSecretValue; i++ {
		line := strings.TrimSpace(r.lines[i])
		text += "\n" + line
		if strings.HasSuffix(line, "}") || strings.HasSuffix(line, "]") {
			if json.Valid([]byte(text)) {
				*value, r.at = text, i+1
				return true
			}
		}
	}
	return false
}

// encodedLine is a line of base64 as tools break it.
var encodedLine = regexp.MustCompile(`^[A-Za-z0-9+/_-]+={0,2}$`)

// minEncoded is the length from which on a line of base64 is taken for one: tools break it at 60 characters and more.
const minEncoded = 40

// looksEncoded reports whether a text looks like base64 and not like the name of a variable.
func looksEncoded(text string) bool {
	if !encodedLine.MatchString(text) || len(text) < 16 {
		return false
	}
	return strings.ToUpper(text) != text && strings.ToLower(text) != text
}

// continued passes over the lines on which a value of base64 without quotes goes on, and reports whether there are any.
func (r *dotenvReader) continued(value string) bool {
	if len(value) < minEncoded || !encodedLine.MatchString(value) || strings.HasSuffix(value, "=") {
		return false
	}
	from := r.at
	for r.at < len(r.lines) {
		line := strings.TrimSpace(r.lines[r.at])
		if !encodedLine.MatchString(line) || strings.HasSuffix(line, "=") && !padded(line) {
			break
		}
		r.at++
	}
	return r.at > from
}

// padded reports whether a line that ends with = is the end of base64, and not a name without a value.
func padded(line string) bool {
	return strings.HasSuffix(line, "==") || looksEncoded(line) || len(line)%4 == 0 && strings.ToUpper(line) != line
}
