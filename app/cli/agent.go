package main

import (
	"io"
	"strings"

	"github.com/spf13/cobra"

	"background-agents/backend/session"
)

func (c *cli) agentCommand() *cobra.Command {
	agent := &cobra.Command{Use: "agent", Short: "The agents that sessions run", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() }}
	list := &cobra.Command{
		Use: "list", Short: "List the agents, with the state of each one's image", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			at, err := c.ops(cmd.Context())
			if err != nil {
				return err
			}
			agents, err := at.Agents(cmd.Context())
			if err != nil {
				return err
			}
			e, err := state(cmd.Context(), at)
			if err != nil {
				return err
			}
			return c.print(agents, func(w io.Writer) { agentTable(w, agents, e) })
		},
	}
	agent.AddCommand(list)
	return agent
}

func agentTable(w io.Writer, agents []session.Agent, e session.Event) {
	images := map[string]string{}
	for _, i := range e.Images {
		images[i.Agent] = i.Status
	}
	var rows [][]string
	for _, a := range agents {
		name := a.Name
		if e.Settings != nil && e.Settings.Agent == a.ID {
			name += " (default)"
		}
		var models []string
		for _, m := range a.Models {
			models = append(models, string(m.Protocol))
		}
		rows = append(rows, []string{a.ID, name, strings.Join(models, ", "), images[a.ID], strings.Join(a.Command, " ")})
	}
	table(w, "ID\tNAME\tMODELS\tIMAGE\tCOMMAND", rows)
}
