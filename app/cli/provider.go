package main

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"background-agents/backend/session"
)

func (c *cli) providerCommand() *cobra.Command {
	provider := &cobra.Command{Use: "provider", Short: "Where models come from, and their keys", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() }}
	all := false
	list := &cobra.Command{
		Use: "list", Short: "List the providers, and where their keys were found", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			at, err := c.ops(cmd.Context())
			if err != nil {
				return err
			}
			providers, err := at.Providers(cmd.Context())
			if err != nil {
				return err
			}
			if !all { // many are known by their address; those without a key are of no interest
				providers = slices.DeleteFunc(providers, func(p session.Provider) bool { return p.Kind == session.ProviderMore && !p.Ready })
			}
			return c.print(orEmpty(providers), func(w io.Writer) { providerTable(w, providers) })
		},
	}
	list.Flags().BoolVar(&all, "all", false, "those too that are known and have no key")
	set := &cobra.Command{
		Use: "set ID", Short: "Put a provider's key, read from standard input, into the keychain", Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			key, err := c.key(args[0])
			if err != nil {
				return err
			}
			at, err := c.ops(cmd.Context())
			if err != nil {
				return err
			}
			return at.SetProviderKey(cmd.Context(), args[0], key)
		},
	}
	provider.AddCommand(list, set, c.providerAdd(), c.providerRemove(), c.providerAgree())
	return provider
}

func (c *cli) providerAdd() *cobra.Command {
	var p session.ProviderConfig
	add := &cobra.Command{
		Use: "add ID --url URL", Short: "Add a server that speaks OpenAI's protocol or Anthropic's, or change it", Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			p.ID = args[0]
			at, err := c.ops(cmd.Context())
			if err != nil {
				return err
			}
			return at.SaveProvider(cmd.Context(), p)
		},
	}
	add.Flags().StringVar(&p.URL, "url", "", "its address, such as https://gateway.example.com/v1")
	add.Flags().StringVar(&p.Name, "name", "", "its name, where that is another than the id")
	add.Flags().StringVar(&p.Protocol, "protocol", "openai", "openai or anthropic: what it is compatible with")
	add.Flags().StringArrayVar(&p.Models, "model", nil, "a model, for a server that does not list its own; may be repeated")
	return add
}

func (c *cli) providerRemove() *cobra.Command {
	return &cobra.Command{
		Use: "remove ID", Short: "Remove a provider that you added, or the key of another from the keychain", Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			at, err := c.ops(cmd.Context())
			if err != nil {
				return err
			}
			err = at.RemoveProvider(cmd.Context(), args[0])
			if session.CodeOf(err) == session.CodeNotFound {
				return at.SetProviderKey(cmd.Context(), args[0], "")
			}
			return err
		},
	}
}

func (c *cli) providerAgree() *cobra.Command {
	undo := false
	agree := &cobra.Command{
		Use: "agree ID", Short: "Let a provider's key go to the server that ANTHROPIC_BASE_URL or OPENAI_BASE_URL names", Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			at, err := c.ops(cmd.Context())
			if err != nil {
				return err
			}
			if undo {
				return at.SetKeyAddress(cmd.Context(), args[0], "")
			}
			all, err := at.Providers(cmd.Context())
			if err != nil {
				return err
			}
			address := "-" // of a provider that isn't there: the error says so
			if i := slices.IndexFunc(all, func(p session.Provider) bool { return p.ID == args[0] }); i >= 0 {
				address = all[i].URL
			}
			if err := at.SetKeyAddress(cmd.Context(), args[0], address); err != nil {
				return err
			}
			return c.print(map[string]string{"provider": args[0], "address": address}, func(w io.Writer) {
				fmt.Fprintf(w, "The key for %s goes to %s from now on.\n", printable(args[0]), printable(address))
			})
		},
	}
	agree.Flags().BoolVar(&undo, "undo", false, "let it go to the provider's own address only")
	return agree
}

// key reads a provider's key: one line.
func (c *cli) key(id string) (string, error) {
	text, err := c.unseen("Key for "+printable(id), 64<<10)
	if err != nil {
		return "", err
	}
	line, _, _ := strings.Cut(text, "\n")
	if line = strings.TrimSpace(line); line == "" {
		return "", usage{errors.New("the key is read from standard input, which is empty: bga provider set ID <file")}
	}
	return line, nil
}

func providerTable(w io.Writer, providers []session.Provider) {
	var rows [][]string
	for _, p := range providers {
		ready, about := "no", p.Hint
		if p.Ready {
			ready, about = "yes", p.Source
		}
		if p.URL != "" && (p.Kind == session.ProviderOwn || p.Kind == session.ProviderLocal || p.Elsewhere != "") {
			about = strings.TrimSpace(about + " (" + p.URL + ")")
		}
		rows = append(rows, []string{printable(p.ID), printable(p.Name), ready, fmt.Sprint(len(p.Models)), printable(about)})
	}
	table(w, "ID\tNAME\tREADY\tMODELS\tFROM", rows)
}
