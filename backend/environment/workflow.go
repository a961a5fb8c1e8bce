package environment

import (
	"regexp"
	"strings"

	"go.yaml.in/yaml/v3"
)

const (
	maxWorkflowPackages = 30
	maxSteps            = 500
)

var (
	packageName = regexp.MustCompile(`^[a-z0-9][a-z0-9+.-]+$`)
	aptInstall  = regexp.MustCompile(`\bapt(?:-get)?\s+(?:-\S+\s+(?:\S+=\S+\s+)?)*install\s(.*)$`)
	substituted = regexp.MustCompile(`\$\{\{.*?\}\}|\$\([^)]*\)?`) // what the runner or the shell puts in its place
	commandEnd  = regexp.MustCompile(`&&|\|\||[;|&<>#)` + "`]")
)

// readWorkflow takes what a workflow installs by apt: the best source of a project's system packages.
func readWorkflow(d *detector, f file) {
	data := d.tree.text(f.path)
	if tooDeep(data) {
		return
	}
	var doc yaml.Node
	if yaml.Unmarshal(data, &doc) != nil || len(doc.Content) == 0 {
		return
	}
	steps := 0
	for _, job := range values(child(doc.Content[0], "jobs")) {
		for _, step := range values(child(job, "steps")) {
			if steps++; steps > maxSteps {
				return
			}
			if run := child(step, "run"); run != nil && run.Kind == yaml.ScalarNode {
				d.runStep(f, run)
			}
		}
	}
}

// child is a key's value in a mapping, or nil. Aliases are not followed.
func child(n *yaml.Node, key string) *yaml.Node {
	if n == nil || n.Kind != yaml.MappingNode {
		return nil
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == key {
			return n.Content[i+1]
		}
	}
	return nil
}

// values are the items of a list, or the values of a mapping.
func values(n *yaml.Node) []*yaml.Node {
	switch {
	case n == nil:
		return nil
	case n.Kind == yaml.SequenceNode:
		return n.Content
	case n.Kind == yaml.MappingNode:
		var all []*yaml.Node
		for i := 1; i < len(n.Content); i += 2 {
			all = append(all, n.Content[i])
		}
		return all
	}
	return nil
}

// runStep takes the words after "apt-get install" up to the end of the command, also over lines that end with a
// backslash.
func (d *detector) runStep(f file, run *yaml.Node) {
	going := false
	for i, line := range strings.Split(run.Value, "\n") {
		place := run.Line
		if run.Style == yaml.LiteralStyle {
			place += 1 + i
		}
		line = strings.TrimSpace(substituted.ReplaceAllString(line, "$"))
		if strings.HasPrefix(line, "#") {
			continue
		}
		line, continues := strings.CutSuffix(line, `\`)
		for j, command := range commandEnd.Split(line, -1) {
			if j > 0 || !going {
				m := aptInstall.FindStringSubmatch(command + " ")
				going = m != nil
				if going {
					command = m[1]
				}
			}
			if going {
				d.aptWords(at{f, place}, command)
			}
		}
		going = going && continues
	}
}

// aptWords takes the names of packages. Options go, and the next word where an option has one.
func (d *detector) aptWords(a at, command string) {
	option := ""
	for _, word := range strings.Fields(command) {
		word = strings.Trim(word, `"'`)
		value := option == "-t" || option == "--target-release" || option == "-o" || option == "-c"
		if option = word; value || len(word) > maxText || !packageName.MatchString(word) {
			continue
		}
		if d.apt[word] || len(d.apt) < maxWorkflowPackages {
			d.apt[word] = true
			d.debian(a, word)
		}
	}
}
