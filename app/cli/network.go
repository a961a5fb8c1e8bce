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
	cmd := c.onSession("network ID", "Show what a session's sandbox wanted to reach", cobra.ExactArgs(1),
		func(ctx context.Context, at *access, s session.Session, _ []string) error {
			rows, err := at.Connections(ctx, s.ID, limit)
			if err != nil {
				return err
			}
			return c.print(orEmpty(rows), func(w io.Writer) { connectionTable(w, rows) })
		})
	cmd.Flags().IntVar(&limit, "limit", 200, "at most so many, the newest first")
	return cmd
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
