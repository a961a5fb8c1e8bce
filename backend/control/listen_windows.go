package control

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net"
	"os/user"
	"path/filepath"
	"strings"

	"github.com/Microsoft/go-winio"
)

// pipe names the pipe of a data folder: pipes have a name space of their own, so the name is made from the path.
func pipe(dir string) string {
	if abs, err := filepath.Abs(dir); err == nil {
		dir = abs
	}
	sum := sha256.Sum256([]byte(strings.ToLower(dir)))
	return `\\.\pipe\background-agents-` + hex.EncodeToString(sum[:8])
}

// Listen opens the pipe of the data folder dir, to the user alone.
func Listen(dir string) (net.Listener, error) {
	u, err := user.Current()
	if err != nil {
		return nil, fmt.Errorf("find the user's id: %w", err)
	}
	l, err := winio.ListenPipe(pipe(dir), &winio.PipeConfig{SecurityDescriptor: "D:P(A;;GA;;;" + u.Uid + ")"})
	if err != nil {
		return nil, fmt.Errorf("open control pipe: %w", err)
	}
	return l, nil
}

func dial(ctx context.Context, dir string) (net.Conn, error) {
	return winio.DialPipeContext(ctx, pipe(dir))
}
