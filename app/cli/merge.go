package main

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"background-agents/backend/session"
)

func (c *cli) mergeCommand() *cobra.Command {
	var t session.MergeTarget
	var message string
	yes := false
	cmd := c.onSession("merge ID", "Merge a session's commits into a branch of yours; shows it, and asks", cobra.ExactArgs(1),
		func(ctx context.Context, at *access, s session.Session, _ []string) error {
			plan, err := at.PlanMerge(ctx, s.ID, t)
			if err != nil {
				return err
			}
			if message != "" {
				plan.Message = message
			}
			if len(plan.Conflicts) > 0 {
				return &session.Error{
					Code: session.CodeConflict, Message: "Both changed " + strings.Join(plan.Conflicts[:min(5, len(plan.Conflicts))], ", ") + ".",
					Hint: "`bga rebase " + string(s.ID) + " --agent` has the agent resolve it.",
				}
			}
			if err := plan.Unmet(s); err != nil {
				return err
			}
			if plan.Kind == "none" {
				return c.print(plan, func(w io.Writer) {
					fmt.Fprintf(w, "%s has it already.\n", printable(plan.Branch))
					sayWorking(w, s)
				})
			}
			if err := c.agree(yes, plan, func(w io.Writer) { showMerge(w, s, plan) }, "Merge"); err != nil {
				return err
			}
			merged, err := at.Merge(ctx, s.ID, plan.Yes())
			if err != nil {
				return err
			}
			return c.print(merged, func(w io.Writer) { fmt.Fprintf(w, "%s is at %.10s now.\n", printable(merged.Branch), merged.Tip) })
		})
	cmd.Flags().StringVar(&t.Branch, "into", "", "your branch; left out: the session's base")
	cmd.Flags().BoolVar(&t.Squash, "squash", false, "as one commit")
	cmd.Flags().StringVarP(&message, "message", "m", "", "message of the commit")
	cmd.Flags().BoolVar(&yes, "yes", false, "do it without asking, approving the files that run code elsewhere")
	return cmd
}

func showMerge(w io.Writer, s session.Session, p session.MergePlan) {
	sayWorking(w, s)
	fields(w, "into", printable(p.Branch), "as", p.Kind, "files change in", printable(p.CheckedOut))
	for line := range strings.Lines(p.Command) {
		fmt.Fprintln(w, "  $", printable(strings.TrimRight(line, "\n")))
	}
	commitTable(w, p.Commits)
	showLeft(w, s, p.Uncommitted, p.Risky)
}

func (c *cli) rebaseCommand() *cobra.Command {
	agent, yes, onto := false, false, ""
	cmd := c.onSession("rebase ID", "Fetch a session's base and put its commits on top; shows it, and asks", cobra.ExactArgs(1),
		func(ctx context.Context, at *access, s session.Session, _ []string) error {
			plan, err := at.PlanRebase(ctx, s.ID, onto)
			if err != nil {
				return err
			}
			if plan.Behind == 0 {
				if onto != "" {
					if err := at.Rebase(ctx, s.ID, session.Rebase{Onto: onto}); err != nil {
						return err
					}
				}
				return c.print(plan, func(w io.Writer) { fmt.Fprintf(w, "Already up to date with %s.\n", printable(plan.Onto)) })
			}
			if err := c.agree(yes, plan, func(w io.Writer) { showRebase(w, plan, agent) }, "Rebase"); err != nil {
				return err
			}
			return at.Rebase(ctx, s.ID, session.Rebase{Commit: plan.Commit, Onto: onto, Agent: agent})
		})
	cmd.Flags().StringVar(&onto, "onto", "", "another base from now on: a branch, tag or commit; left out: the session's base")
	cmd.Flags().BoolVar(&agent, "agent", false, "let the agent resolve a conflict; without it a conflict ends the rebase")
	cmd.Flags().BoolVar(&yes, "yes", false, "do it without asking")
	return cmd
}

func showRebase(w io.Writer, p session.RebasePlan, agent bool) {
	fields(w, "onto", printable(p.Onto)+fmt.Sprintf(" at %.10s", p.Commit), "behind", fmt.Sprint(p.Behind), "own commits", fmt.Sprint(p.Commits), "like", printable(p.Command))
	if p.Conflict == nil {
		return
	}
	what := "the uncommitted changes"
	if p.Conflict.Subject != "" {
		what = "\"" + printable(p.Conflict.Subject) + "\""
	}
	fmt.Fprintln(w, "It conflicts at", what+":")
	paths(w, p.Conflict.Paths)
	if agent {
		fmt.Fprintln(w, "The agent is asked to resolve it.")
	} else {
		fmt.Fprintln(w, "It would end there; --agent has the agent resolve it.")
	}
}
