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
	"time"
)

// maxPath is what fits into a socket's address on every system that has them (macOS: 104 bytes with the last zero).
const maxPath = 103

// place says where the socket of a data folder lies. Where the folder's path is too long for a socket's address, the
// socket lies in a folder of its own in the system's temporary folder, and the file `pointer` says where.
type place struct{ dir, pointer string }

func placeOf(dir string) place {
	return place{dir: filepath.Join(dir, "control"), pointer: filepath.Join(dir, "control", "address")}
}

func (p place) socket() string { return filepath.Join(p.dir, "bga.sock") }

// Listen opens the socket of the data folder dir. The caller has the folder's lock: a socket that is there already
// was left behind, and is replaced.
func Listen(dir string) (net.Listener, error) {
	p := placeOf(dir)
	if err := os.MkdirAll(p.dir, 0o700); err != nil {
		return nil, fmt.Errorf("make control folder: %w", err)
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
	if old, err := os.ReadFile(p.pointer); err == nil {
		_ = os.Remove(string(old))
		_ = os.Remove(filepath.Dir(string(old)))
		_ = os.Remove(p.pointer)
	}
	path := p.socket()
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return "", fmt.Errorf("replace control socket: %w", err)
	}
	if len(path) <= maxPath {
		return path, nil
	}
	short, err := os.MkdirTemp(shortTemp(), "bga-") // made with mode 0700
	if err != nil {
		return "", fmt.Errorf("make control folder: %w", err)
	}
	path = filepath.Join(short, "bga.sock")
	if err := os.WriteFile(p.pointer, []byte(path), 0o600); err != nil {
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

func dial(ctx context.Context, dir string) (net.Conn, error) {
	p := placeOf(dir)
	path := p.socket()
	if at, err := os.ReadFile(p.pointer); err == nil {
		path = strings.TrimSpace(string(at))
	}
	d := net.Dialer{Timeout: 5 * time.Second}
	return d.DialContext(ctx, "unix", path)
}

// ownListener gives connections of the user's own processes only.
type ownListener struct {
	net.Listener
	place place
}

// Close implements net.Listener; the socket's file goes with it.
func (l ownListener) Close() error {
	err := l.Listener.Close()
	if at, readErr := os.ReadFile(l.place.pointer); readErr == nil {
		_ = os.Remove(filepath.Dir(string(at)))
		_ = os.Remove(l.place.pointer)
	}
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
