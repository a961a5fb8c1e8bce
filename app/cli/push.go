package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"background-agents/backend/session"
)

func (c *cli) pushCommand() *cobra.Command {
	var t session.PushTarget
	yes := false
	cmd := c.onSession("push ID", "Push a session's commits; shows what would happen, and asks", cobra.ExactArgs(1),
		func(ctx context.Context, at *access, s session.Session, _ []string) error {
			plan, err := at.PlanPush(ctx, s.ID, t)
			if err != nil {
				return err
			}
			if err := plan.Unmet(s); err != nil {
				return err
			}
			if plan.Done {
				return c.print(plan, func(w io.Writer) {
					fmt.Fprintf(w, "%s has it already: %s\n", plan.Remote, plan.Branch)
					sayWorking(w, s)
				})
			}
			if err := plan.Blocked(s.ID); err != nil {
				return err
			}
			if err := c.agree(yes, plan, func(w io.Writer) { c.showPush(w, s, plan) }, "Push"); err != nil {
				return err
			}
			pushed, err := at.Push(ctx, s.ID, plan.Yes())
			if err != nil {
				return err
			}
			return c.print(pushed, func(w io.Writer) {
				fmt.Fprintf(w, "Pushed %.10s to %s at %s.\n", pushed.Commit, printable(pushed.Branch), pushed.Remote)
			})
		})
	cmd.Flags().StringVar(&t.Remote, "remote", "", "where to push; left out: where git would push the base")
	cmd.Flags().StringVar(&t.Branch, "branch", "", "name of the branch there; left out: the session's")
	cmd.Flags().BoolVar(&yes, "yes", false, "do it without asking, approving what runs code elsewhere and the commits that it takes off")
	return cmd
}

func (c *cli) commitCommand() *cobra.Command {
	message := ""
	cmd := c.onSession("commit ID -m MESSAGE", "Commit what the agent left uncommitted", cobra.ExactArgs(1),
		func(ctx context.Context, at *access, s session.Session, _ []string) error {
			return at.Commit(ctx, s.ID, message)
		})
	cmd.Flags().StringVarP(&message, "message", "m", "", "the commit's message")
	return cmd
}

// agree shows what would happen and asks, unless the user has agreed already. Who cannot be asked is told how to agree.
func (c *cli) agree(yes bool, plan any, show func(io.Writer), verb string) error {
	if yes {
		if !c.json {
			show(c.err)
		}
		return nil
	}
	if err := c.print(plan, show); err != nil {
		return err
	}
	if c.terminal && !c.json {
		fmt.Fprintf(c.out, "%s? [y/N] ", verb)
		line, _ := bufio.NewReader(io.LimitReader(c.in, 100)).ReadString('\n')
		if strings.EqualFold(strings.TrimSpace(line), "y") || strings.EqualFold(strings.TrimSpace(line), "yes") {
			return nil
		}
		fmt.Fprintln(c.out, "Nothing was done.")
		return exit{exitNeedsYou}
	}
	fmt.Fprintln(c.err, "hint: nothing was done; --yes does it.")
	return exit{exitNeedsYou}
}

func (c *cli) showPush(w io.Writer, s session.Session, p session.PushPlan) {
	sayWorking(w, s)
	fields(w, "to", p.Branch+" at "+p.Remote+" ("+printable(p.URL)+")", "runs", printable(p.Command))
	commitTable(w, p.Commits)
	if len(p.Removes) > 0 {
		fmt.Fprintf(w, "It takes these commits off %s at %s:\n", printable(p.Branch), printable(p.Remote))
		commitTable(w, p.Removes)
	}
	showStored(w, p)
	showRaw(w, p.Raw)
	showLeft(w, s, p.Uncommitted, p.Risky)
}

// showStored says which contents do not go out.
func showStored(w io.Writer, p session.PushPlan) {
	f := p.Stored
	if f.Count == 0 {
		return
	}
	is, content := "are", "their contents are"
	if f.Count == 1 {
		is, content = "is", "its content is"
	}
	fmt.Fprintf(w, "%s %s stored by Git LFS; %s not pushed:\n", files(f.Count), is, content)
	paths(w, f.Paths)
	if f.Lost > 0 {
		fmt.Fprintf(w, "The contents of %s are in the sandbox alone: those who check the branch out do not get them.\n", files(f.Lost))
	}
	if f.Lost < f.Count {
		fmt.Fprintf(w, "What this computer has is sent by `git lfs push %s %s` in the worktree, after the push.\n", printable(p.Remote), printable(p.Branch))
	}
}

// showRaw names the files for which a filter should have run.
func showRaw(w io.Writer, raw []session.RawFile) {
	if len(raw) == 0 {
		return
	}
	fmt.Fprintln(w, "Filters don't run in the sandbox, so these files are committed as the agent wrote them:")
	list := make([]string, len(raw))
	for i, f := range raw {
		list[i] = f.Path + " (" + f.Filter + ")"
	}
	paths(w, list)
}

// showLeft says what does not go out, and what runs code elsewhere.
func showLeft(w io.Writer, s session.Session, uncommitted, risky []string) {
	if len(uncommitted) > 0 {
		fmt.Fprintf(w, "Not committed, and so not part of it (`bga commit %s -m MESSAGE`):\n", s.ID)
		paths(w, uncommitted)
	}
	if len(risky) > 0 {
		fmt.Fprintln(w, "These run code elsewhere; look at them first:")
		paths(w, risky)
	}
}

// sayWorking says that what is shown is not all that the running turn will bring.
func sayWorking(w io.Writer, s session.Session) {
	if s.InTurn() {
		fmt.Fprintln(w, "The agent is working: only what it has committed so far is included.")
	}
}

func paths(w io.Writer, list []string) {
	for _, path := range list {
		fmt.Fprintln(w, " ", printable(path))
	}
}

func commitTable(w io.Writer, commits []session.CommitLine) {
	for _, l := range commits {
		fmt.Fprintf(w, "  %.10s  %s\n", l.ID, printable(l.Subject))
	}
}
