package agent

import "fmt"

// How much of a long string is kept, in bytes of its JSON form: this much at its beginning, and between one and two
// times keepTail at its end.
const (
	keepHead = 512 << 10
	keepTail = 256 << 10
)

// shrinker copies JSON and cuts the middle out of long strings, so that the result is JSON again. It holds at most
// maxLine bytes and one string's end.
type shrinker struct {
	out      []byte
	overflow bool // out is full; the rest was not kept

	inString bool
	escape   int    // bytes that still belong to an escape sequence; -1: its kind comes next
	length   int    // of the current string so far
	old, new []byte // the last bytes of a string past keepHead
	beyond   int    // how many came past keepHead
}

func (s *shrinker) write(p []byte) {
	for _, c := range p {
		if s.overflow {
			return
		}
		s.byte(c)
	}
}

func (s *shrinker) byte(c byte) {
	if !s.inString {
		s.put(c)
		if c == '"' {
			s.inString, s.length, s.beyond, s.escape = true, 0, 0, 0
			s.old, s.new = s.old[:0], s.new[:0]
		}
		return
	}
	whole := s.escape == 0 // c begins a character or an escape sequence
	switch {
	case s.escape > 0:
		s.escape--
	case s.escape < 0:
		if s.escape = 0; c == 'u' {
			s.escape = 4
		}
	case c == '\\':
		s.escape = -1
	case c == '"':
		s.end()
		return
	}
	s.length++
	if s.beyond == 0 && (s.length <= keepHead || !whole) {
		s.put(c)
		return
	}
	if whole && len(s.new) >= keepTail {
		s.old, s.new = s.new, s.old[:0]
	}
	s.beyond++
	s.new = append(s.new, c)
}

// end closes a string, with a note in place of what was cut.
func (s *shrinker) end() {
	s.inString = false
	if cut := s.beyond - len(s.old) - len(s.new); cut > 0 {
		s.put([]byte(fmt.Sprintf(`\n… %d bytes left out …\n`, cut))...)
	}
	s.put(s.old...)
	s.put(s.new...)
	s.put('"')
}

func (s *shrinker) put(b ...byte) {
	if s.overflow = s.overflow || len(s.out)+len(b) > maxLine; !s.overflow {
		s.out = append(s.out, b...)
	}
}
