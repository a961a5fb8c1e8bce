package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"background-agents/backend/session"
)

func (c *cli) diffCommand() *cobra.Command {
	var stat bool
	var turn int
	cmd := c.onSession("diff ID", "Print what a session changed, as a patch that git apply takes", cobra.ExactArgs(1),
		func(ctx context.Context, at *access, s session.Session, _ []string) error {
			return c.diff(ctx, at, s, turn, stat)
		})
	cmd.Flags().BoolVar(&stat, "stat", false, "only the files and their counts")
	cmd.Flags().IntVar(&turn, "turn", 0, "only what this turn changed")
	return cmd
}

func (c *cli) diff(ctx context.Context, at *access, s session.Session, turn int, stat bool) error {
	if c.json || stat {
		list, err := at.Diff(ctx, s.ID, turn)
		if err != nil {
			return err
		}
		if c.json {
			return c.print(orEmpty(list), nil)
		}
		diffStat(c.out, list)
		return nil
	}
	if !c.terminal {
		return at.WritePatch(ctx, s.ID, turn, c.out)
	}
	shown := &printableLines{w: c.out}
	if err := at.WritePatch(ctx, s.ID, turn, shown); err != nil {
		return err
	}
	return shown.flush()
}

// printableLines passes text on to a terminal, line by line and without what a terminal would obey.
type printableLines struct {
	w    io.Writer
	rest []byte // the beginning of a line, at most maxShownLine
}

// maxShownLine is where a line is cut, so that one without an end needs no memory. Bytes.
const maxShownLine = 64 << 10

func (p *printableLines) Write(b []byte) (int, error) {
	n := len(b)
	for len(b) > 0 {
		line, rest, ended := bytes.Cut(b, []byte("\n"))
		p.rest, b = append(p.rest, line...), rest
		if !ended && len(p.rest) < maxShownLine {
			break
		}
		if ended {
			p.rest = append(p.rest, '\n')
		}
		if err := p.flush(); err != nil {
			return 0, err
		}
	}
	return n, nil
}

func (p *printableLines) flush() error {
	_, err := io.WriteString(p.w, printable(string(p.rest)))
	p.rest = p.rest[:0]
	return err
}

func diffStat(w io.Writer, list []session.FileChange) {
	var d session.DiffStat
	var rows [][]string
	for _, f := range list {
		change := fmt.Sprintf("+%d −%d", f.Added, f.Removed)
		if f.Binary {
			change = "binary"
		}
		name := f.Path
		if f.Old != "" {
			name = f.Old + " -> " + name
		}
		rows = append(rows, []string{f.Status, name, change, f.Risk})
		d.Files, d.Added, d.Removed = d.Files+1, d.Added+f.Added, d.Removed+f.Removed
	}
	if len(rows) == 0 {
		fmt.Fprintln(w, "Nothing changed.")
		return
	}
	table(w, "STATUS\tFILE\tLINES\tLOOK FIRST", rows)
	fmt.Fprintf(w, "%s, %s\n", files(d.Files), counts(d))
}

func (c *cli) checkoutCommand() *cobra.Command {
	return c.onSession("checkout ID", "Make the session's worktree, where it is missing, and print its path", cobra.ExactArgs(1),
		func(ctx context.Context, at *access, s session.Session, _ []string) error {
			path, err := at.Checkout(ctx, s.ID)
			if err != nil {
				return err
			}
			return c.print(map[string]string{"path": path}, func(w io.Writer) { fmt.Fprintln(w, path) })
		})
}

func (c *cli) restoreCommand() *cobra.Command {
	turn, yes := 0, false
	cmd := c.onSession("restore ID --turn N", "Put the files back as they were before a turn", cobra.ExactArgs(1),
		func(ctx context.Context, at *access, s session.Session, _ []string) error {
			if turn < 1 {
				return usage{errors.New("say before which turn: --turn N, from 1")}
			}
			if err := c.reached(ctx, at, s); err != nil {
				return err
			}
			err := at.Restore(ctx, s.ID, turn, yes)
			if !errors.Is(err, &session.Error{Code: session.CodeUnsaved}) {
				return err
			}
			e := *session.AsError(err)
			e.Hint = fmt.Sprintf("Restore all the same: `bga restore %s --turn %d --yes`.", s.ID, turn)
			return &e
		})
	cmd.Flags().IntVar(&turn, "turn", 0, "the turn")
	cmd.Flags().BoolVar(&yes, "yes", false, "also where that takes commits off the session's branch")
	return cmd
}
