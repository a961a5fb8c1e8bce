package gitrepo

import (
	"strings"
	"unicode"
)

// isDotGit reports whether a name is .git on some file system: without regard to case, with what HFS+ ignores, and with
// what NTFS ignores at the end of a name or understands as a stream or a short name (git's own rules, path.c and utf8.c).
func isDotGit(name string) bool {
	// A backslash parts names on Windows.
	for part := range strings.SplitSeq(name, `\`) {
		if isDotName(part, "git") || ntfsTrimmed(part) == "git~1" {
			return true
		}
	}
	return false
}

// isDotName reports whether a name is "."+word on some file system.
func isDotName(name, word string) bool {
	folded := strings.ToLower(strings.Map(func(c rune) rune {
		if ignoredByHFS(c) {
			return -1
		}
		return c
	}, name))
	return folded == "."+word || ntfsTrimmed(name) == "."+word || ntfsTrimmed(folded) == "."+word
}

// ntfsTrimmed is the name without a stream, and without the spaces and dots at its end.
func ntfsTrimmed(name string) string {
	name, _, _ = strings.Cut(strings.ToLower(name), ":")
	return strings.TrimRight(name, " .")
}

func ignoredByHFS(c rune) bool {
	switch {
	case c >= 0x200c && c <= 0x200f, c >= 0x202a && c <= 0x202e, c >= 0x206a && c <= 0x206f, c == 0xfeff:
		return true
	}
	return unicode.Is(unicode.Cf, c)
}
