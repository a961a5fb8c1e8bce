package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"background-agents/backend/session"
)

func (c *cli) serveCommand() *cobra.Command {
	return &cobra.Command{
		Use: "serve", Short: "Run the backend without a window, in the foreground", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			at, err := c.ops(cmd.Context())
			if err != nil {
				return err
			}
			if !at.own {
				return &session.Error{Code: session.CodeRunning, Message: "The application is running already.", Hint: "`bga` talks to it; nothing more is needed."}
			}
			fmt.Fprintln(c.err, "Serving. Ctrl+C ends it; sandboxes go on with their turns.")
			<-cmd.Context().Done()
			return nil
		},
	}
}
