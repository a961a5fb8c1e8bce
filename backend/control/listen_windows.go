package control

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net"
	"os/user"
	"path/filepath"
	"strings"

	"github.com/Microsoft/go-winio"
	"golang.org/x/sys/windows"

	"background-agents/backend/private"
	"background-agents/backend/session"
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

// dial connects to a process of the user's own: pipes have a name space that all users share, and it is going to be told secrets.
func dial(ctx context.Context, dir string) (net.Conn, error) {
	if err := private.Folder(dir); err != nil {
		return nil, err
	}
	conn, err := winio.DialPipeContext(ctx, pipe(dir))
	if err != nil {
		return nil, err
	}
	own, err := serverIsUser(conn)
	if err != nil || !own {
		return nil, errors.Join(&session.Error{
			Code: session.CodeExposed, Message: "The process that listens at " + pipe(dir) + " belongs to another user.",
			Hint: "Set BGA_HOME to another folder of your own.", Err: err,
		}, conn.Close())
	}
	return conn, nil
}

// serverIsUser reports whether the process at the other end of a pipe is the user's.
func serverIsUser(conn net.Conn) (bool, error) {
	handle, ok := conn.(interface{ Fd() uintptr })
	if !ok {
		return false, errors.New("the pipe has no handle")
	}
	var pid uint32
	if err := windows.GetNamedPipeServerProcessId(windows.Handle(handle.Fd()), &pid); err != nil {
		return false, fmt.Errorf("find the pipe's server: %w", err)
	}
	process, err := windows.OpenProcess(windows.PROCESS_QUERY_LIMITED_INFORMATION, false, pid)
	if err != nil {
		return false, fmt.Errorf("open the pipe's server: %w", err)
	}
	defer windows.CloseHandle(process) //nolint:errcheck // nothing was written
	var token windows.Token
	if err := windows.OpenProcessToken(process, windows.TOKEN_QUERY, &token); err != nil {
		return false, fmt.Errorf("find the user of the pipe's server: %w", err)
	}
	defer token.Close()
	theirs, err := token.GetTokenUser()
	if err != nil {
		return false, fmt.Errorf("find the user of the pipe's server: %w", err)
	}
	ours, err := windows.GetCurrentProcessToken().GetTokenUser()
	if err != nil {
		return false, fmt.Errorf("find the user: %w", err)
	}
	return theirs.User.Sid.Equals(ours.User.Sid), nil
}
