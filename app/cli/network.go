package main

import (
	"context"
	"fmt"
	"io"
	"net"
	"strconv"

	"github.com/spf13/cobra"

	"background-agents/backend/session"
)

func (c *cli) networkCommand() *cobra.Command {
	limit := 0
	cmd := c.onSession("network ID", "Show what a session's sandbox wanted to reach, and say what it may", cobra.ExactArgs(1),
		func(ctx context.Context, at *access, s session.Session, _ []string) error {
			rows, err := at.Connections(ctx, s.ID, limit)
			if err != nil {
				return err
			}
			return c.print(orEmpty(rows), func(w io.Writer) { connectionTable(w, rows) })
		})
	cmd.Flags().IntVar(&limit, "limit", 200, "at most so many, the newest first")
	cmd.AddCommand(c.hostsCommand(),
		c.hostCommand("allow HOST", "Let the sandboxes of a project reach a host", func(ctx context.Context, at *access, p session.ProjectID, host string) error {
			return at.SetHost(ctx, p, session.HostRule{Host: host, Allow: true})
		}),
		c.hostCommand("block HOST", "Keep the sandboxes of a project from a host, whatever else is allowed", func(ctx context.Context, at *access, p session.ProjectID, host string) error {
			return at.SetHost(ctx, p, session.HostRule{Host: host})
		}),
		c.hostCommand("forget HOST", "Take back what was said about a host", func(ctx context.Context, at *access, p session.ProjectID, host string) error {
			return at.ForgetHost(ctx, p, host)
		}),
	)
	return cmd
}

// onProject makes a command about the project that --project names, and f to do with it.
func (c *cli) onProject(use, short string, args cobra.PositionalArgs, f func(context.Context, *access, session.Project, []string) error) *cobra.Command {
	name := ""
	cmd := &cobra.Command{Use: use, Short: short, Args: args, RunE: func(cmd *cobra.Command, args []string) error {
		at, err := c.ops(cmd.Context())
		if err != nil {
			return err
		}
		p, err := findProject(cmd.Context(), at, name, false)
		if err != nil {
			return err
		}
		return f(cmd.Context(), at, p, args)
	}}
	cmd.Flags().StringVar(&name, "project", "", "the project, by name, id or path (default: of this folder)")
	return cmd
}

func (c *cli) hostCommand(use, short string, f func(context.Context, *access, session.ProjectID, string) error) *cobra.Command {
	cmd := c.onProject(use, short, cobra.ExactArgs(1), func(ctx context.Context, at *access, p session.Project, args []string) error {
		return f(ctx, at, p.ID, args[0])
	})
	cmd.Long = short + ".\n\nHOST is example.com, *.example.com for all below it, or one of them with a port: example.com:8080."
	return cmd
}

func (c *cli) hostsCommand() *cobra.Command {
	return c.onProject("hosts", "Show what you said about hosts for a project", cobra.NoArgs, func(_ context.Context, _ *access, p session.Project, _ []string) error {
		return c.print(orEmpty(p.Hosts), func(w io.Writer) { hostTable(w, p) })
	})
}

func hostTable(w io.Writer, p session.Project) {
	if len(p.Hosts) == 0 {
		fmt.Fprintf(w, "Nothing was said about any host for %s.\n", printable(p.Name))
		return
	}
	var lines [][]string
	for _, r := range p.Hosts {
		verdict := "blocked"
		if r.Allow {
			verdict = "allowed"
		}
		lines = append(lines, []string{r.Host, verdict})
	}
	table(w, "HOST\tVERDICT", lines)
}

func connectionTable(w io.Writer, rows []session.Connection) {
	if len(rows) == 0 {
		fmt.Fprintln(w, "It reached for nothing but its model.")
		return
	}
	var lines [][]string
	for _, r := range rows {
		verdict := "refused"
		if r.Allowed {
			verdict = "allowed"
		}
		lines = append(lines, []string{
			age(r.At), net.JoinHostPort(r.Host, strconv.Itoa(r.Port)), verdict, r.Rule, sized(r.Up), sized(r.Down), took(int(r.Millis)),
		})
	}
	table(w, "AGE\tHOST\tVERDICT\tBECAUSE\tUP\tDOWN\tTIME", lines)
}
