package agent

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"sync"
)

// maxQuestion bounds what a hook asks.
const maxQuestion = 8 << 20

// gate is the socket on which a hook of the agent asks for permission.
type gate struct {
	path string
	l    net.Listener
	wg   sync.WaitGroup
}

func openGate() (*gate, error) {
	dir, err := os.MkdirTemp("", "ask")
	if err != nil {
		return nil, fmt.Errorf("make a socket for questions: %w", err)
	}
	g := &gate{path: filepath.Join(dir, "socket")}
	if g.l, err = net.Listen("unix", g.path); err != nil {
		return nil, errors.Join(fmt.Errorf("listen for questions: %w", err), os.RemoveAll(dir))
	}
	return g, nil
}

// serve answers questions until close.
func (g *gate) serve(ask func(hookQuestion) []byte) {
	for {
		conn, err := g.l.Accept()
		if err != nil {
			return
		}
		g.wg.Go(func() {
			defer conn.Close()
			var q hookQuestion
			if json.NewDecoder(io.LimitReader(conn, maxQuestion)).Decode(&q) != nil {
				q = hookQuestion{Tool: "something that is not understood"}
			}
			_, _ = conn.Write(ask(q)) // the agent may be gone
		})
	}
}

func (g *gate) close() {
	g.l.Close()
	g.wg.Wait() // all that asked were answered: the agent is gone
	os.RemoveAll(filepath.Dir(g.path))
}

// Ask is the other end, the hook: it passes a question on and writes the answer. Without a socket there is nobody to
// ask, and the answer is yes.
func Ask(ctx context.Context, socket string, in io.Reader, out io.Writer) error {
	if socket == "" {
		return nil
	}
	var d net.Dialer
	conn, err := d.DialContext(ctx, "unix", socket)
	if err != nil {
		return fmt.Errorf("ask for permission: %w", err)
	}
	defer conn.Close()
	defer context.AfterFunc(ctx, func() { conn.Close() })()
	if _, err := io.Copy(conn, io.LimitReader(in, maxQuestion)); err != nil {
		return fmt.Errorf("ask for permission: %w", err)
	}
	if err := conn.(*net.UnixConn).CloseWrite(); err != nil {
		return fmt.Errorf("ask for permission: %w", err)
	}
	_, err = io.Copy(out, conn)
	return err
}
