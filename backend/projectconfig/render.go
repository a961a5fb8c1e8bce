package projectconfig

import (
	"bytes"
	"strings"

	"go.yaml.in/yaml/v3"

	"background-agents/backend/session"
)

// Render writes an environment as a configuration file. Parse reads the same from it.
func Render(e session.Environment) ([]byte, error) {
	top, env := yaml.Node{Kind: yaml.MappingNode}, yaml.Node{Kind: yaml.MappingNode}
	versions := yaml.Node{Kind: yaml.MappingNode}
	for _, t := range e.Tools { // in order of name: those of one tool follow each other
		if n := len(versions.Content); n > 0 && versions.Content[n-2].Value == t.Name {
			versions.Content[n-1].Content = append(versions.Content[n-1].Content, text(t.Version))
			continue
		}
		put(&versions, t.Name, &yaml.Node{Kind: yaml.SequenceNode, Style: yaml.FlowStyle,
			Content: []*yaml.Node{text(t.Version)}})
	}
	for i := 1; i < len(versions.Content); i += 2 {
		if list := versions.Content[i]; len(list.Content) == 1 {
			versions.Content[i] = list.Content[0]
		}
	}
	variables := yaml.Node{Kind: yaml.MappingNode}
	for _, pair := range e.Variables {
		name, value, _ := strings.Cut(pair, "=")
		put(&variables, name, text(value))
	}
	put(&env, "tools", &versions)
	put(&env, "packages", list(e.Packages))
	put(&env, "variables", &variables)
	put(&top, "environment", &env)
	for _, c := range e.Commands() {
		value := list(c.Lines)
		if len(c.Lines) == 1 {
			value = value.Content[0]
		}
		put(&top, c.Key, value)
	}
	var out bytes.Buffer
	enc := yaml.NewEncoder(&out)
	enc.SetIndent(2)
	if err := enc.Encode(&top); err != nil {
		return nil, err
	}
	return out.Bytes(), enc.Close()
}

// put adds a key with its value, unless that is an empty mapping or list.
func put(to *yaml.Node, key string, value *yaml.Node) {
	if value.Kind == yaml.ScalarNode || len(value.Content) > 0 {
		to.Content = append(to.Content, text(key), value)
	}
}

func list(texts []string) *yaml.Node {
	n := &yaml.Node{Kind: yaml.SequenceNode}
	for _, t := range texts {
		n.Content = append(n.Content, text(t))
	}
	return n
}

// text is a scalar that is read again as text: 3.10 and yes are quoted.
func text(s string) *yaml.Node {
	n := &yaml.Node{}
	n.SetString(s)
	return n
}
