package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"background-agents/backend/session"
)

func (c *cli) budgetCommand() *cobra.Command {
	var usd float64
	var tokens int64
	var day, standard bool
	cmd := &cobra.Command{
		Use: "budget [ID]", Short: "Show or set what a session, each session or a day may use", Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			at, err := c.ops(cmd.Context())
			if err != nil {
				return err
			}
			e, err := state(cmd.Context(), at)
			if err != nil {
				return err
			}
			settings := *e.Settings
			given := cmd.Flags().Changed
			change := func(b session.Budget) session.Budget {
				if given("usd") {
					b.USD = usd
				}
				if given("tokens") {
					b.Tokens = tokens
				}
				return b
			}
			changes := given("usd") || given("tokens")
			switch {
			case len(args) == 1 && day, len(args) == 0 && standard:
				return usage{fmt.Errorf("--day is for all sessions, --default for one")}
			case len(args) == 1:
				s, err := findSession(cmd.Context(), at, args[0])
				if err != nil {
					return err
				}
				of := settings.SessionBudget
				if s.Budget != nil {
					of = *s.Budget
				}
				switch {
				case standard:
					return at.SetBudget(cmd.Context(), s.ID, nil)
				case changes:
					of = change(of)
					return at.SetBudget(cmd.Context(), s.ID, &of)
				}
				return c.print(of, func(w io.Writer) { fields(w, "budget", bounds(&of), "used", spent(s.Usage)) })
			case changes:
				return changeSettings(cmd.Context(), at, func(s *session.Settings) error {
					if day {
						s.DayBudget = change(s.DayBudget)
					} else {
						s.SessionBudget = change(s.SessionBudget)
					}
					return nil
				})
			}
			today, err := at.Today(cmd.Context())
			if err != nil {
				return err
			}
			return c.print(map[string]any{"session": settings.SessionBudget, "day": settings.DayBudget, "today": today}, func(w io.Writer) {
				u := today.Use
				fields(w, "each session", bounds(&settings.SessionBudget), "each day", bounds(&settings.DayBudget),
					"today", spent(session.Usage{Input: u.Input, Output: u.Output, Cost: u.USD, Requests: u.Requests, Estimated: u.Estimated}))
			})
		},
	}
	cmd.Flags().Float64Var(&usd, "usd", 0, "dollars; 0 is no bound")
	cmd.Flags().Int64Var(&tokens, "tokens", 0, "tokens, input and output together; 0 is no bound")
	cmd.Flags().BoolVar(&day, "day", false, "for all sessions of a day together")
	cmd.Flags().BoolVar(&standard, "default", false, "let the budget of each session count for this one")
	return cmd
}

// bounds writes a budget, "" for none of its own.
func bounds(b *session.Budget) string {
	if b == nil {
		return ""
	}
	var words []string
	if b.USD > 0 {
		words = append(words, fmt.Sprintf("$%.2f", b.USD))
	}
	if b.Tokens > 0 {
		words = append(words, fmt.Sprintf("%d tokens", b.Tokens))
	}
	if len(words) == 0 {
		return "no bound"
	}
	return strings.Join(words, " and ")
}

// spent writes what was used, "" for nothing.
func spent(u session.Usage) string {
	if u.Requests == 0 && u.Input+u.Output == 0 {
		return ""
	}
	words := fmt.Sprintf("%d requests, %d tokens in, %d out", u.Requests, u.Input, u.Output)
	if u.Requests == 1 {
		words = strings.Replace(words, "requests", "request", 1)
	}
	if u.Estimated > 0 {
		words += fmt.Sprintf(" (%d of them estimated)", u.Estimated)
	}
	if u.Cost > 0 {
		words += fmt.Sprintf(", $%.2f", u.Cost)
	}
	return words
}
