package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"unicode/utf8"

	"github.com/spf13/cobra"

	"background-agents/backend/control"
	"background-agents/backend/session"
)

// Exit codes.
const (
	exitError    = 1
	exitUsage    = 2
	exitNotFound = 3
	exitNeedsYou = 4
	exitFailed   = 5
)

// cli is one call of the program.
type cli struct {
	in       io.Reader
	out, err io.Writer
	terminal bool // out is one: tables and colours for people
	json     bool
	open     func(context.Context) (*access, error)
	at       *access
}

// access is the backend that commands use. own says that it ends with this command.
type access struct {
	session.Operations
	own   bool
	close func() error
	// again finds the backend again after the process that had it open has ended; nil where it cannot be found again.
	again func(ctx context.Context) error
}

// exit is an error that has been said already, or that needs no words, with the program's exit code.
type exit struct{ code int }

func (e exit) Error() string { return fmt.Sprintf("exit %d", e.code) }

// usage is an error in how the program was called.
type usage struct{ error }

// run does one call and returns its exit code.
func (c *cli) run(ctx context.Context, args []string) int {
	root := c.root()
	root.SetArgs(args)
	root.SetIn(c.in)
	root.SetOut(c.out)
	root.SetErr(c.err)
	err := checkText(args)
	if err == nil {
		err = root.ExecuteContext(ctx)
	}
	if c.at != nil {
		if closeErr := c.at.close(); err == nil && closeErr != nil {
			err = closeErr
		}
	}
	return c.fail(ctx, err)
}

// checkText refuses arguments that are not UTF-8: as JSON they would name something else.
func checkText(args []string) error {
	for _, a := range args {
		if !utf8.ValidString(a) {
			return &session.Error{
				Code: session.CodeInvalid, Message: fmt.Sprintf("%q is not UTF-8, so it can't be passed on.", a),
				Hint: "Rename the file or folder. For a file in the sandbox use a pattern: bga exec ID -- sh -c 'ls caf?'.",
			}
		}
	}
	return nil
}

// fail says an error and returns the exit code for it.
func (c *cli) fail(ctx context.Context, err error) int {
	var done exit
	var bad usage
	switch {
	case err == nil:
		return 0
	case errors.As(err, &done):
		return done.code
	case errors.As(err, &bad):
		fmt.Fprintf(c.err, "error: %s\nhint: `bga help` lists the commands.\n", printable(bad.Error()))
		return exitUsage
	case ctx.Err() != nil && errors.Is(err, context.Canceled):
		return 130 // interrupted from the keyboard, as shells say it
	}
	c.say(session.AsError(err))
	if session.CodeOf(err) == session.CodeNotFound {
		return exitNotFound
	}
	return exitError
}

func (c *cli) say(e *session.Error) {
	fmt.Fprintln(c.err, "error:", printable(e.Message)) // it may be in the sandbox's words
	if e.Hint != "" {
		fmt.Fprintln(c.err, "hint:", printable(e.Hint))
	}
}

// ops opens the backend at first use.
func (c *cli) ops(ctx context.Context) (*access, error) {
	if c.at == nil {
		at, err := c.open(ctx)
		if err != nil {
			return nil, err
		}
		at.again = func(ctx context.Context) error {
			next, err := c.open(ctx)
			if err != nil {
				return err
			}
			_ = at.close()
			at.Operations, at.own, at.close = next.Operations, next.own, next.close
			return nil
		}
		c.at = at
	}
	return c.at, nil
}

func (c *cli) root() *cobra.Command {
	root := &cobra.Command{
		Use:           "bga",
		Short:         "Coding agents in the background, each in its own sealed sandbox",
		Version:       control.Version,
		SilenceErrors: true,
		SilenceUsage:  true,
		Args:          cobra.NoArgs,
		RunE:          func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	root.CompletionOptions.HiddenDefaultCmd = true
	root.PersistentFlags().BoolVar(&c.json, "json", false, "print JSON: one document, or one per line where it streams")
	root.AddCommand(
		c.doctorCommand(), c.demoCommand(), c.serveCommand(), c.projectCommand(), c.envCommand(), c.agentCommand(),
		c.newCommand(), c.listCommand(), c.showCommand(), c.renameCommand(),
		c.promptCommand(), c.stopCommand(), c.restartCommand(), c.answerCommand(), c.logCommand(),
		c.diffCommand(), c.editsCommand(), c.checkoutCommand(), c.restoreCommand(), c.branchesCommand(),
		c.commitCommand(), c.pushCommand(), c.prCommand(), c.mergeCommand(), c.rebaseCommand(),
		c.execCommand(), c.sandboxCommand(), c.networkCommand(), c.secretCommand(), c.providerCommand(), c.budgetCommand(),
		c.archiveCommand(), c.unarchiveCommand(), c.deleteCommand(),
	)
	markUsage(root)
	return root
}

// markUsage makes errors of flags and arguments usage errors, in every command.
func markUsage(cmd *cobra.Command) {
	cmd.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return usage{err} })
	if check := cmd.Args; check != nil {
		cmd.Args = func(cmd *cobra.Command, args []string) error {
			if err := check(cmd, args); err != nil {
				return usage{err}
			}
			return nil
		}
	}
	for _, sub := range cmd.Commands() {
		markUsage(sub)
	}
}

// onSession makes a command that takes the id of a session, and f to do with it.
func (c *cli) onSession(use, short string, args cobra.PositionalArgs, f func(context.Context, *access, session.Session, []string) error) *cobra.Command {
	return &cobra.Command{
		Use: use, Short: short, Args: args,
		RunE: func(cmd *cobra.Command, args []string) error {
			at, err := c.ops(cmd.Context())
			if err != nil {
				return err
			}
			s, err := findSession(cmd.Context(), at, args[0])
			if err != nil {
				return err
			}
			return f(cmd.Context(), at, s, args[1:])
		},
	}
}
