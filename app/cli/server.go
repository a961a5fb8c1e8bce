package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"background-agents/backend/session"
)

func (c *cli) mcpCommand() *cobra.Command {
	mcp := &cobra.Command{Use: "mcp", Short: "The servers of tools (MCP) that a project's agents get", Args: cobra.NoArgs,
		Long: "Servers of the Model Context Protocol that a project's agents get: programs in the sandbox, or addresses that its network\n" +
			"lets it reach. In a value of --env or --header and in an address, ${NAME} stands for the secret NAME (`bga secret set`),\n" +
			"which the server gets when a session starts and which is stored nowhere else. Put it in single quotes, so that your\n" +
			"shell leaves it as it is. Without --project it is the project that the working folder lies in.",
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() }}
	mcp.AddCommand(c.mcpList(), c.mcpAdd(), c.mcpRemove())
	return mcp
}

func (c *cli) mcpList() *cobra.Command {
	return c.onProject("list", "List a project's servers of tools", cobra.NoArgs,
		func(_ context.Context, _ *access, p session.Project, _ []string) error {
			return c.print(orEmpty(p.MCP), func(w io.Writer) { serverTable(w, p) })
		})
}

// serverTable shows of values only whose they are: one may be a key that was not kept as a secret.
func serverTable(w io.Writer, p session.Project) {
	if len(p.MCP) == 0 {
		fmt.Fprintf(w, "%s has no servers of tools. Add one: bga project mcp add NAME\n", printable(p.Name))
		return
	}
	var rows [][]string
	for _, s := range p.MCP {
		what, gets := s.URL, s.Headers
		if s.URL == "" {
			what, gets = strings.Join(s.Command, " "), s.Env
		}
		var names []string
		for _, g := range gets {
			names = append(names, valueName(g))
		}
		rows = append(rows, []string{s.Name, what, strings.Join(names, ", ")})
	}
	table(w, "NAME\tSTARTS WITH\tGETS", rows)
}

func valueName(pair string) string {
	return pair[:max(strings.IndexAny(pair, "=:"), 0)]
}

func (c *cli) mcpAdd() *cobra.Command {
	s := session.MCPServer{Command: []string{}}
	dash := -1
	cmd := c.onProject("add NAME (URL | -- COMMAND...)", "Add a server of tools: an address, or after -- a program of the sandbox", cobra.MinimumNArgs(1),
		func(ctx context.Context, at *access, p session.Project, args []string) error {
			s.Name = args[0]
			switch {
			case dash == 1 && len(s.Headers) == 0:
				s.Command = args[1:]
			case dash < 0 && len(args) == 2 && len(s.Env) == 0:
				s.URL = args[1]
			case dash == 1:
				return usage{errors.New("--header is for an address; a program gets --env")}
			case dash < 0 && len(args) == 2:
				return usage{errors.New("--env is for a program; an address gets --header")}
			default:
				return usage{errors.New("give an address, or -- and the command of a program")}
			}
			err := changeProject(ctx, at, p.ID, func(p *session.Project) error {
				if slices.ContainsFunc(p.MCP, func(o session.MCPServer) bool { return o.Name == s.Name }) {
					return &session.Error{Code: session.CodeConflict, Message: p.Name + " has a server of tools " + s.Name + " already.", Hint: "Choose another name, or remove it first."}
				}
				p.MCP = append(slices.Clone(p.MCP), s)
				return nil
			})
			if err != nil {
				return err
			}
			if plain := keptPlain(s); plain != "" {
				fmt.Fprintf(c.err, "note: The value of %s is stored as it stands, and agents can read it. `bga secret set NAME` keeps it in the keychain, and ${NAME} stands for it.\n", printable(plain))
			}
			return c.print(s, func(w io.Writer) {
				fmt.Fprintf(w, "%s is added. Sandboxes get it at their next start.\n", s.Name)
			})
		})
	cmd.Args = func(cmd *cobra.Command, args []string) error {
		dash = cmd.ArgsLenAtDash()
		return cobra.MinimumNArgs(1)(cmd, args)
	}
	cmd.Flags().StringArrayVar(&s.Env, "env", []string{}, "NAME=value, for a program; may be repeated")
	cmd.Flags().StringArrayVar(&s.Headers, "header", []string{}, "\"Name: value\", for an address; may be repeated")
	return cmd
}

var ofSecrets = regexp.MustCompile(`(?i)auth|token|secret|passw|key|credential|cookie`)

// keptPlain returns the name of a value that is a secret by its name, and stands there itself.
func keptPlain(s session.MCPServer) string {
	for _, pair := range slices.Concat(s.Env, s.Headers) {
		if name := valueName(pair); ofSecrets.MatchString(name) && !strings.Contains(pair, "${") {
			return name
		}
	}
	return ""
}

func (c *cli) mcpRemove() *cobra.Command {
	return c.onProject("remove NAME", "Remove a server of tools", cobra.ExactArgs(1),
		func(ctx context.Context, at *access, p session.Project, args []string) error {
			return changeProject(ctx, at, p.ID, func(p *session.Project) error {
				left := slices.DeleteFunc(slices.Clone(p.MCP), func(s session.MCPServer) bool { return s.Name == args[0] })
				if len(left) == len(p.MCP) {
					return &session.Error{Code: session.CodeNotFound, Message: p.Name + " has no server of tools " + args[0] + ".", Hint: "`bga project mcp list` shows them all."}
				}
				p.MCP = left
				return nil
			})
		})
}
