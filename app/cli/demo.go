package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"background-agents/backend/session"
)

func (c *cli) demoCommand() *cobra.Command {
	return &cobra.Command{
		Use: "demo", Short: "Run a session on a sample project, with the offline demo model", Args: cobra.NoArgs,
		Long: "Makes a sample project and runs one session on it to its end: the real agent, in a real sandbox, with a model\n" +
			"that is part of the application. It needs no account and no network. At the first time the sandbox's image is built.",
		RunE: func(cmd *cobra.Command, _ []string) error {
			ctx := cmd.Context()
			at, err := c.ops(ctx)
			if err != nil {
				return err
			}
			s, err := at.Demo(ctx)
			if err != nil {
				return err
			}
			fmt.Fprintf(c.err, "Session %s on the sample project, with the demo model.\n", s.ID)
			progress, tail := &progress{w: c.err, agent: s.Agent}, newTail(c, s.ID, 0)
			begun := false
			last, err := c.follow(ctx, at, s.ID, func(at *access, e session.Event) {
				progress.show(at, e)
				tail.show(at, e)
			}, func(s session.Session) bool {
				begun = begun || s.Turns > 0
				return tail.err != nil || rests(s, "") && (begun || s.Status != session.Idle)
			})
			if err != nil {
				return err
			}
			if tail.err != nil {
				return tail.err
			}
			tail.text.close()
			if err := c.outcome(ctx, c.at, last); err != nil {
				return err
			}
			if !c.json {
				fmt.Fprintf(c.out, "\nBranch %s, worktree %s\n\n", last.Branch, last.Worktree)
			}
			return c.diff(ctx, c.at, last, 0, false)
		},
	}
}
