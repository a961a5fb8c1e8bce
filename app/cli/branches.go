package main

import (
	"context"
	"fmt"
	"io"
	"strconv"

	"github.com/spf13/cobra"

	"background-agents/backend/session"
)

func (c *cli) branchesCommand() *cobra.Command {
	take := ""
	cmd := c.onSession("branches ID", "List what exists only in a session's sandbox: other branches, stashes, tags, files left out", cobra.ExactArgs(1),
		func(ctx context.Context, at *access, s session.Session, _ []string) error {
			if take != "" {
				if err := c.reached(ctx, at, s); err != nil {
					return err
				}
				t, err := at.TakeBranch(ctx, s.ID, take)
				if err != nil {
					return err
				}
				return c.print(t, func(w io.Writer) {
					fmt.Fprintf(w, "%s is now the branch %s.\n", printable(t.Name), printable(t.Branch))
				})
			}
			list, err := at.Branches(ctx, s.ID)
			if err != nil {
				return err
			}
			return c.print(list, func(w io.Writer) { showOnly(w, s, list) })
		})
	cmd.Flags().StringVar(&take, "take", "", "make a branch of the project of this branch, tag or stash")
	return cmd
}

func showOnly(w io.Writer, s session.Session, list session.OnlyList) {
	if len(list.List) == 0 {
		fmt.Fprintln(w, "Nothing is in the sandbox alone.")
		return
	}
	var rows [][]string
	takes := false
	for _, o := range list.List {
		commits := ""
		if o.Count > 0 {
			commits = strconv.Itoa(o.Count)
		}
		takes = takes || o.Commit != ""
		rows = append(rows, []string{o.Kind, o.Name, commits, o.Detail})
	}
	table(w, "KIND\tNAME\tCOMMITS\tMORE", rows)
	if list.More > 0 {
		fmt.Fprintf(w, "and %d more\n", list.More)
	}
	if takes {
		fmt.Fprintf(w, "`bga branches %s --take NAME` makes a branch of your project of one that has commits.\n", s.ID)
	}
}
