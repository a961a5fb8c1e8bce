package session

import (
	"strings"
	"unicode"
)

// Quoted returns text of others so that it stays within quotes and on its line.
func Quoted(text string) string {
	return strings.Join(strings.Fields(strings.Map(func(r rune) rune {
		switch {
		case r == '“' || r == '”' || r == '„' || r == '"':
			return '\''
		case unicode.IsSpace(r) || unicode.IsControl(r):
			return ' '
		case unicode.Is(unicode.Cf, r): // turns the direction of writing, or is not seen
			return -1
		}
		return r
	}, text)), " ")
}
