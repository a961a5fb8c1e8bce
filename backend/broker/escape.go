package broker

import (
	"bytes"
	"strconv"
	"strings"
)

// maxEntity bounds an HTML entity: &#x0000073;
const maxEntity = 12

// named are the entities of characters that keys and base64 may have.
var named = map[string]byte{
	"amp": '&', "plus": '+', "sol": '/', "lowbar": '_', "hyphen": '-', "dash": '-', "minus": '-', "equals": '=', "period": '.',
	"colon": ':', "percnt": '%', "num": '#', "excl": '!', "dollar": '$', "ast": '*', "commat": '@', "tilde": '~',
	"lt": '<', "gt": '>', "quot": '"', "apos": '\'',
}

// character reads one character, which may be escaped as in a URL, in JSON or in HTML. width is 0 where the text begins with
// none that a key may have, open says that there is too little text to know.
func character(text []byte) (c byte, width int, open bool) {
	if len(text) == 0 {
		return 0, 0, true
	}
	switch text[0] {
	case '%':
		return digits(text, 1, 2)
	case '\\':
		switch {
		case len(text) == 1:
			return 0, 0, true
		case text[1] == 'u' || text[1] == 'U':
			return digits(text, 2, 4)
		case text[1] == 'x' || text[1] == 'X':
			return digits(text, 2, 2)
		case text[1] == '\\' && len(text) == 2:
			return 0, 0, true
		case text[1] == '\\' && (text[2] == 'u' || text[2] == 'x'): // JSON in a text of JSON
			c, width, open = character(text[1:])
			if width > 0 {
				width++
			}
			return c, width, open
		}
		return text[1], 2, false
	case '&':
		return entity(text)
	}
	return text[0], 1, false
}

// digits reads a character of n hexadecimal digits, which begin at from. Where they are none, the first byte stands for itself.
func digits(text []byte, from, n int) (c byte, width int, open bool) {
	end := min(len(text), from+n)
	value := 0
	for _, d := range text[from:end] {
		v := strings.IndexByte("0123456789abcdef", d|0x20)
		if d < '0' || v < 0 {
			return text[0], 1, false
		}
		value = value<<4 | v
	}
	switch {
	case end < from+n:
		return 0, 0, true
	case value > 255:
		return 0, 0, false
	}
	return byte(value), from + n, false
}

func entity(text []byte) (c byte, width int, open bool) {
	end := bytes.IndexByte(text[:min(len(text), maxEntity)], ';')
	if end < 0 {
		if len(text) < maxEntity && !bytes.ContainsAny(text[1:], " &<>\"\r\n") {
			return 0, 0, true
		}
		return '&', 1, false
	}
	name := string(text[1:end])
	if c, found := named[name]; found {
		return c, end + 1, false
	}
	number, base := strings.TrimPrefix(name, "#"), 10
	if number != "" && number[0]|0x20 == 'x' {
		number, base = number[1:], 16
	}
	v, err := strconv.ParseUint(number, base, 8)
	if err != nil || name[0] != '#' {
		return '&', 1, false
	}
	return byte(v), end + 1, false
}

// lineBreak returns the length of a line's end with which text begins, as it is or as JSON escapes it, with the next line's
// indentation; open says that more may follow.
func lineBreak(text []byte) (n int, open bool) {
	for n < min(len(text), maxIndent) {
		switch c := text[n]; {
		case c == '\r' || c == '\n' || n > 0 && (c == ' ' || c == '\t'):
			n++
		case c == '\\' && n+1 == len(text):
			return n, true
		case c == '\\' && (text[n+1] == 'n' || text[n+1] == 'r'):
			n += 2
		default:
			return n, false
		}
	}
	return n, n == len(text)
}

// maxIndent bounds a line's end with what indents the next.
const maxIndent = 64
