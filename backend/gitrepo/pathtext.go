package gitrepo

import (
	"encoding/hex"
	"fmt"
	"strings"
	"unicode/utf8"
)

// Paths in git are bytes, and on most disks any bytes; JSON and a window hold text. So a path that is not UTF-8 is
// shown with "�" and two hex digits for each byte that is not part of a character: "caf�e9". The bytes of a "�" in a
// name are written so too. No two paths have the same text, and rawPath turns the text back into the path.

const noChar = string(utf8.RuneError)

// validPath makes text of a path. Almost every path is its own text.
func validPath(p string) string {
	if utf8.ValidString(p) && !strings.Contains(p, noChar) {
		return p
	}
	var b strings.Builder
	for len(p) > 0 {
		r, n := utf8.DecodeRuneInString(p)
		if r == utf8.RuneError {
			for i := range n {
				fmt.Fprintf(&b, "%s%02x", noChar, p[i])
			}
		} else {
			b.WriteString(p[:n])
		}
		p = p[n:]
	}
	return b.String()
}

// rawPath returns the path whose text validPath made.
func rawPath(text string) string {
	first, rest, found := strings.Cut(text, noChar)
	for found {
		b, err := hex.DecodeString(rest[:min(2, len(rest))])
		if err != nil || len(b) != 1 {
			return text // no text of validPath
		}
		var next string
		next, rest, found = strings.Cut(rest[2:], noChar)
		first += string(b) + next
	}
	return first
}
