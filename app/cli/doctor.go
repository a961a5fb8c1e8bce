package main

import (
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"background-agents/backend/session"
)

func (c *cli) doctorCommand() *cobra.Command {
	return &cobra.Command{
		Use: "doctor", Short: "Check what sessions need, and say how to mend it", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			at, err := c.ops(cmd.Context())
			if err != nil {
				return err
			}
			checks, err := at.Doctor(cmd.Context())
			if err != nil {
				return err
			}
			if err := c.print(orEmpty(checks), func(w io.Writer) { checkList(w, checks) }); err != nil {
				return err
			}
			for _, check := range checks {
				if check.Needed && check.Status == "fail" {
					return exit{exitError}
				}
			}
			return nil
		},
	}
}

func checkList(w io.Writer, checks []session.Check) {
	for _, check := range checks {
		fmt.Fprintf(w, "%-5s %s: %s\n", check.Status, check.Title, check.Found)
		if check.Status != "ok" && check.Hint != "" {
			fmt.Fprintf(w, "      %s\n", check.Hint)
		}
	}
}
