package main

import (
	"context"
	"fmt"
	"io"
	"slices"

	"github.com/spf13/cobra"

	"background-agents/backend/session"
)

func (c *cli) mountCommand() *cobra.Command {
	mount := &cobra.Command{Use: "mount", Short: "What of your home folder a project's sandboxes may read: nothing, unless you say so", Args: cobra.NoArgs,
		Long: "What of your home folder a project's sandboxes may read. Models, git and pull requests need none of it; what is mounted, an\n" +
			"agent can read and pass on. Without --project it is the project that the working folder lies in.",
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() }}
	mount.AddCommand(c.mountList(), c.mountSet("on", "Let a project's sandboxes read it", true), c.mountSet("off", "Mount it no more", false))
	return mount
}

// mounted is a mount as a project has it.
type mounted struct {
	session.Mount
	On bool `json:"on"`
}

func (c *cli) mountList() *cobra.Command {
	return c.onProject("list", "List what can be mounted, and whether it is", cobra.NoArgs,
		func(ctx context.Context, at *access, p session.Project, _ []string) error {
			mounts, err := at.Mounts(ctx)
			if err != nil {
				return err
			}
			all := []mounted{}
			for _, m := range mounts {
				all = append(all, mounted{m, slices.Contains(p.Mounts, m.ID)})
			}
			return c.print(all, func(w io.Writer) { mountTable(w, all) })
		})
}

func mountTable(w io.Writer, all []mounted) {
	var rows [][]string
	for _, m := range all {
		state, note := "off", ""
		if m.On {
			state, note = "on", m.Warning
		}
		if !m.Found {
			note = "not on this computer"
		}
		rows = append(rows, []string{m.ID, m.Name, "~/" + m.Path, state, note})
	}
	table(w, "ID\tNAME\tPATH\tMOUNTED\tNOTE", rows)
}

func (c *cli) mountSet(use, short string, on bool) *cobra.Command {
	return c.onProject(use+" ID", short, cobra.ExactArgs(1),
		func(ctx context.Context, at *access, p session.Project, args []string) error {
			mounts, err := at.Mounts(ctx)
			if err != nil {
				return err
			}
			i := slices.IndexFunc(mounts, func(m session.Mount) bool { return m.ID == args[0] })
			if i < 0 {
				return &session.Error{Code: session.CodeNotFound, Message: "There is no mount " + args[0] + ".", Hint: "`bga project mount list` shows them all."}
			}
			err = changeProject(ctx, at, p.ID, func(p *session.Project) error {
				p.Mounts = slices.DeleteFunc(slices.Clone(p.Mounts), func(id string) bool { return id == mounts[i].ID })
				if on {
					p.Mounts = append(p.Mounts, mounts[i].ID)
				}
				return nil
			})
			if err != nil {
				return err
			}
			if on {
				fmt.Fprintf(c.err, "warning: %s\n", mounts[i].Warning)
			}
			return c.print(mounted{mounts[i], on}, func(w io.Writer) {
				does, where := "do not have", ""
				if on {
					does = "read"
				}
				if on && !mounts[i].Found {
					where = ", once it is on this computer"
				}
				fmt.Fprintf(w, "Sandboxes of %s %s ~/%s from their next start on%s.\n", printable(p.Name), does, mounts[i].Path, where)
			})
		})
}
