package main

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"background-agents/backend/session"
)

func (c *cli) editsCommand() *cobra.Command {
	send, undo := false, false
	cmd := c.onSession("edits ID", "List what you changed in a session's worktree, send it to the agent, or undo it", cobra.ExactArgs(1),
		func(ctx context.Context, at *access, s session.Session, _ []string) error {
			if send && undo {
				return usage{errors.New("choose one of --send and --undo")}
			}
			list, err := at.Edits(ctx, s.ID)
			if err != nil {
				return err
			}
			switch {
			case !send && !undo:
				return c.print(orEmpty(list), func(w io.Writer) { editList(w, s, list) })
			case len(list) == 0:
				return c.print(orEmpty(list), func(w io.Writer) { editList(w, s, list) })
			case undo:
				if err := at.UndoEdits(ctx, s.ID); err != nil {
					return err
				}
				return c.print(list, func(w io.Writer) { fmt.Fprintf(w, "Undone in %s.\n", files(len(list))) })
			}
			if err := c.reached(ctx, at, s); err != nil {
				return err
			}
			if err := at.SendEdits(ctx, s.ID); err != nil {
				return err
			}
			return c.print(list, func(w io.Writer) { fmt.Fprintf(w, "Sent to the agent: %s.\n", files(len(list))) })
		})
	cmd.Flags().BoolVar(&send, "send", false, "merge your changes into the agent's files")
	cmd.Flags().BoolVar(&undo, "undo", false, "put the files back to the agent's last result")
	cmd.Example = "  bga edits k3x7mm2p\n  bga edits k3x7mm2p --send"
	return cmd
}

func editList(w io.Writer, s session.Session, list []session.FileChange) {
	if len(list) == 0 {
		fmt.Fprintln(w, "You changed nothing in the worktree.")
		return
	}
	diffStat(w, list)
	fmt.Fprintf(w, "Send them to the agent: bga edits %s --send. Undo them: bga edits %s --undo\n", s.ID, s.ID)
}
