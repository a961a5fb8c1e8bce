package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"background-agents/backend/session"
)

func (c *cli) promptCommand() *cobra.Command {
	wait := false
	cmd := c.onSession("prompt ID PROMPT | -", "Send a prompt; it waits behind a turn that runs", cobra.MinimumNArgs(2),
		func(ctx context.Context, at *access, s session.Session, words []string) error {
			text, err := c.text(words)
			if err != nil {
				return err
			}
			p, err := at.Prompt(ctx, s.ID, session.NewPrompt{ID: promptID(), Text: text})
			if err != nil {
				return err
			}
			if c.json {
				if err := c.printLine(p); err != nil {
					return err
				}
			}
			return c.afterPrompt(ctx, at, s, p.ID, wait, false)
		})
	cmd.Flags().BoolVar(&wait, "wait", false, "wait for the end of its turn")
	return cmd
}

// linkPatience is how long a backend may take to find a running sandbox again. It ends when that is found; else what
// was asked for is done without, and says itself what does not answer.
const linkPatience = 3 * time.Second

func (c *cli) stopCommand() *cobra.Command {
	return c.onSession("stop ID", "Stop the running turn; where none runs, the sandbox", cobra.ExactArgs(1),
		func(ctx context.Context, at *access, s session.Session, _ []string) error {
			if err := c.reached(ctx, at, s); err != nil {
				return err
			}
			return at.Stop(ctx, s.ID)
		})
}

func (c *cli) restartCommand() *cobra.Command {
	const short = "Restart a session's sandbox, with the environment and secrets as they are now"
	cmd := c.onSession("restart ID", short, cobra.ExactArgs(1),
		func(ctx context.Context, at *access, s session.Session, _ []string) error {
			if err := c.reached(ctx, at, s); err != nil {
				return err
			}
			switch s.Status {
			case session.Idle:
				if err := at.Stop(ctx, s.ID); err != nil {
					return err
				}
			case session.Starting, session.Working, session.NeedsYou:
				return &session.Error{Code: session.CodeConflict, Message: "The session is working.",
					Hint: "Wait until it is done, or stop its turn first: `bga stop " + string(s.ID) + "`."}
			}
			return at.Resume(ctx, s.ID)
		})
	cmd.Long = "Restarts a session's sandbox. Files and conversation stay; programs that run in it end."
	return cmd
}

// reached waits until a backend that was opened just now has found a session's running sandbox again: before that
// nothing can be done in it, and a turn could be stopped only by ending the sandbox.
func (c *cli) reached(ctx context.Context, at *access, s session.Session) error {
	if !at.own || s.Sandbox != session.SandboxRunning {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, linkPatience)
	defer cancel()
	found := false // what is stored of before says nothing
	_, err := c.follow(ctx, at, s.ID, func(_ *access, e session.Event) { found = !e.State }, func(s session.Session) bool {
		return found && s.Sandbox == session.SandboxRunning
	})
	if errors.Is(err, context.DeadlineExceeded) {
		return nil
	}
	return err
}

func (c *cli) answerCommand() *cobra.Command {
	const short = "Answer what is asked: allow, always, deny or an option's id; add or not-now to what is missing"
	return c.onSession("answer ID OPTION", short, cobra.ExactArgs(2),
		func(ctx context.Context, at *access, s session.Session, args []string) error {
			if add, ok := missingWords[args[0]]; ok {
				it, err := openMissing(ctx, at, s)
				if err != nil {
					return err
				}
				return at.AnswerMissing(ctx, s.ID, it.ID, add)
			}
			p, err := openPermission(ctx, at, s)
			if err != nil {
				return err
			}
			option, ok := optionFor(p, args[0])
			if !ok {
				return usage{fmt.Errorf("there is no option %q:%s", args[0], optionList(p))}
			}
			if err := c.reached(ctx, at, s); err != nil {
				return err
			}
			return at.Answer(ctx, s.ID, p.ID, option)
		})
}

// openPermission returns what a session asks now: what waits longest, so that a question that comes meanwhile is not
// answered in its place.
func openPermission(ctx context.Context, at *access, s session.Session) (session.Permission, error) {
	var asked *session.Permission
	for it, err := range session.Backward(ctx, at, s, lookBack) {
		if err != nil {
			return session.Permission{}, err
		}
		if it.Permission != nil && it.Permission.Answer == "" {
			asked = it.Permission
		}
	}
	if asked != nil {
		return *asked, nil
	}
	return session.Permission{}, &session.Error{
		Code: session.CodeConflict, Message: "The agent asks nothing.", Hint: "It may have been answered already.",
	}
}

// optionWords are words that people use for kinds of options, the kindest first.
var optionWords = map[string][]string{
	"allow":  {"allow_once", "allow_always"},
	"always": {"allow_always"},
	"deny":   {"reject_once", "reject_always"},
	"never":  {"reject_always"},
}

func optionFor(p session.Permission, word string) (string, bool) {
	for _, o := range p.Options {
		if o.ID == word {
			return o.ID, true
		}
	}
	for _, kind := range optionWords[strings.ToLower(word)] {
		for _, o := range p.Options {
			if o.Kind == kind {
				return o.ID, true
			}
		}
	}
	return "", false
}

func optionList(p session.Permission) string {
	var b strings.Builder
	for _, o := range p.Options {
		fmt.Fprintf(&b, " [%s: %s]", visible(o.ID), visible(o.Name))
	}
	return b.String()
}
