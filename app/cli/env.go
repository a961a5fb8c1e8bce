package main

import (
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
	setup, start  []string
	variables     []string
	save          bool
}

// edits reports whether the flags change single entries.
func (f *envFlags) edits() bool {
	return len(f.set)+len(f.packages)+len(f.without)+len(f.setup)+len(f.start)+len(f.variables) > 0
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
		"yes: --accept takes the proposal as it is, --set and --package change it. --setup, --start and --variable set without a " +
		"file what .background-agents/config.yaml can set; --save writes it there. --memory, --cpus and --tmp bound each sandbox. " +
		"New sessions use it, and those that run when they are restarted: `bga restart`."
	cmd.Example = "  bga env shop\n  bga env shop --accept\n  bga env shop --set go=1.24.4 --package libpq-dev\n" +
		"  bga env shop --setup 'npm ci' --variable PORT=8080 --save\n  bga env shop --memory 8g --cpus 2 --tmp 4g"
	flags := cmd.Flags()
	flags.StringVar(&f.accept, "accept", "", "accept the proposal; in scripts with its `HASH`, as --json says it")
	flags.Lookup("accept").NoOptDefVal = current
	flags.BoolVar(&f.never, "never", false, "keep the base image, and don't ask")
	flags.BoolVar(&f.reset, "reset", false, "take back what was accepted")
	flags.StringArrayVar(&f.set, "set", nil, "have this `TOOL=VERSION`")
	flags.StringArrayVar(&f.packages, "package", nil, "have this Debian `PACKAGE`")
	flags.StringArrayVar(&f.without, "without", nil, "leave out this `TOOL`, package or variable")
	flags.StringArrayVar(&f.setup, "setup", nil,
		"run this `COMMAND` once in each new clone, instead of setup.sh; \"\" for none")
	flags.StringArrayVar(&f.start, "start", nil,
		"run this `COMMAND` each time a sandbox starts, instead of start.sh; \"\" for none")
	flags.StringArrayVar(&f.variables, "variable", nil, "set this `NAME=value`, which is no secret")
	flags.BoolVar(&f.save, "save", false, "write it to .background-agents/config.yaml in your checkout; commits nothing")
	for _, edit := range []string{"set", "package", "without", "setup", "start", "variable"} {
		cmd.MarkFlagsMutuallyExclusive("accept", "never", "reset", edit)
	}
	cmd.MarkFlagsMutuallyExclusive("save", "never", "reset")
	f.limits.add(flags)
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
	saved := ""
	if f.save {
		if saved, err = at.SaveConfiguration(ctx, p.ID); err != nil {
			return err
		}
	}
	return c.print(found, func(w io.Writer) {
		environmentText(w, p, found)
		if saved != "" {
			fmt.Fprintf(w, "\nSaved to %s. Commit it to share it.\n", printable(saved))
		}
	})
}

// choice returns what the flags say of what was found, nil where they say nothing.
func (f *envFlags) choice(found session.ProjectEnvironment) (*session.EnvironmentChoice, error) {
	switch {
	case f.never:
		return &session.EnvironmentChoice{Never: true}, nil
	case f.reset:
		return &session.EnvironmentChoice{Set: &session.Environment{}}, nil
	case f.accept == current && found.Empty() && !found.Open && (found.Config == nil || len(found.Config.Problems) == 0):
		return nil, &session.Error{Code: session.CodeInvalid, Message: "There is nothing to accept: the project's files ask for no tool or package.",
			Hint: "Name what it needs with --set or --package."}
	case f.accept != "":
		return &session.EnvironmentChoice{Accept: strings.Replace(f.accept, current, found.Hash, 1)}, nil
	case !f.edits():
		return nil, nil
	}
	return f.edited(found)
}

// edited returns what was accepted, or else the proposed tools, with the flags' changes. Commands of a file need a yes
// of their own.
func (f *envFlags) edited(found session.ProjectEnvironment) (*session.EnvironmentChoice, error) {
	e := session.Environment{Tools: found.Tools, Packages: found.Packages}
	if found.Accepted != nil {
		e = *found.Accepted
	}
	e.Tools, e.Packages = slices.Clone(e.Tools), append(slices.Clone(e.Packages), f.packages...)
	if len(f.setup) > 0 {
		e.Setup = f.setup
	}
	if len(f.start) > 0 {
		e.Start = f.start
	}
	variables := slices.Clone(e.Variables)
	for _, pair := range f.variables {
		name, _, ok := strings.Cut(pair, "=")
		if !ok {
			return nil, usage{fmt.Errorf("--variable %q is not like NAME=value", pair)}
		}
		variables = append(withoutVariable(variables, name), pair)
	}
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
		variables = withoutVariable(variables, name)
	}
	e.Variables = variables
	return &session.EnvironmentChoice{Set: &e}, nil
}

func withoutVariable(variables []string, name string) []string {
	return slices.DeleteFunc(variables, func(v string) bool { return strings.HasPrefix(v, name+"=") })
}
