package main

import (
	"fmt"
	"io"
	"os"

	"golang.org/x/term"
)

// unseen reads what must not be seen from standard input, at most limit bytes. At a terminal it asks for one line and shows nothing
// of what is typed.
func (c *cli) unseen(what string, limit int64) (string, error) {
	if f, ok := c.in.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
		fmt.Fprintf(c.err, "%s (not shown): ", what)
		line, err := term.ReadPassword(int(f.Fd()))
		fmt.Fprintln(c.err)
		if err != nil {
			return "", fmt.Errorf("read from the terminal: %w", err)
		}
		return string(line), nil
	}
	all, err := io.ReadAll(io.LimitReader(c.in, limit))
	if err != nil {
		return "", fmt.Errorf("read standard input: %w", err)
	}
	return string(all), nil
}
