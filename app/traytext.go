package app

import (
	"fmt"
	"strings"
)

// line is a menu's line: a title and what it is about, in one line of at most 60 characters.
func line(title, about string) string {
	text := strings.Join(strings.Fields(title), " ")
	if about = strings.Join(strings.Fields(about), " "); about != "" {
		text += ": " + about
	}
	const most = 60
	if r := []rune(text); len(r) > most {
		text = string(r[:most-1]) + "…"
	}
	return text
}

func andMore(n int) string { return fmt.Sprintf("and %d more", n) }
