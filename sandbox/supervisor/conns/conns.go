// Package conns takes connections until it is told to end.
package conns

import (
	"context"
	"errors"
	"net"
	"time"
)

// pause is how long a listener waits that can take nothing, such as one of a process that is out of files: they come back as
// connections end.
const pause = 100 * time.Millisecond

// Each gives each connection of l to take, one after the other, until ctx ends, which closes l.
func Each[C net.Conn](ctx context.Context, l net.Listener, take func(C)) error {
	defer context.AfterFunc(ctx, func() { _ = l.Close() })()
	for {
		conn, err := l.Accept()
		switch {
		case err == nil:
			take(conn.(C))
		case ctx.Err() != nil:
			return nil
		case errors.Is(err, net.ErrClosed):
			return err
		default:
			time.Sleep(pause)
		}
	}
}
