package main

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"background-agents/backend/session"
)

func (c *cli) listCommand() *cobra.Command {
	var status string
	var all bool
	cmd := &cobra.Command{
		Use: "list", Short: "List the sessions", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if status != "" && statusWords[session.Status(status)] == "" {
				return usage{fmt.Errorf("there is no status %q: starting, idle, working, needs_you, stopped, failed or archived", status)}
			}
			at, err := c.ops(cmd.Context())
			if err != nil {
				return err
			}
			e, err := state(cmd.Context(), at)
			if err != nil {
				return err
			}
			list := []session.Session{}
			for _, s := range e.Sessions {
				if status == "" && (all || s.Status != session.Archived) || string(s.Status) == status {
					list = append(list, s)
				}
			}
			return c.print(list, func(w io.Writer) { sessionTable(w, list, e.Projects) })
		},
	}
	cmd.Flags().StringVar(&status, "status", "", "only those with this status")
	cmd.Flags().BoolVar(&all, "all", false, "archived ones too")
	return cmd
}

var statusWords = map[session.Status]string{
	session.Starting: "starting", session.Idle: "idle", session.Working: "working", session.NeedsYou: "needs you",
	session.Stopped: "stopped", session.Failed: "failed", session.Archived: "archived",
}

func sessionTable(w io.Writer, list []session.Session, projects []session.Project) {
	if len(list) == 0 {
		fmt.Fprintln(w, "No sessions. Start one: bga new \"what to do\"")
		return
	}
	names := map[session.ProjectID]string{}
	for _, p := range projects {
		names[p.ID] = p.Name
	}
	var rows [][]string
	for _, s := range list {
		rows = append(rows, []string{
			string(s.ID), statusWord(s), short(names[s.Project], 20), short(s.Title, 50), s.Branch, counts(s.Diff), age(s.TurnedAt),
		})
	}
	table(w, "ID\tSTATUS\tPROJECT\tTITLE\tBRANCH\tCHANGES\tAGE", rows)
}

func statusWord(s session.Session) string {
	word := statusWords[s.Status]
	switch {
	case s.Queued:
		return word + ", waits"
	case s.Interrupted:
		return word + ", interrupted"
	case s.Held && waiting(s) > 0 && (s.Status == session.Idle || s.Status == session.Stopped):
		return word + ", queue held"
	}
	return word
}

func (c *cli) showCommand() *cobra.Command {
	return c.onSession("show ID", "Show a session", cobra.ExactArgs(1),
		func(ctx context.Context, at *access, s session.Session, _ []string) error {
			asks := ""
			if s.Status == session.NeedsYou {
				pr, err := openProposal(ctx, at, s)
				if err != nil {
					return err
				}
				p, err := openPermission(ctx, at, s)
				switch {
				case err == nil:
					asks = visible(p.Title) + optionList(p)
					if s.Questions > 1 {
						asks += fmt.Sprintf(", then %d more", s.Questions-1)
					}
				case pr.Proposal != nil:
					asks = "Open a pull request: " + pr.Proposal.Title + " (`bga pr " + string(s.ID) + "`)"
				default:
					return err
				}
			}
			lacks := ""
			if len(s.Missing) > 0 {
				if it, err := openMissing(ctx, at, s); err == nil {
					lacks = missingText(it.Missing) + " (`bga answer " + string(s.ID) + " add`, or not-now)"
				}
			}
			return c.print(s, func(w io.Writer) { showSession(w, s, asks, lacks) })
		})
}

func showSession(w io.Writer, s session.Session, asks, lacks string) {
	diff := ""
	if s.Diff.Files > 0 {
		diff = files(s.Diff.Files) + ", " + counts(s.Diff)
	}
	problem, details := "", ""
	if s.Error != nil {
		details = s.Error.Details
		problem = strings.TrimSpace(s.Error.Message + " " + s.Error.Hint)
	}
	pushed, pr := "", ""
	if s.Pushed != nil {
		pushed = fmt.Sprintf("%.10s to %s at %s", s.Pushed.Commit, printable(s.Pushed.Branch), printable(s.Pushed.Remote))
	}
	if s.PullRequest != nil {
		pr = printable(s.PullRequest.State + " " + s.PullRequest.URL)
	}
	fields(w,
		"id", string(s.ID),
		"title", s.Title,
		"status", statusWord(s),
		"now", s.Step,
		"asks", asks,
		"missing", lacks,
		"error", problem,
		"details", details,
		"agent", strings.TrimSpace(s.Agent+" "+s.Model),
		"base", short(s.BaseRef+" "+s.BaseCommit, 60),
		"branch", s.Branch,
		"worktree", s.Worktree,
		"changes", diff,
		"look first", strings.Join(s.Result.Risky, ", "),
		"pushed", pushed,
		"pull request", pr,
		"turns", fmt.Sprint(s.Turns),
		"used", spent(s.Usage),
		"budget", bounds(s.Budget),
		"queued", orNone(waiting(s)),
		"sandbox", sandboxWord(s),
	)
}

func sandboxWord(s session.Session) string {
	if s.OldEnvironment && s.Sandbox == session.SandboxRunning {
		return string(s.Sandbox) + ", restart to use the new environment: `bga restart " + string(s.ID) + "`"
	}
	return string(s.Sandbox)
}

// waiting counts the prompts that the agent does not have yet.
func waiting(s session.Session) (n int) {
	for _, p := range s.Prompts {
		if !p.Sent {
			n++
		}
	}
	return n
}

func orNone(n int) string {
	if n == 0 {
		return ""
	}
	return fmt.Sprint(n)
}

func (c *cli) renameCommand() *cobra.Command {
	return c.onSession("rename ID TITLE", "Give a session another title", cobra.MinimumNArgs(2),
		func(ctx context.Context, at *access, s session.Session, words []string) error {
			return at.Rename(ctx, s.ID, strings.Join(words, " "))
		})
}
