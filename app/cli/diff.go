package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"background-agents/backend/session"
)

func (c *cli) diffCommand() *cobra.Command {
	var stat bool
	var turn int
	cmd := c.onSession("diff ID", "Print what a session changed, as a patch", cobra.ExactArgs(1),
		func(ctx context.Context, at *access, s session.Session, _ []string) error {
			return c.diff(ctx, at, s, turn, stat)
		})
	cmd.Flags().BoolVar(&stat, "stat", false, "only the files and their counts")
	cmd.Flags().IntVar(&turn, "turn", 0, "only what this turn changed")
	return cmd
}

func (c *cli) diff(ctx context.Context, at *access, s session.Session, turn int, stat bool) error {
	list, err := at.Diff(ctx, s.ID, turn)
	if err != nil {
		return err
	}
	if c.json {
		return c.print(orEmpty(list), nil)
	}
	if stat {
		diffStat(c.out, list)
		return nil
	}
	for _, f := range list {
		p, err := at.Patch(ctx, s.ID, turn, f.Path, session.PatchOptions{Context: 3})
		if err != nil {
			return err
		}
		if c.terminal {
			p = readable(p)
		}
		writePatch(c.out, f, p)
		if p.Truncated {
			fmt.Fprintf(c.err, "%s: the rest is left out; `bga checkout %s` has it all\n", cell(f.Path), s.ID)
		}
	}
	return nil
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

// writePatch writes one file's difference so that `git apply` can read it.
func writePatch(w io.Writer, f session.FileChange, p session.Patch) {
	old := f.Path
	if f.Old != "" {
		old = f.Old
	}
	from, to := quoted("a/"+old), quoted("b/"+f.Path)
	fmt.Fprintf(w, "diff --git %s %s\n", from, to)
	switch f.Status {
	case "added":
		fmt.Fprintln(w, "new file mode 100644")
		from = "/dev/null"
	case "deleted":
		fmt.Fprintln(w, "deleted file mode 100644")
		to = "/dev/null"
	case "renamed", "copied":
		verb := map[string]string{"renamed": "rename", "copied": "copy"}[f.Status]
		if len(p.Hunks) == 0 {
			fmt.Fprintln(w, "similarity index 100%")
		}
		fmt.Fprintf(w, "%s from %s\n%s to %s\n", verb, quoted(old), verb, quoted(f.Path))
	}
	if p.Binary || f.Binary {
		fmt.Fprintf(w, "Binary files %s and %s differ\n", from, to)
		return
	}
	if len(p.Hunks) == 0 {
		return
	}
	fmt.Fprintf(w, "--- %s\n+++ %s\n", ended(from), ended(to))
	for _, h := range p.Hunks {
		fmt.Fprintf(w, "@@ -%s +%s @@%s\n", span(h.OldStart, h.OldLines), span(h.NewStart, h.NewLines), heading(h.Heading))
		for _, l := range h.Lines {
			fmt.Fprintln(w, l)
		}
	}
}

// readable returns a patch that a person reads: a file or a pipe gets the lines as they are, for `git apply`.
func readable(p session.Patch) session.Patch {
	hunks := make([]session.Hunk, len(p.Hunks))
	for i, h := range p.Hunks {
		h.Heading, h.Lines = printable(h.Heading), slices.Clone(h.Lines)
		for j, l := range h.Lines {
			h.Lines[j] = printable(l)
		}
		hunks[i] = h
	}
	p.Hunks = hunks
	return p
}

// ended marks the end of a name with spaces, as git does.
func ended(name string) string {
	if strings.Contains(name, " ") {
		return name + "\t"
	}
	return name
}

func span(start, lines int) string {
	if lines == 1 {
		return strconv.Itoa(start)
	}
	return fmt.Sprintf("%d,%d", start, lines)
}

func heading(s string) string {
	if s == "" {
		return ""
	}
	return " " + s
}

// quoted writes a path as git does: as it is, or in quotes with escapes where it has control characters or quotes.
func quoted(path string) string {
	if !strings.ContainsFunc(path, func(r rune) bool { return r < ' ' || r == '"' || r == '\\' || r >= 0x7f && r < 0xa0 || bidi(r) }) {
		return path
	}
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range path {
		switch {
		case r == '"' || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case r < ' ' || r >= 0x7f && r < 0xa0 || bidi(r):
			for _, c := range []byte(string(r)) {
				fmt.Fprintf(&b, "\\%03o", c)
			}
		default:
			b.WriteRune(r)
		}
	}
	b.WriteByte('"')
	return b.String()
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
	turn := 0
	cmd := c.onSession("restore ID --turn N", "Put the files back as they were before a turn", cobra.ExactArgs(1),
		func(ctx context.Context, at *access, s session.Session, _ []string) error {
			if turn < 1 {
				return usage{errors.New("say before which turn: --turn N, from 1")}
			}
			if err := c.reached(ctx, at, s); err != nil {
				return err
			}
			return at.Restore(ctx, s.ID, turn)
		})
	cmd.Flags().IntVar(&turn, "turn", 0, "the turn")
	return cmd
}
