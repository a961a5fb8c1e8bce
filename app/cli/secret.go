package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"background-agents/backend/session"
)

func (c *cli) secretCommand() *cobra.Command {
	secret := &cobra.Command{Use: "secret", Short: "Values that agents get and nobody sees: keys, tokens, passwords", Args: cobra.NoArgs,
		Long: "Values that agents get and nobody sees. They lie in the keychain of the operating system, for all sessions, for those of a\n" +
			"project, or for one; the most specific counts. No command shows a value.",
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() }}
	secret.AddCommand(c.secretSet(), c.secretList(), c.secretDelete(), c.secretPaste(),
		c.secretMark("plain", session.MarkPlain, "Say that a value is not a secret: transcripts show it, and commits with it can be pushed"),
		c.secretMark("hide", session.MarkHidden, "Say that a value is a secret, though it looks like an ordinary one"))
	return secret
}

// onScope makes a command on the secrets of those whom --project or --session names.
func (c *cli) onScope(use, short string, args cobra.PositionalArgs, f func(context.Context, *access, session.SecretScope, []string) error) *cobra.Command {
	project, id := "", ""
	cmd := &cobra.Command{
		Use: use, Short: short, Args: args,
		RunE: func(cmd *cobra.Command, args []string) error {
			if project != "" && id != "" {
				return usage{errors.New("give --project or --session, not both")}
			}
			at, err := c.ops(cmd.Context())
			if err != nil {
				return err
			}
			scope, err := findScope(cmd.Context(), at, project, id)
			if err != nil {
				return err
			}
			return f(cmd.Context(), at, scope, args)
		},
	}
	cmd.Flags().StringVar(&project, "project", "", "for the sessions of this project")
	cmd.Flags().StringVar(&id, "session", "", "for this session alone")
	return cmd
}

func findScope(ctx context.Context, at *access, project, id string) (scope session.SecretScope, err error) {
	if project != "" {
		p, err := findProject(ctx, at, project, false)
		scope.Project = p.ID
		return scope, err
	}
	if id != "" {
		s, err := findSession(ctx, at, id)
		scope.Session = s.ID
		return scope, err
	}
	return scope, nil
}

func delivery(asFile bool) session.Delivery {
	if asFile {
		return session.DeliverFile
	}
	return session.DeliverEnv
}

// maxSecretInput bounds what is read of standard input: more than any value or .env text may have.
const maxSecretInput = 2 << 20

func (c *cli) secretSet() *cobra.Command {
	asFile := false
	cmd := c.onScope("set NAME", "Set a secret; its value comes from standard input", cobra.ExactArgs(1),
		func(ctx context.Context, at *access, scope session.SecretScope, args []string) error {
			value, err := c.unseen("Value of "+printable(args[0]), maxSecretInput)
			if err != nil {
				return err
			}
			if !asFile { // the shell's, not the value's; a file may need it
				value = strings.TrimSuffix(strings.TrimSuffix(value, "\n"), "\r")
			}
			e, err := at.SetSecret(ctx, scope, args[0], delivery(asFile), session.NewSecret(value))
			if err != nil {
				return err
			}
			return c.print(e, func(w io.Writer) {
				fmt.Fprintf(w, "%s is set. Sandboxes get it at their next start.\n", e.Name)
				if e.Shown {
					fmt.Fprintln(w, shownNote(e))
				}
			})
		})
	cmd.Flags().BoolVar(&asFile, "file", false, "deliver it as a file, which NAME_FILE in the environment names, not as a variable")
	return cmd
}

func (c *cli) secretList() *cobra.Command {
	return c.onScope("list", "List the secrets that sessions get; with neither flag those of all sessions", cobra.NoArgs,
		func(ctx context.Context, at *access, scope session.SecretScope, _ []string) error {
			list, err := at.Secrets(ctx, scope)
			if err != nil {
				return err
			}
			return c.print(orEmpty(list), func(w io.Writer) { secretTable(w, list) })
		})
}

