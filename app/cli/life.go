package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"background-agents/backend/session"
)

func (c *cli) archiveCommand() *cobra.Command {
	yes := false
	cmd := c.onSession("archive ID", "Archive a session; its branch stays", cobra.ExactArgs(1),
		func(ctx context.Context, at *access, s session.Session, _ []string) error {
			err := at.Archive(ctx, s.ID, yes)
			if !errors.Is(err, &session.Error{Code: session.CodeUnsaved}) {
				return err
			}
			e := *session.AsError(err)
			e.Hint = fmt.Sprintf("Bring branches out with `bga branches %s --take NAME`, or archive it all the same: `bga archive --yes %s`.", s.ID, s.ID)
			return &e
		})
	cmd.Flags().BoolVar(&yes, "yes", false, "also what its sandbox alone has")
	return cmd
}

func (c *cli) unarchiveCommand() *cobra.Command {
	return c.onSession("unarchive ID", "Unarchive a session", cobra.ExactArgs(1),
		func(ctx context.Context, at *access, s session.Session, _ []string) error {
			return at.Unarchive(ctx, s.ID)
		})
}

func (c *cli) deleteCommand() *cobra.Command {
	yes := false
	cmd := c.onSession("delete ID", "Delete a session with its sandbox, worktree and branch", cobra.ExactArgs(1),
		func(ctx context.Context, at *access, s session.Session, _ []string) error {
			err := at.Delete(ctx, s.ID, yes)
			if !errors.Is(err, &session.Error{Code: session.CodeUnsaved}) {
				return err
			}
			lost, listErr := at.Unsaved(ctx, s.ID)
			if listErr != nil {
				return err
			}
			for _, l := range lost {
				fmt.Fprintln(c.err, "unsaved:", cell(l))
			}
			e := *session.AsError(err)
			e.Hint = "Push or merge it first, or delete it all the same: `bga delete --yes " + string(s.ID) + "`."
			return &e
		})
	cmd.Flags().BoolVar(&yes, "yes", false, "also what is saved nowhere else")
	return cmd
}
