package main

import (
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"time"

	"background-agents/sandbox/supervisor/handover"
)

// connectWait is how long connect waits for a supervisor that is just starting.
const connectWait = 5 * time.Second

// connect hands in and out to the running supervisor, as the host's channel, and waits for its end.
func connect(ctx context.Context, socket string, in, out *os.File) error {
	conn, err := dialSocket(ctx, socket)
	if err != nil {
		return err
	}
	defer conn.Close()
	return handover.Give(ctx, conn, in, out)
}

// join copies in and out to a socket of the running supervisor until either side ends.
func join(ctx context.Context, socket string, in io.Reader, out io.Writer) error {
	conn, err := dialSocket(ctx, socket)
	if err != nil {
		return err
	}
	defer conn.Close()
	done := make(chan error, 2)
	go func() { _, err := io.Copy(conn, in); done <- err }()
	go func() { _, err := io.Copy(out, conn); done <- err }()
	select {
	case err = <-done: // whichever half ends, all has ended
	case <-ctx.Done():
	}
	return err
}

func dialSocket(ctx context.Context, socket string) (*net.UnixConn, error) {
	ctx, cancel := context.WithTimeout(ctx, connectWait)
	defer cancel()
	var d net.Dialer
	for {
		conn, err := d.DialContext(ctx, "unix", socket)
		if err == nil {
			return conn.(*net.UnixConn), nil
		}
		err = fmt.Errorf("connect to the supervisor: %w", err)
		select {
		case <-ctx.Done():
			return nil, err
		case <-time.After(20 * time.Millisecond):
		}
		if _, statErr := os.Stat(socket); statErr != nil && !os.IsNotExist(statErr) {
			return nil, fmt.Errorf("connect to the supervisor: %w", statErr) // no right to look: waiting does not help
		}
	}
}
