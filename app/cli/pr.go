package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"background-agents/backend/session"
)

func (c *cli) prCommand() *cobra.Command {
	var t session.PullRequestTarget
	var title, body string
	var draft, state, decline, yes bool
	var cmd *cobra.Command
	cmd = c.onSession("pr ID", "Push and open a pull request, or update the open one; shows it, and asks", cobra.ExactArgs(1), func(ctx context.Context, at *access, s session.Session, _ []string) error {
		if state {
			pr, err := at.ReadPullRequest(ctx, s.ID)
			if err != nil {
				return err
			}
			return c.print(pr, func(w io.Writer) { showPR(w, pr) })
		}
		asked, err := openProposal(ctx, at, s)
		if err != nil {
			return err
		}
		t.Proposal = asked.ID
		if decline && asked.ID == "" {
			return &session.Error{Code: session.CodeConflict, Message: "The agent asks for no pull request.", Hint: "It may have been answered already."}
		}
		if decline {
			return at.DeclineProposal(ctx, s.ID, asked.ID)
		}
		plan, err := at.PlanPullRequest(ctx, s.ID, t)
		if err != nil {
			return err
		}
		if !plan.Push.Done {
			if err := errors.Join(plan.Push.Unmet(s), plan.Push.Blocked(s.ID)); err != nil {
				return err
			}
		}
		if title != "" {
			plan.Title = title
		}
		if body != "" {
			if plan.Body, err = c.file(body); err != nil {
				return err
			}
		}
		if cmd.Flags().Changed("draft") {
			plan.Draft = draft
		}
		if err := c.agree(yes, plan, func(w io.Writer) { c.showPullRequest(w, s, plan) }, "Open"); err != nil {
			return err
		}
		pr, err := at.OpenPullRequest(ctx, s.ID, session.NewPullRequest{
			Push: plan.Push.Yes(), Title: plan.Title, Body: plan.Body, Base: plan.Base, Draft: plan.Draft, Proposal: t.Proposal,
		})
		if err != nil {
			return err
		}
		return c.print(pr, func(w io.Writer) { showPR(w, pr) })
	})
	f := cmd.Flags()
	f.StringVar(&title, "title", "", "title; left out: the session's")
	f.StringVar(&body, "body-file", "", "file with the text, - for standard input; left out: a list of the commits")
	f.StringVar(&t.Base, "base", "", "branch to merge into; left out: the session's base")
	f.StringVar(&t.Remote, "remote", "", "where to push")
	f.StringVar(&t.Branch, "branch", "", "name of the branch there")
	f.BoolVar(&draft, "draft", true, "as a draft; --draft=false for one that is ready")
	f.BoolVar(&state, "state", false, "only show how the pull request is now")
	f.BoolVar(&decline, "decline", false, "say no to the pull request that the agent asks for")
	f.BoolVar(&yes, "yes", false, "do it without asking, approving what runs code elsewhere and the commits that it takes off")
	return cmd
}

// openProposal returns the agent's request for a pull request that waits for an answer, an empty item if there is none.
func openProposal(ctx context.Context, at *access, s session.Session) (session.Item, error) {
	it, err := lastOf(ctx, at, s, session.KindProposal)
	if err != nil || it.Proposal == nil || it.Proposal.Answer != "" {
		return session.Item{}, err
	}
	return it, nil
}

// file reads a text from a file, or with - from standard input.
func (c *cli) file(name string) (string, error) {
	if name == "-" {
		return c.text([]string{"-"})
	}
	raw, err := os.ReadFile(name)
	if err != nil {
		return "", &session.Error{Code: session.CodeNotFound, Message: "The file " + name + " cannot be read.", Hint: "Name a file with the text.", Err: err}
	}
	return string(raw), nil
}

func (c *cli) showPullRequest(w io.Writer, s session.Session, p session.PullRequestPlan) {
	if p.Open != nil {
		fmt.Fprintf(w, "#%d is open already and is updated: %s\n", p.Open.Number, printable(p.Open.URL))
	}
	kind := ""
	if p.Draft {
		kind = "draft"
	}
	fields(w, "title", printable(p.Title), "as", kind, "in", p.Repository, "from", printable(p.Head), "into", printable(p.Base), "asks", printable(p.Command))
	for line := range strings.Lines(p.Body) {
		fmt.Fprintln(w, "  |", printable(strings.TrimRight(line, "\r\n")))
	}
	if p.Way == "browser" {
		next := "The branch is pushed; open the pull request where the repository is hosted."
		if p.Page != "" {
			next = "The branch is pushed, and the page is printed on which you open it."
		}
		fmt.Fprintln(w, printable(p.Because), next)
	}
	if p.Push.Done {
		sayWorking(w, s)
	} else {
		c.showPush(w, s, p.Push)
	}
}

func showPR(w io.Writer, pr session.PullRequest) {
	if pr.Number == 0 && pr.URL == "" {
		fmt.Fprintln(w, "The branch is pushed. Open the pull request where the repository is hosted.")
		return
	}
	if pr.Number == 0 {
		fmt.Fprintln(w, "Open it here:", printable(pr.URL))
		return
	}
	state := pr.State
	if pr.Draft && state == "open" {
		state = "draft"
	}
	fields(w, fmt.Sprintf("#%d", pr.Number), printable(pr.Title), "state", state, "checks", pr.Checks, "at", printable(pr.URL))
}
