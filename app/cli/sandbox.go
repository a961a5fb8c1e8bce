package main

import (
	"context"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"background-agents/backend/session"
)

func (c *cli) execCommand() *cobra.Command {
	cmd := c.onSession("exec ID -- COMMAND...", "Run a command in the session's sandbox", cobra.MinimumNArgs(2),
		func(ctx context.Context, at *access, s session.Session, command []string) error {
			if err := c.reached(ctx, at, s); err != nil {
				return err
			}
			code, err := at.Exec(ctx, s.ID, session.Exec{Command: command, Stdin: c.in, Stdout: c.out, Stderr: c.err})
			if err != nil {
				return err
			}
			if code != 0 {
				return exit{code}
			}
			return nil
		})
	cmd.Long = "Runs a command in the session's sandbox, as the agent's user, in /workspace. Standard streams are passed on, and\n" +
		"the command's exit code is the program's own."
	return cmd
}

func (c *cli) sandboxCommand() *cobra.Command {
	return c.onSession("sandbox ID", "Show a session's sandbox", cobra.ExactArgs(1),
		func(ctx context.Context, at *access, s session.Session, _ []string) error {
			b, err := at.Sandbox(ctx, s.ID)
			if err != nil {
				return err
			}
			return c.print(b, func(w io.Writer) { showSandbox(w, b) })
		})
}

func showSandbox(w io.Writer, b session.Sandbox) {
	fields(w,
		"session", string(b.Session),
		"state", string(b.State),
		"container", short(b.Container, 13),
		"image", b.Image,
		"memory", memory(b),
		"cpu", percent(b),
		"started", age(b.StartedAt),
		"exit code", orNone(b.ExitCode),
	)
	for _, v := range b.Volumes {
		fields(w, "volume", v)
	}
	if b.OOMKilled {
		fmt.Fprintln(w, "It was ended because it ran out of memory.")
	}
}

func memory(b session.Sandbox) string {
	if b.State != session.SandboxRunning {
		return ""
	}
	return fmt.Sprintf("%d of %d MB", b.MemoryMB, b.LimitMB)
}

func percent(b session.Sandbox) string {
	if b.State != session.SandboxRunning {
		return ""
	}
	return fmt.Sprintf("%.1f %%", b.CPU)
}
