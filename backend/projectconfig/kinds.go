package projectconfig

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"background-agents/backend/session"
)

var (
	toolPattern    = regexp.MustCompile(`^[a-z][a-z0-9-]{0,31}$`)
	versionPattern = regexp.MustCompile(`^[0-9A-Za-z][0-9A-Za-z.+_-]{0,63}$`)
)

// The kinds of values.
var (
	mapping = kind{words: "keys", schema: mappingSchema,
		read: func(p *parser, f field, n *yaml.Node) { p.mapping(f, n) }}
	tools = kind{words: "a mapping of names to a version or a list of versions, or a list of `name=version`",
		schema: toolsSchema, read: (*parser).tools}
	packages    = kind{words: "a list of names", schema: packagesSchema, read: (*parser).packages}
	variables   = kind{words: "a mapping of names to text", schema: variablesSchema, read: (*parser).variables}
	commands    = kind{words: "a command, or a list of commands", schema: commandsSchema, read: (*parser).commands}
	unsupported = kind{words: "not supported", schema: unsupportedSchema,
		read: func(p *parser, f field, n *yaml.Node) {
			p.problem(n.Line, quoted(f.name)+" is not supported yet. Remove it.")
		}}
)

// text returns a scalar as it is written, and adds a problem where it is none. Numbers keep their digits: 3.10 is not
// 3.1.
func (p *parser) text(n *yaml.Node, what string, tags ...string) (string, bool) {
	if n.Kind != yaml.ScalarNode || !slices.Contains(append(tags, "!!str"), n.Tag) {
		p.problem(n.Line, what)
		return "", false
	}
	return n.Value, true
}

// each calls read for a list's entries, at most most of them.
func (p *parser) each(f field, n *yaml.Node, most int, read func(*yaml.Node)) {
	if len(n.Content) > most {
		p.problem(n.Line, fmt.Sprintf("%s has more than %d entries.", f.name, most))
		return
	}
	for _, entry := range n.Content {
		read(entry)
	}
}

func (p *parser) tools(f field, n *yaml.Node) {
	const form = "tools must be a mapping such as go: 1.24.4, or a list such as [go=1.24.4]."
	switch n.Kind {
	case yaml.SequenceNode:
		p.each(f, n, session.MaxEnvTools, func(entry *yaml.Node) {
			if text, ok := p.text(entry, form); ok {
				name, version, _ := strings.Cut(text, "=")
				p.tool(entry, strings.TrimSpace(name), strings.TrimSpace(version))
			}
		})
	case yaml.MappingNode:
		if len(n.Content) > 2*session.MaxEnvTools {
			p.problem(n.Line, fmt.Sprintf("tools has more than %d entries.", session.MaxEnvTools))
			return
		}
		for i := 0; i+1 < len(n.Content); i += 2 {
			versions := []*yaml.Node{n.Content[i+1]}
			if versions[0].Kind == yaml.SequenceNode {
				versions = versions[0].Content
			}
			if len(versions) == 0 || len(versions) > maxVersions {
				p.problem(n.Content[i].Line, fmt.Sprintf("%s must have 1 to %d versions.", quoted(n.Content[i].Value), maxVersions))
				continue
			}
			for _, v := range versions {
				if version, ok := p.text(v, form, "!!int", "!!float"); ok {
					p.tool(v, n.Content[i].Value, version)
				}
			}
		}
	default:
		p.problem(n.Line, form)
	}
}

func (p *parser) tool(n *yaml.Node, name, version string) {
	switch {
	case !toolPattern.MatchString(name):
		p.problem(n.Line, quoted(name)+" is not the name of a tool. Names are like go or node.")
	case !versionPattern.MatchString(version):
		p.problem(n.Line, quoted(version)+" is not a version of "+name+". Versions are like 1.24.4 or 24.")
	default:
		p.file.Tools = append(p.file.Tools, Tool{Name: name, Version: version, Line: n.Line})
	}
}

func (p *parser) packages(f field, n *yaml.Node) {
	const form = "packages must be a list of names such as [libpq-dev]."
	if n.Kind != yaml.SequenceNode {
		p.problem(n.Line, form)
		return
	}
	p.each(f, n, session.MaxEnvPackages, func(entry *yaml.Node) {
		if name, ok := p.text(entry, form); ok && !p.refuse(entry, session.CheckPackage(name)) {
			p.file.Packages = append(p.file.Packages, Package{Name: name, Line: entry.Line})
		}
	})
}

func (p *parser) variables(f field, n *yaml.Node) {
	if n.Kind != yaml.MappingNode {
		p.problem(n.Line, "variables must be a mapping such as LOG_LEVEL: debug.")
		return
	}
	if len(n.Content) > 2*session.MaxVariables {
		p.problem(n.Line, fmt.Sprintf("variables has more than %d entries.", session.MaxVariables))
		return
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key := n.Content[i]
		value, ok := p.text(n.Content[i+1], "The value of "+quoted(key.Value)+" must be text.", "!!int", "!!float", "!!bool",
			"!!timestamp")
		if ok && !p.refuse(key, session.CheckVariable(key.Value, value)) {
			p.file.Variables = append(p.file.Variables, key.Value+"="+value)
		}
	}
	slices.SortFunc(p.file.Variables, session.CompareVariables)
}

func (p *parser) commands(f field, n *yaml.Node) {
	form := f.name + " must be a command or a list of commands."
	var all []string
	read := func(entry *yaml.Node) {
		text, ok := p.text(entry, form)
		if !ok {
			return
		}
		if text = strings.TrimSpace(text); text == "" {
			p.problem(entry.Line, f.name+" has an empty command. Remove it.")
		} else if !p.refuse(entry, session.CheckCommand(text)) {
			all = append(all, text)
		}
	}
	switch {
	case n.Kind == yaml.SequenceNode && len(n.Content) == 0:
		p.problem(n.Line, f.name+" is empty. Remove it.")
	case n.Kind == yaml.SequenceNode:
		p.each(f, n, session.MaxCommands, read)
	default:
		read(n)
	}
	into := map[string]*[]string{"setup": &p.file.Setup, "start": &p.file.Start, "run": &p.file.Run,
		"test": &p.file.Test, "archive": &p.file.Archive}
	*into[f.name] = all
}