func secretTable(w io.Writer, list []session.SecretEntry) {
	if len(list) == 0 {
		fmt.Fprintln(w, "No secrets. Set one: bga secret set NAME < FILE")
		return
	}
	var rows [][]string
	for i, e := range list {
		scope, note := "all sessions", ""
		switch {
		case e.Session != "":
			scope = "session " + string(e.Session)
		case e.Project != "":
			scope = "project " + string(e.Project)
		}
		if e.Shown {
			note = "not hidden"
			if e.Marked == session.MarkPlain {
				note = "not a secret"
			}
		}
		if i > 0 && list[i-1].Name == e.Name {
			note = "another counts"
		}
		rows = append(rows, []string{e.Name, scope, string(e.Delivery), age(e.UpdatedAt), note})
	}
	table(w, "NAME\tFOR\tAS\tAGE\tNOTE", rows)
}

func (c *cli) secretDelete() *cobra.Command {
	return c.onScope("delete NAME", "Delete a secret", cobra.ExactArgs(1),
		func(ctx context.Context, at *access, scope session.SecretScope, args []string) error {
			return at.DeleteSecret(ctx, scope, args[0])
		})
}

// shownNote says why a value is shown where it occurs, and how to change that.
func shownNote(e session.SecretEntry) string {
	if e.Marked == session.MarkPlain {
		return "You said that it is not a secret: transcripts and logs show it."
	}
	return "It looks like an ordinary value, so transcripts and logs show it. To hide one of 6 characters or more: bga secret hide " + e.Name + scopeFlags(e.Scope())
}

func scopeFlags(at session.SecretScope) string {
	switch {
	case at.Session != "":
		return " --session " + string(at.Session)
	case at.Project != "":
		return " --project " + string(at.Project)
	}
	return ""
}

func (c *cli) secretMark(verb string, m session.Mark, short string) *cobra.Command {
	return c.onScope(verb+" NAME", short, cobra.ExactArgs(1),
		func(ctx context.Context, at *access, scope session.SecretScope, args []string) error {
			e, err := at.MarkSecret(ctx, scope, args[0], m)
			if err != nil {
				return err
			}
			return c.print(e, func(w io.Writer) {
				if e.Shown {
					fmt.Fprintf(w, "%s is not a secret: transcripts and logs show it, and commits with it can be pushed.\n", e.Name)
				} else {
					fmt.Fprintf(w, "%s is hidden in transcripts and logs, and commits with it can't be pushed.\n", e.Name)
				}
			})
		})
}

func (c *cli) secretPaste() *cobra.Command {
	asFile := false
	cmd := c.onScope("paste", "Set the secrets of a .env text, which comes from standard input", cobra.NoArgs,
		func(ctx context.Context, at *access, scope session.SecretScope, _ []string) error {
			data, err := io.ReadAll(io.LimitReader(c.in, maxSecretInput))
			if err != nil {
				return err
			}
			text, err := session.DotenvText(data) // JSON carries nothing but UTF-8
			if err != nil {
				return err
			}
			pasted, err := at.PasteSecrets(ctx, scope, delivery(asFile), session.NewSecret(text))
			if err != nil {
				return err
			}
			return c.print(pasted, func(w io.Writer) {
				for _, e := range pasted.Set {
					note := ""
					if e.Shown {
						note = " " + shownNote(e)
					}
					fmt.Fprintf(w, "%s is set.%s\n", e.Name, note)
				}
				for _, s := range pasted.Skipped {
					fmt.Fprintf(w, "Line %d (%s) is skipped: %s\n", s.Line, cmp.Or(s.Name, "no name"), s.Reason)
				}
				fmt.Fprintf(w, "%d set, %d skipped.\n", len(pasted.Set), len(pasted.Skipped))
			})
		})
	cmd.Flags().BoolVar(&asFile, "file", false, "deliver them as files")
	return cmd
}
