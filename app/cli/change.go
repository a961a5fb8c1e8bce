package main

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"background-agents/backend/session"
)

// changeTries is how often a change is recreated where somebody else was faster.
const changeTries = 5

// changeSettings changes the settings as they are now.
func changeSettings(ctx context.Context, at *access, change func(*session.Settings) error) error {
	return changing(func() (rev int, err error) {
		e, err := state(ctx, at)
		if err != nil {
			return 0, err
		}
		s := *e.Settings
		if err := change(&s); err != nil {
			return s.Rev, err
		}
		return s.Rev, at.SaveSettings(ctx, s)
	})
}

// changeProject changes a project as it is now.
func changeProject(ctx context.Context, at *access, id session.ProjectID, change func(*session.Project) error) error {
	return changing(func() (rev int, err error) {
		e, err := state(ctx, at)
		if err != nil {
			return 0, err
		}
		for _, p := range e.Projects {
			if p.ID == id {
				if err := change(&p); err != nil {
					return p.Rev, err
				}
				return p.Rev, at.SaveProject(ctx, p)
			}
		}
		return 0, &session.Error{Code: session.CodeNotFound, Message: "The project is gone.", Hint: "`bga project list` shows them all."}
	})
}

// changing does a change again while each try conflicts with a newer revision.
func changing(try func() (rev int, err error)) error {
	last := -1
	for n := 1; ; n++ {
		rev, err := try()
		if session.CodeOf(err) != session.CodeConflict || n == changeTries || rev == last {
			return err
		}
		last = rev
	}
}

func (c *cli) projectSet() *cobra.Command {
	var d session.Defaults
	var policy, network string
	var cmd *cobra.Command
	given := func(name string) bool { return cmd.Flags().Changed(name) }
	cmd = c.onProject("set", "Set what new sessions of a project begin with", cobra.NoArgs, func(ctx context.Context, at *access, p session.Project, _ []string) error {
		fields := map[string]func(*session.Defaults){
			"agent": func(o *session.Defaults) { o.Agent = d.Agent }, "model": func(o *session.Defaults) { o.Model = d.Model },
			"effort": func(o *session.Defaults) { o.Effort = d.Effort }, "mode": func(o *session.Defaults) { o.Mode = d.Mode },
			"policy":  func(o *session.Defaults) { o.Policy = session.Policy(policy) },
			"network": func(o *session.Defaults) { o.Network = session.Network(network) },
		}
		any := false
		for name := range fields {
			any = any || given(name)
		}
		if !any {
			return usage{errors.New("name what to set, such as --network offline")}
		}
		var now session.Defaults
		err := changeProject(ctx, at, p.ID, func(p *session.Project) error {
			for name, set := range fields {
				if given(name) {
					set(&p.Defaults)
				}
			}
			now = p.Defaults
			return nil
		})
		if err != nil {
			return err
		}
		return c.print(now, func(w io.Writer) { fmt.Fprintf(w, "New sessions of %s begin with that.\n", printable(p.Name)) })
	})
	cmd.Long = "Set what new sessions of a project begin with. What is named for one session (`bga new --network open`) counts for that session alone.\n" +
		"An empty value, such as --model \"\", goes back to the general settings."
	cmd.Flags().StringVar(&d.Agent, "agent", "", "agent")
	cmd.Flags().StringVar(&d.Model, "model", "", "model")
	cmd.Flags().StringVar(&d.Effort, "effort", "", "effort")
	cmd.Flags().StringVar(&d.Mode, "mode", "", "mode")
	cmd.Flags().StringVar(&policy, "policy", "", "ask, allow_edits or allow_all")
	cmd.Flags().StringVar(&network, "network", "", "guarded, offline or open")
	return cmd
}
