package projectconfig

import (
	"bytes"
	"cmp"
	"errors"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"

	"background-agents/backend/session"
)

// Parse reads a configuration file. Its problems are sentences with lines, in order, at most MaxProblems.
func Parse(data []byte) File {
	p := &parser{}
	p.file.Lines = map[string]int{}
	p.document(data)
	if len(p.file.Problems) > 0 {
		slices.SortStableFunc(p.file.Problems, func(a, b session.ConfigProblem) int { return cmp.Compare(a.Line, b.Line) })
		return File{Lines: map[string]int{}, Problems: p.file.Problems}
	}
	return p.file
}

type parser struct{ file File }

func (p *parser) problem(line int, text string) {
	if len(p.file.Problems) < MaxProblems {
		p.file.Problems = append(p.file.Problems, session.ConfigProblem{Line: line, Text: text})
	}
}

// refuse adds a problem that the domain has with a value.
func (p *parser) refuse(n *yaml.Node, err error) bool {
	if err == nil {
		return false
	}
	e := session.AsError(err)
	p.problem(n.Line, e.Message+" "+e.Hint)
	return true
}

func (p *parser) document(data []byte) {
	switch {
	case len(data) > MaxFile:
		p.problem(0, "The file is larger than 64 KB.")
		return
	case !utf8.Valid(data):
		p.problem(0, "The file is not valid UTF-8.")
		return
	}
	dec := yaml.NewDecoder(bytes.NewReader(data))
	var doc, more yaml.Node
	if err := dec.Decode(&doc); err != nil {
		if !errors.Is(err, io.EOF) { // an empty file configures nothing
			p.problem(yamlProblem(err))
		}
		return
	}
	if err := dec.Decode(&more); !errors.Is(err, io.EOF) {
		p.problem(more.Line, "The file has more than one YAML document. Remove what follows the line ---.")
		return
	}
	p.plain(&doc, 0)
	if len(p.file.Problems) > 0 {
		return
	}
	top := doc.Content[0]
	if top.Kind == yaml.ScalarNode && top.Tag == "!!null" {
		return
	}
	p.mapping(field{name: "The file", fields: schema}, top)
}

var yamlLine = regexp.MustCompile(`^yaml: (?:line (\d{1,6}): )?`)

// yamlProblem makes a sentence of what the YAML library says.
func yamlProblem(err error) (line int, text string) {
	message := err.Error()
	m := yamlLine.FindStringSubmatch(message)
	if m != nil {
		line, _ = strconv.Atoi(m[1]) // 0 where it says none
		message = message[len(m[0]):]
	}
	return line, "This is not valid YAML: " + shown(message) + "."
}

// plain refuses what makes a file mean something else than what it looks like.
func (p *parser) plain(n *yaml.Node, depth int) {
	switch {
	case depth > maxNesting:
		p.problem(n.Line, "This is nested too deeply.")
		return
	case n.Kind == yaml.AliasNode:
		p.problem(n.Line, "Aliases such as *name are not supported. Write the value again.")
		return
	case n.Anchor != "":
		p.problem(n.Line, "Anchors such as &name are not supported. Remove it.")
	case n.Style&yaml.TaggedStyle != 0:
		p.problem(n.Line, "Tags such as !!binary are not supported. Remove it.")
	}
	if n.Kind == yaml.MappingNode {
		p.keys(n)
	}
	for _, child := range n.Content {
		if len(p.file.Problems) == MaxProblems {
			return
		}
		p.plain(child, depth+1)
	}
}

// keys refuses merge keys and those that are no text or there twice.
func (p *parser) keys(n *yaml.Node) {
	seen := map[string]int{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key := n.Content[i]
		first, twice := seen[key.Value]
		switch {
		case key.Kind != yaml.ScalarNode:
			p.problem(key.Line, "A key must be a name.")
		case key.Tag == "!!merge":
			p.problem(key.Line, "The merge key << is not supported. Write the values again.")
		case twice:
			p.problem(key.Line, quoted(key.Value)+" is already set in line "+strconv.Itoa(first)+".")
		default:
			seen[key.Value] = key.Line
		}
	}
}

// mapping reads the keys of f.
func (p *parser) mapping(f field, n *yaml.Node) {
	if n.Kind != yaml.MappingNode {
		p.problem(n.Line, f.name+" must have keys: "+names(f.fields)+".")
		return
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		at := slices.IndexFunc(f.fields, func(f field) bool { return f.name == key.Value })
		if at < 0 {
			p.problem(key.Line, "There is no key "+quoted(key.Value)+" here. Use one of: "+names(f.fields)+".")
			continue
		}
		p.file.Lines[key.Value] = key.Line
		f.fields[at].kind.read(p, f.fields[at], value)
	}
}

func names(fields []field) string {
	var all []string
	for _, f := range fields {
		all = append(all, f.name)
	}
	return strings.Join(all, ", ")
}

// shown makes text of the file fit to be shown: one line of at most 80 characters.
func shown(text string) string {
	runes := []rune(session.Quoted(text))
	if len(runes) > 80 {
		return string(runes[:80]) + "…"
	}
	return string(runes)
}

func quoted(text string) string { return `"` + shown(text) + `"` }
