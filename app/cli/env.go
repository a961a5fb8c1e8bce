package main

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"background-agents/backend/session"
)

// envFlags are what `bga env` changes.
type envFlags struct {
	accept        string
	never, reset  bool
	set, packages []string
	without       []string
	limits        limitFlags
}

// current stands for the proposal that is there at this moment: --accept without a hash.
const current = "now"

func (c *cli) envCommand() *cobra.Command {
	var f envFlags
	cmd := &cobra.Command{
		Use: "env [PROJECT]", Short: "What a project's sandboxes have: languages, tools and packages",
		Args: func(cmd *cobra.Command, args []string) error {
			if f.accept == current && len(args) == 2 { // --accept HASH: a flag whose value may be left out does not take the next word
				f.accept = args[1]
				return nil
			}
			return cobra.MaximumNArgs(1)(cmd, args)
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			return c.env(cmd.Context(), &f, append(args, "")[0], cmd.Flags().Changed)
		},
	}
	cmd.Long = "Shows what the files of a project (of this folder, unless you name one) say it needs, and from which line, beside what its " +
		"sandboxes have. Nothing is built without a " +
		"yes: --accept takes the proposal as it is, --set and --package change it. --memory, --cpus and --tmp bound each sandbox. New " +
		"sessions use it, and those that run when they are restarted: `bga restart`."
	cmd.Example = "  bga env shop\n  bga env shop --accept\n  bga env shop --set go=1.24.4 --package libpq-dev\n" +
		"  bga env shop --memory 8g --cpus 2 --tmp 4g"
	flags := cmd.Flags()
	flags.StringVar(&f.accept, "accept", "", "accept the proposal; in scripts with its `HASH`, as --json says it")
	flags.Lookup("accept").NoOptDefVal = current
	flags.BoolVar(&f.never, "never", false, "keep the base image, and don't ask")
	flags.BoolVar(&f.reset, "reset", false, "take back what was accepted")
	flags.StringArrayVar(&f.set, "set", nil, "have this `TOOL=VERSION`")
	flags.StringArrayVar(&f.packages, "package", nil, "have this Debian `PACKAGE`")
	flags.StringArrayVar(&f.without, "without", nil, "leave out this `TOOL` or package")
	f.limits.add(flags)
	cmd.MarkFlagsMutuallyExclusive("accept", "never", "reset", "set")
	cmd.MarkFlagsMutuallyExclusive("accept", "never", "reset", "package")
	cmd.MarkFlagsMutuallyExclusive("accept", "never", "reset", "without")
	return cmd
}

func (c *cli) env(ctx context.Context, f *envFlags, project string, given func(string) bool) error {
	at, err := c.ops(ctx)
	if err != nil {
		return err
	}
	p, err := findProject(ctx, at, project, false)
	if err != nil {
		return err
	}
	if err := c.limit(ctx, at, p.ID, &f.limits, given); err != nil {
		return err
	}
	found, err := at.ProjectEnvironment(ctx, p.ID)
	if err != nil {
		return err
	}
	choice, err := f.choice(found)
	if err != nil {
		return err
	}
	if choice != nil {
		if found, err = at.SetEnvironment(ctx, p.ID, *choice); err != nil {
			return err
		}
	}
	return c.print(found, func(w io.Writer) { environmentText(w, p, found) })
}

// choice returns what the flags say of what was found, nil where they say nothing.
func (f *envFlags) choice(found session.ProjectEnvironment) (*session.EnvironmentChoice, error) {
	switch {
	case f.never:
		return &session.EnvironmentChoice{Never: true}, nil
	case f.reset:
		return &session.EnvironmentChoice{Set: &session.Environment{}}, nil
	case f.accept == current && found.Empty():
		return nil, &session.Error{Code: session.CodeInvalid, Message: "There is nothing to accept: the project's files ask for no tool or package.",
			Hint: "Name what it needs with --set or --package."}
	case f.accept != "":
		return &session.EnvironmentChoice{Accept: strings.Replace(f.accept, current, found.Hash, 1)}, nil
	case len(f.set)+len(f.packages)+len(f.without) == 0:
		return nil, nil
	}
	e := *cmp.Or(found.Accepted, &found.Environment)
	e = session.Environment{Tools: slices.Clone(e.Tools), Packages: append(slices.Clone(e.Packages), f.packages...)}
	for _, text := range f.set {
		name, version, ok := strings.Cut(text, "=")
		if !ok || name == "" || version == "" {
			return nil, usage{fmt.Errorf("--set %q is not like go=1.24.4", text)}
		}
		e.Tools = slices.DeleteFunc(e.Tools, func(t session.Toolchain) bool { return t.Name == name })
		e.Tools = append(e.Tools, session.Toolchain{Name: name, Version: version})
	}
	for _, name := range f.without {
		e.Tools = slices.DeleteFunc(e.Tools, func(t session.Toolchain) bool { return t.Name == name })
		e.Packages = slices.DeleteFunc(e.Packages, func(p string) bool { return p == name })
	}
	return &session.EnvironmentChoice{Set: &e}, nil
}

func environmentText(w io.Writer, p session.Project, e session.ProjectEnvironment) {
	switch {
	case e.Accepted != nil:
		fmt.Fprintf(w, "Sandboxes of %s have: %s\n", printable(p.Name), printable(e.Accepted.String()))
	case e.Never:
		fmt.Fprintf(w, "Sandboxes of %s have the base image alone, as you said.\n", printable(p.Name))
	default:
		fmt.Fprintf(w, "Sandboxes of %s have the base image alone.\n", printable(p.Name))
	}
	limitText(w, e.Limits)
	if e.Empty() {
		fmt.Fprintln(w, "The project's files ask for nothing else.")
	} else if e.Accepted == nil || e.Accepted.String() != e.Environment.String() {
		fmt.Fprintf(w, "\nThe project's files ask for: %s\n", printable(e.Environment.String()))
	}
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
		fmt.Fprintf(w, "%s (%s): install with `%s`, test with `%s`\n", printable(cmp.Or(part.Dir, ".")), part.Kind, printable(part.Install), printable(part.Test))
	}
	if !e.Empty() && e.Accepted == nil && !e.Never {
		fmt.Fprintf(w, "\nNothing of this is built without your yes: bga env %s --accept\n", printable(p.Name))
	}
}
