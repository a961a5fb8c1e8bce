package missing

import (
	"context"
	"fmt"
	"net"
	"strings"
	"time"
)

// Bounds of a message: the words of one command, each with a zero byte after it.
const (
	maxMessage = 4 << 10
	sendLimit  = time.Second // the program that was not found waits for it
)

// Listen opens the socket by which shells tell of commands that they did not find. One message is one datagram: the
// system drops what comes faster than it is read, and there is no connection that could be held open.
func Listen(path string) (*net.UnixConn, error) {
	return net.ListenUnixgram("unixgram", &net.UnixAddr{Name: path, Net: "unixgram"})
}

// Tell sends the words of a command to the socket, as far as they fit.
func Tell(path string, words []string) error {
	conn, err := net.DialUnix("unixgram", nil, &net.UnixAddr{Name: path, Net: "unixgram"})
	if err != nil {
		return fmt.Errorf("reach the supervisor: %w", err)
	}
	defer conn.Close()
	var b []byte
	for _, w := range words {
		if len(b)+len(w)+1 > maxMessage {
			break
		}
		b = append(append(b, w...), 0)
	}
	_ = conn.SetWriteDeadline(time.Now().Add(sendLimit))
	_, err = conn.Write(b)
	return err
}

// Serve takes messages until ctx ends.
func (r *Reporter) Serve(ctx context.Context, conn *net.UnixConn) error {
	defer conn.Close()
	defer context.AfterFunc(ctx, func() { _ = conn.Close() })()
	b := make([]byte, maxMessage)
	for {
		n, err := conn.Read(b)
		switch {
		case ctx.Err() != nil:
			return nil
		case err != nil:
			return fmt.Errorf("hear of missing commands: %w", err)
		}
		r.NotFound(strings.Split(strings.TrimSuffix(string(b[:n]), "\x00"), "\x00"))
	}
}
