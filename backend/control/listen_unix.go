//go:build !windows

package control

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strings"

	"background-agents/backend/private"
	"background-agents/backend/session"
)

// maxPath is what fits into a socket's address on every system that has them (macOS: 104 bytes with the last zero).
const maxPath = 103

// place says where the socket of a data folder lies. Where the folder's path is too long for a socket's address, the
// socket lies in a folder of its own in the system's temporary folder, and the file `pointer` says where.
type place struct{ dir, pointer string }

func placeOf(dir string) place {
	return place{dir: filepath.Join(dir, "control"), pointer: filepath.Join(dir, "control", "address")}
}

// Names of the socket, and of the folder in the system's temporary folder.
const (
	socketName  = "bga.sock"
	shortPrefix = "bga-"
)

func (p place) socket() string { return filepath.Join(p.dir, socketName) }

// Listen opens the socket of the data folder dir. The caller has the folder's lock: a socket that is there already
// was left behind, and is replaced.
func Listen(dir string) (net.Listener, error) {
	p := placeOf(dir)
	if err := errors.Join(private.NoLinks(dir, filepath.Base(p.dir)), private.Make(p.dir)); err != nil {
		return nil, err
	}
	if err := os.Chmod(p.dir, 0o700); err != nil {
		return nil, fmt.Errorf("protect control folder: %w", err)
	}
	path, err := p.free()
	if err != nil {
		return nil, err
	}
	l, err := new(net.ListenConfig).Listen(context.Background(), "unix", path)
	if err != nil {
		return nil, fmt.Errorf("open control socket: %w", err)
	}
	if err := os.Chmod(path, 0o600); err != nil {
		_ = l.Close()
		return nil, fmt.Errorf("protect control socket: %w", err)
	}
	return ownListener{l, p}, nil
}

// free removes what a listener of before left and returns the path of the next.
func (p place) free() (string, error) {
	p.unpoint()
	path := p.socket()
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return "", fmt.Errorf("replace control socket: %w", err)
	}
	if len(path) <= maxPath {
		return path, nil
	}
	short, err := os.MkdirTemp(shortTemp(), shortPrefix) // made with mode 0700
	if err != nil {
		return "", fmt.Errorf("make control folder: %w", err)
	}
	path = filepath.Join(short, socketName)
	if err := private.WriteFile(p.pointer, []byte(path)); err != nil {
		return "", fmt.Errorf("write control address: %w", err)
	}
	return path, nil
}

// shortTemp is the temporary folder, unless that is too long itself.
func shortTemp() string {
	if t := os.TempDir(); len(t)+len("/bga-0123456789/bga.sock") <= maxPath {
		return t
	}
	return "/tmp"
}

// pointed returns the socket to which the pointer leads, "" if there is none. Only a path as free makes it is one: its
// folder is removed later.
func (p place) pointed() (string, error) {
	raw, err := private.ReadFile(p.pointer, 4096)
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	path := string(raw)
	if !filepath.IsAbs(path) || filepath.Clean(path) != path || filepath.Base(path) != socketName ||
		!strings.HasPrefix(filepath.Base(filepath.Dir(path)), shortPrefix) {
		return "", &session.Error{
			Code: session.CodeExposed, Message: p.pointer + " does not name a socket of Background Agents.",
			Hint: "Quit the application, remove this file, and start it again.",
		}
	}
	return path, private.Folder(filepath.Dir(path))
}

// unpoint removes the pointer, with the socket and the folder to which it leads.
func (p place) unpoint() {
	if old, err := p.pointed(); err == nil && old != "" {
		_ = os.Remove(old)
		_ = os.Remove(filepath.Dir(old))
	}
	_ = os.Remove(p.pointer)
}

// dial connects to a process of the user's own, in folders that nobody else can change: it is going to be told secrets.
func dial(ctx context.Context, dir string) (net.Conn, error) {
	p := placeOf(dir)
	if err := errors.Join(private.NoLinks(dir, filepath.Base(p.dir)), private.Folder(p.dir)); err != nil {
		return nil, err
	}
	path, err := p.pointed()
	if err != nil {
		return nil, err
	}
	if path == "" {
		path = p.socket()
	}
	d := net.Dialer{Timeout: connectWait}
	conn, err := d.DialContext(ctx, "unix", path)
	if err != nil {
		return nil, err
	}
	uid, err := peerUID(conn.(*net.UnixConn))
	if err != nil || uid != os.Getuid() {
		return nil, errors.Join(foreign(path, err), conn.Close())
	}
	return conn, nil
}

// foreign says that the listening process belongs to another user.
func foreign(at string, err error) error {
	return &session.Error{
		Code: session.CodeExposed, Message: "The process that listens at " + at + " belongs to another user.",
		Hint: "Run `ls -l " + at + "` to see whose it is, or set BGA_HOME to a folder of your own.", Err: err,
	}
}

// ownListener gives connections of the user's own processes only.
type ownListener struct {
	net.Listener
	place place
}

// Close implements net.Listener; the socket's file goes with it.
func (l ownListener) Close() error {
	err := l.Listener.Close()
	l.place.unpoint()
	return err
}

func (l ownListener) Accept() (net.Conn, error) {
	for {
		conn, err := l.Listener.Accept()
		if err != nil {
			return nil, err
		}
		uid, err := peerUID(conn.(*net.UnixConn))
		if err == nil && uid == os.Getuid() {
			return conn, nil
		}
		_ = conn.Close()
	}
}
