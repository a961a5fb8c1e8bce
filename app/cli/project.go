package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"background-agents/backend/session"
)

func (c *cli) projectCommand() *cobra.Command {
	project := &cobra.Command{Use: "project", Short: "The repositories that sessions work on", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() }}
	first := false
	add := &cobra.Command{
		Use: "add PATH", Short: "Add the git repository that PATH lies in", Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			at, err := c.ops(cmd.Context())
			if err != nil {
				return err
			}
			path := args[0]
			if !strings.HasPrefix(path, "~") && !strings.Contains(path, ":") { // those are understood, or refused, by the application
				if path, err = absolute(path); err != nil {
					return err
				}
			}
			do := at.AddProject
			if first {
				do = at.InitProject
			}
			p, err := do(cmd.Context(), path)
			if session.CodeOf(err) == session.CodeEmpty {
				e := *session.AsError(err)
				e.Hint = "Make a first commit, or let one be made that is empty: `bga project add --init PATH`."
				return &e
			}
			if err != nil {
				return err
			}
			if repo, err := at.Repository(cmd.Context(), p.ID); err == nil && len(repo.Submodules) > 0 {
				fmt.Fprintln(c.err, "note:", printable(session.EmptySubmodules(repo.Submodules)))
			}
			return c.print(p, func(w io.Writer) { fmt.Fprintf(w, "%s  %s  %s\n", p.ID, p.Name, p.Path) })
		},
	}
	add.Flags().BoolVar(&first, "init", false, "make an empty first commit if there is none")
	list := &cobra.Command{
		Use: "list", Short: "List the projects", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			at, err := c.ops(cmd.Context())
			if err != nil {
				return err
			}
			e, err := state(cmd.Context(), at)
			if err != nil {
				return err
			}
			return c.print(orEmpty(e.Projects), func(w io.Writer) { projectTable(w, e) })
		},
	}
	remove := &cobra.Command{
		Use: "remove NAME", Short: "Forget a project; the repository stays as it is", Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			at, err := c.ops(cmd.Context())
			if err != nil {
				return err
			}
			p, err := findProject(cmd.Context(), at, args[0], false)
			if err != nil {
				return err
			}
			return at.RemoveProject(cmd.Context(), p.ID)
		},
	}
	move := &cobra.Command{
		Use: "move PROJECT PATH", Short: "Say where a project's repository is now; its sessions stay", Args: cobra.ExactArgs(2),
		Long: "Says where a project's repository is after its folder was moved or renamed. PROJECT is its id, name or old path.",
		RunE: func(cmd *cobra.Command, args []string) error {
			at, err := c.ops(cmd.Context())
			if err != nil {
				return err
			}
			p, err := findProject(cmd.Context(), at, args[0], false)
			if err != nil {
				return err
			}
			path, err := absolute(args[1])
			if err != nil {
				return err
			}
			if p, err = at.MoveProject(cmd.Context(), p.ID, path); err != nil {
				return err
			}
			return c.print(p, func(w io.Writer) { fmt.Fprintf(w, "%s  %s  %s\n", p.ID, p.Name, p.Path) })
		},
	}
	project.AddCommand(add, list, move, remove, c.projectSet(), c.mcpCommand(), c.mountCommand())
	return project
}

func projectTable(w io.Writer, e session.Event) {
	if len(e.Projects) == 0 {
		fmt.Fprintln(w, "No projects yet. Add one: bga project add PATH")
		return
	}
	sessions := map[session.ProjectID]int{}
	for _, s := range e.Sessions {
		sessions[s.Project]++
	}
	var rows [][]string
	for _, p := range e.Projects {
		path := p.Path
		if p.Missing {
			path += "  (missing)"
		}
		rows = append(rows, []string{string(p.ID), p.Name, fmt.Sprint(sessions[p.ID]), path})
	}
	table(w, "ID\tNAME\tSESSIONS\tPATH", rows)
}

// orEmpty makes JSON say [] where there is nothing.
func orEmpty[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}
