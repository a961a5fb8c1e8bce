package wire

import (
	"encoding/json"
	"errors"
)

// maxValues bounds the values in one JSON text, maxDepth how deep they lie in each other. Without them four megabytes
// of `{},{},…` become hundreds in memory.
const (
	maxValues = 1 << 17
	maxDepth  = 64
)

var errShape = errors.New("too many values or too deep")

// unmarshal decodes what a stranger wrote: it looks at the shape before it makes anything of it.
func unmarshal(b []byte, v any) error {
	if !shapely(b) {
		return errShape
	}
	return json.Unmarshal(b, v)
}

// shapely reports whether b, if it is JSON at all, keeps to maxValues and maxDepth.
func shapely(b []byte) bool {
	values, depth, inString := 1, 0, false
	for i := 0; i < len(b); i++ {
		c := b[i]
		if inString {
			switch c {
			case '\\':
				i++
			case '"':
				inString = false
			}
			continue
		}
		switch c {
		case '"':
			inString = true
		case ',':
			values++
		case '{', '[':
			values++
			if depth++; depth > maxDepth {
				return false
			}
		case '}', ']':
			depth--
		}
	}
	return values <= maxValues
}
