// Command bga does in a terminal what the window does: the same operations, for scripts and for machines without a
// screen. It talks to the running application; where none runs it opens the backend itself.
//
// Exit codes: 0 ok, 1 error, 2 usage, 3 not found, 4 needs you, 5 turn failed. An error is two lines on standard
// error: `error: what happened` and `hint: what to do`.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"background-agents/app/join"
	"background-agents/backend"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	c := &cli{
		in: os.Stdin, out: os.Stdout, err: os.Stderr,
		terminal: isTerminal(os.Stdout),
		open: func(ctx context.Context) (*access, error) {
			p, err := backend.DefaultPaths()
			if err != nil {
				return nil, err
			}
			b, err := join.Open(ctx, p)
			if err != nil {
				return nil, err
			}
			return &access{Operations: b, own: b.Own, close: b.Close}, nil
		},
	}
	code := c.run(ctx, os.Args[1:])
	stop()
	os.Exit(code)
}

func isTerminal(f *os.File) bool {
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}
