package main

import (
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"background-agents/backend/session"
)

func (c *cli) newCommand() *cobra.Command {
	var n session.NewSession
	var project, network, policy string
	var wait bool
	cmd := &cobra.Command{
		Use:   "new [PROMPT | -]",
		Short: "Start a session; prints its id",
		Long: "Starts a session on a project and prints its id. The project is the one that the working folder lies in,\n" +
			"or --project. With - the prompt is read from standard input; without one the session waits for it.",
		RunE: func(cmd *cobra.Command, args []string) error {
			ctx := cmd.Context()
			text, err := c.text(args)
			if err != nil {
				return err
			}
			at, err := c.ops(ctx)
			if err != nil {
				return err
			}
			p, err := findProject(ctx, at, project, true)
			if err != nil {
				return err
			}
			if n.Folder, err = absolute(project); err != nil { // the working folder, where no project is named
				return err
			}
			n.Project, n.Network, n.Policy = p.ID, session.Network(network), session.Policy(policy)
			n.Prompt = session.NewPrompt{Text: text}
			if text != "" {
				n.Prompt.ID = promptID()
			}
			s, err := at.Create(ctx, n)
			if err != nil {
				return err
			}
			return c.afterPrompt(ctx, at, s, n.Prompt.ID, wait, true)
		},
	}
	f := cmd.Flags()
	f.StringVar(&project, "project", "", "path, name or id of the project")
	f.StringVar(&n.Agent, "agent", "", "agent, e.g. opencode")
	f.StringVar(&n.Model, "model", "", "model, e.g. demo/scripted")
	f.StringVar(&n.Effort, "effort", "", "how hard the model thinks, where the agent lets one choose")
	f.StringVar(&n.Mode, "mode", "", "plan or build, where the agent lets one choose")
	f.StringVar(&n.Base, "base", "", "branch, tag or commit to start from")
	f.StringVar(&n.Branch, "branch", "", "name of the session's branch")
	f.StringVar(&n.Title, "title", "", "title")
	f.StringVar(&network, "network", "", "guarded, offline or open")
	f.StringVar(&policy, "policy", "", "who answers permissions: ask, allow_edits or allow_all")
	f.BoolVar(&wait, "wait", false, "wait for the end of the turn")
	return cmd
}

// afterPrompt says which session it is, and waits as far as it must: to the end of the turn where that is asked, and to
// its beginning where the backend ends with this command.
func (c *cli) afterPrompt(ctx context.Context, at *access, s session.Session, prompt session.PromptID, wait, created bool) error {
	if created && (!c.json || !wait) {
		if err := c.print(s, func(w io.Writer) { fmt.Fprintln(w, s.ID) }); err != nil {
			return err
		}
	}
	if !wait && !at.own {
		return nil
	}
	progress := &progress{w: c.err, session: s.ID, agent: s.Agent, since: s.Items}
	last, err := c.follow(ctx, at, s.ID, progress.show, func(s session.Session) bool {
		return rests(s, prompt) || !wait && handedOver(s, prompt)
	})
	if err != nil {
		return err
	}
	if !wait && !rests(last, prompt) {
		fmt.Fprintf(c.err, "%s goes on in its sandbox. Its result is fetched by the application, `bga serve`, or `bga log %s --follow`.\n", last.ID, last.ID)
		return nil
	}
	if created && c.json && wait {
		if err := c.printLine(last); err != nil {
			return err
		}
	}
	return c.outcome(ctx, at, last)
}

func promptID() session.PromptID { return session.PromptID(strings.ToLower(rand.Text())) }

// text returns the prompt of a command line: its words, or with - what standard input has.
func (c *cli) text(args []string) (string, error) {
	if len(args) != 1 || args[0] != "-" {
		return strings.Join(args, " "), nil
	}
	raw, err := io.ReadAll(io.LimitReader(c.in, session.MaxPromptText+1))
	if err != nil {
		return "", fmt.Errorf("read standard input: %w", err)
	}
	return strings.TrimRight(string(raw), "\n"), nil
}

func absolute(path string) (string, error) {
	abs, err := filepath.Abs(path)
	if err != nil {
		return "", fmt.Errorf("find %s: %w", path, err)
	}
	return abs, nil
}
