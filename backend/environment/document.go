package environment

import (
	"bytes"
	"encoding/json"
	"regexp"
	"strings"

	"github.com/BurntSushi/toml"
)

// maxNesting bounds tables in tables: parsers call themselves for each.
const maxNesting = 100

// document is a JSON or TOML file with the lines of its keys. A file that can't be parsed is an empty document.
type document struct {
	root  map[string]any
	lines map[string]int // by the keys down to it, joined by zero bytes
}

func joined(keys []string) string { return strings.Join(keys, "\x00") }

// value is what the keys lead to, or nil.
func (d document) value(keys ...string) any {
	var v any = d.root
	for _, key := range keys {
		table, ok := v.(map[string]any)
		if !ok {
			return nil
		}
		v = table[key]
	}
	return v
}

func (d document) text(keys ...string) string {
	text, _ := d.value(keys...).(string)
	return text
}

func (d document) table(keys ...string) map[string]any {
	table, _ := d.value(keys...).(map[string]any)
	return table
}

func (d document) has(keys ...string) bool { return d.value(keys...) != nil }

// line is the line of a key, or of the nearest key above it that has one.
func (d document) line(keys ...string) int {
	for n := len(keys); n > 0; n-- {
		if line, ok := d.lines[joined(keys[:n])]; ok {
			return line
		}
	}
	return 0
}

func (d document) mark(line int, keys []string) {
	if path := joined(keys); d.lines[path] == 0 {
		d.lines[path] = line
	}
}

func parseJSON(data []byte) document {
	d := document{root: map[string]any{}, lines: map[string]int{}}
	if tooDeep(data) || json.Unmarshal(data, &d.root) != nil || d.root == nil {
		return document{}
	}
	type level struct {
		object, value bool // value: the next token is the value of the last key
	}
	var levels []level
	var keys []string
	dec := json.NewDecoder(bytes.NewReader(data))
	for line, read := 1, 0; ; {
		token, err := dec.Token()
		if err != nil {
			return d
		}
		end := int(dec.InputOffset())
		line, read = line+bytes.Count(data[read:end], []byte("\n")), end
		top := len(levels) - 1
		if delim, ok := token.(json.Delim); ok && (delim == '}' || delim == ']') {
			if levels[top].object && len(keys) > 0 {
				keys = keys[:len(keys)-1]
			}
			levels = levels[:top]
			continue
		} else if ok {
			if top >= 0 {
				levels[top].value = false
			}
			levels = append(levels, level{object: delim == '{'})
			if delim == '{' {
				keys = append(keys, "")
			}
			continue
		}
		if top < 0 || !levels[top].object || levels[top].value {
			if top >= 0 {
				levels[top].value = false
			}
			continue
		}
		levels[top].value = true
		keys[len(keys)-1], _ = token.(string)
		if len(keys) <= 4 {
			d.mark(line, keys)
		}
	}
}

var (
	tomlHeader = regexp.MustCompile(`^\s*\[\[?\s*([^\]]+?)\s*\]`)
	tomlKey    = regexp.MustCompile(`^\s*((?:"[^"]*"|'[^']*'|[\w-]+)(?:\s*\.\s*(?:"[^"]*"|'[^']*'|[\w-]+))*)\s*=`)
	tomlName   = regexp.MustCompile(`"[^"]*"|'[^']*'|[\w-]+`)
	dottedKey  = regexp.MustCompile(`(?:[\w"'-]+\s*\.\s*){32}`)
)

// parseTOML finds the lines of keys by itself, since the library doesn't tell them. An inline table's keys have its
// line.
func parseTOML(data []byte) document {
	d := document{root: map[string]any{}, lines: map[string]int{}}
	if tooDeep(data) || dottedKey.Match(data) {
		return document{}
	}
	if _, err := toml.Decode(string(data), &d.root); err != nil {
		return document{}
	}
	var section []string
	for i, line := range strings.Split(string(data), "\n") {
		if m := tomlHeader.FindStringSubmatch(line); m != nil {
			section = tomlKeys(m[1])
			d.mark(i+1, section)
		} else if m := tomlKey.FindStringSubmatch(line); m != nil {
			keys := append(section[:len(section):len(section)], tomlKeys(m[1])...)
			d.mark(i+1, keys)
			d.mark(i+1, keys[:min(len(section)+1, len(keys))])
		}
	}
	return d
}

func tomlKeys(dotted string) []string {
	keys := tomlName.FindAllString(dotted, 32)
	for i := range keys {
		keys[i] = strings.Trim(keys[i], `"'`)
	}
	return keys
}

// tooDeep counts brackets, also those in strings: what is refused for them alone is no manifest that anybody writes.
func tooDeep(data []byte) bool {
	depth := 0
	for _, c := range data {
		switch c {
		case '[', '{':
			depth++
		case ']', '}':
			depth--
		}
		if depth > maxNesting {
			return true
		}
	}
	return false
}

// lines calls do for each line of a text, without comments that begin with one of the marks.
func lines(data []byte, comment string, do func(n int, line string)) {
	for i, line := range strings.Split(string(data), "\n") {
		line = strings.TrimSpace(line)
		if line != "" && (comment == "" || !strings.HasPrefix(line, comment)) {
			do(i+1, line)
		}
	}
}
