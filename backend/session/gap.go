package session

import "strings"

// Bounds of gaps: in a form there are no more than tools make. grep(1) ends a color and begins the next with two codes
// each, between any two bytes.
const (
	maxColor      = 20 // bytes of a color code
	colorsOfByte  = 4
	maxColorGaps  = 1000
	minWrapped    = 16 // bytes of a form from which on it may be broken into lines
	narrowestLine = 16
)

// gaps says which gaps a form may have.
type gaps struct {
	lines  int // line ends: what base64(1), xxd(1) and fold(1) put into long words
	colors int // color codes
}

// gapsOf returns those of a form: only what is one word in the alphabets of encodings and tokens is broken into lines.
func gapsOf(text string) gaps {
	g := gaps{colors: min(colorsOfByte*len(text), maxColorGaps)}
	if len(text) < minWrapped {
		return g
	}
	for i := range len(text) {
		if c := text[i]; !isTokenByte(c) && c != '+' && c != '/' && c != '=' && c != '-' {
			return g
		}
	}
	g.lines = len(text)/narrowestLine + 2
	return g
}

func isTokenByte(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '_'
}

// seconds returns the bytes that may follow on the first of a form.
func (f *form) seconds() []byte {
	seconds := []byte{f.text[1], escape}
	if f.gaps.lines > 0 {
		seconds = append(seconds, '\n', '\r')
	}
	return seconds
}

// progress is how far a text follows a form.
type progress struct {
	text  int // bytes of the text up to the last that belongs to the form
	form  int // bytes of the form
	whole bool
	open  bool // the text ended before the form did
	gaps  []Gap
}

// follow compares a text with a form from the beginning of both.
func (f *form) follow(s string) (p progress) {
	lines, colors := f.gaps.lines, f.gaps.colors
	for i := 0; i < len(s); {
		switch {
		case s[i] == f.text[p.form]:
			i++
			p.form++
			p.text = i
			if p.form == len(f.text) {
				p.whole = true
				return p
			}
			continue
		case p.form == 0:
			return p
		}
		n, partial := gap(s[i:], &lines, &colors)
		if partial {
			break
		}
		if n == 0 {
			return p
		}
		i += n
	}
	p.open = true
	return p
}

// gapsIn returns the gaps of a text that follows the form to its own end.
func (f *form) gapsIn(s string) (found []Gap) {
	lines, colors := f.gaps.lines, f.gaps.colors
	at := 0
	for i := 0; i < len(s); {
		if at < len(f.text) && s[i] == f.text[at] {
			i++
			at++
			continue
		}
		n, partial := gap(s[i:], &lines, &colors)
		if partial || n == 0 {
			n = len(s) - i
		}
		found = append(found, Gap{at, s[i : i+n]})
		i += n
	}
	return found
}

// withGaps is the reverse.
func withGaps(text string, all []Gap) string {
	var b strings.Builder
	from := 0
	for _, g := range all {
		at := max(from, min(g.At, len(text)))
		b.WriteString(text[from:at])
		b.WriteString(g.Text)
		from = at
	}
	return b.String() + text[from:]
}

// gap returns the length of the gap that a text begins with, 0 where it begins with none; partial says that the text is
// too short to say. It counts down what is left of each kind.
func gap(s string, lines, colors *int) (n int, partial bool) {
	switch {
	case s[0] == '\n' && *lines > 0:
		*lines--
		return 1, false
	case s[0] == '\r' && *lines > 0:
		if len(s) == 1 {
			return 0, true
		}
		if s[1] == '\n' {
			*lines--
			return 2, false
		}
	case s[0] == escape && *colors > 0:
		n, partial = colorCode(s)
		if n > 0 {
			*colors--
		}
		return n, partial
	}
	return 0, false
}

const escape = 0x1b

// colorCode returns the length of the control sequence that a text begins with: ESC [ digits m, or K.
func colorCode(s string) (n int, partial bool) {
	for i := 1; i < len(s) && i < maxColor; i++ {
		switch c := s[i]; {
		case i == 1 && c == '[', i > 1 && (c >= '0' && c <= '9' || c == ';'):
		case i > 1 && (c == 'm' || c == 'K'):
			return i + 1, false
		default:
			return 0, false
		}
	}
	return 0, len(s) < maxColor
}
