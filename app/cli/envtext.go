package main

import (
	"cmp"
	"fmt"
	"io"
	"strings"

	"background-agents/backend/session"
)

func environmentText(w io.Writer, p session.Project, e session.ProjectEnvironment) {
	switch {
	case e.Accepted != nil:
		fmt.Fprintf(w, "Sandboxes of %s have: %s\n", printable(p.Name),
			printable(cmp.Or(e.Accepted.String(), "the base image")))
	case e.Never:
		fmt.Fprintf(w, "Sandboxes of %s have the base image alone, as you said.\n", printable(p.Name))
	default:
		fmt.Fprintf(w, "Sandboxes of %s have the base image alone.\n", printable(p.Name))
	}
	if e.Accepted != nil {
		configurationText(w, e.Accepted.Configuration, nil)
	}
	limitText(w, e.Limits)
	if e.Empty() {
		fmt.Fprintln(w, "The project's files ask for nothing else.")
	} else if tools := e.Environment.String(); tools != "" && (e.Accepted == nil || e.Accepted.String() != tools) {
		fmt.Fprintf(w, "\nThe project's files ask for: %s\n", printable(tools))
	}
	configFileText(w, e)
	var rows [][]string
	for _, r := range e.Reasons {
		at := r.Path
		if r.Line > 0 {
			at = fmt.Sprintf("%s:%d", r.Path, r.Line)
		}
		rows = append(rows, []string{printable(r.Tool), printable(r.Wanted), string(r.Rule), printable(at)})
	}
	if len(rows) > 0 {
		table(w, "FOR\tWANTED\tAS\tFROM", rows)
	}
	for _, u := range e.Unknown {
		fmt.Fprintf(w, "note: %s %s (%s): %s\n", printable(u.Tool), printable(u.Wanted), printable(u.Path), printable(u.Why))
	}
	for _, t := range e.Untried {
		fmt.Fprintf(w, "note: %s was not fetched from its maker yet when this version was tested\n", printable(t.String()))
	}
	for _, part := range e.Parts {
		fmt.Fprintf(w, "%s (%s): install with `%s`, test with `%s`\n", printable(cmp.Or(part.Dir, ".")), part.Kind,
			printable(part.Install), printable(part.Test))
	}
	if e.Open {
		fmt.Fprintf(w, "\nNothing of this is built or run without your yes: bga env %s --accept\n", printable(p.Name))
	}
}

// configFileText shows what the project's configuration file says, where it is another than what was accepted.
func configFileText(w io.Writer, e session.ProjectEnvironment) {
	switch {
	case e.Config == nil:
		if e.Open && e.Configuration.Empty() {
			fmt.Fprintf(w, "\n%s is gone, or says nothing more.\n", session.ConfigPath)
		}
	case len(e.Config.Problems) > 0:
		fmt.Fprintf(w, "\n%s has errors, so nothing of it is used:\n", printable(e.Config.Path))
		for _, p := range e.Config.Problems {
			fmt.Fprintf(w, "  %s\n", cell(p.String()))
		}
	case e.Open:
		fmt.Fprintf(w, "\n%s says:\n", printable(e.Config.Path))
		configurationText(w, e.Configuration, e.Config.Lines)
	}
}

// configurationText shows variables and commands, with their lines in the file where these are known. What a terminal
// would obey is shown as escapes: it is what the user decides upon.
func configurationText(w io.Writer, c session.Configuration, lines map[string]int) {
	for _, key := range append([]session.NamedCommands{{Key: "variables", Lines: c.Variables}}, c.Commands()...) {
		at := ""
		if n := lines[key.Key]; n > 0 {
			at = fmt.Sprintf(" (line %d)", n)
		}
		for _, text := range key.Lines {
			fmt.Fprintf(w, "  %s%s: %s\n", key.Key, at, strings.ReplaceAll(visible(text), "\n", "\n    "))
		}
	}
}
