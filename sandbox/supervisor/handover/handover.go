// Package handover passes the standard streams of one process to another through a Unix socket. What goes over them
// then passes one process less on its way.
package handover

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"sync"
	"syscall"
	"time"
)

// pipe is how much a pipe may hold, in bytes: what the system allows everyone.
const pipe = 1 << 20

// Give passes in and out over conn, and waits until the process that took them is done with them, or ctx ends.
func Give(ctx context.Context, conn *net.UnixConn, in, out *os.File) error {
	defer context.AfterFunc(ctx, func() { _ = conn.Close() })()
	rights := syscall.UnixRights(int(in.Fd()), int(out.Fd()))
	if _, _, err := conn.WriteMsgUnix([]byte{0}, rights, nil); err != nil {
		return fmt.Errorf("hand over the standard streams: %w", err)
	}
	if _, err := io.Copy(io.Discard, conn); err != nil && ctx.Err() == nil {
		return err
	}
	return nil
}

// wait is how long Take waits for the streams.
const wait = 10 * time.Second

// Take returns the streams that come over a Unix socket. They end when either side closes them, or the process that
// gave them is gone; closing them closes conn.
func Take(conn net.Conn) (io.ReadWriteCloser, error) {
	s, err := take(conn.(*net.UnixConn))
	if err != nil {
		_ = conn.Close()
		return nil, err
	}
	go func() {
		_, _ = io.Copy(io.Discard, conn)
		_ = s.Close()
	}()
	return s, nil
}

func take(conn *net.UnixConn) (*streams, error) {
	_ = conn.SetReadDeadline(time.Now().Add(wait))
	defer func() { _ = conn.SetReadDeadline(time.Time{}) }()
	oob := make([]byte, syscall.CmsgSpace(2*4))
	_, n, flags, _, err := conn.ReadMsgUnix(make([]byte, 1), oob)
	if err != nil {
		return nil, err
	}
	messages, err := syscall.ParseSocketControlMessage(oob[:n])
	if err != nil {
		return nil, err
	}
	var files []*os.File
	for _, m := range messages {
		fds, err := syscall.ParseUnixRights(&m)
		if err != nil {
			continue
		}
		for _, fd := range fds {
			f, e := open(fd)
			err = errors.Join(err, e)
			files = append(files, f)
		}
		if err == nil && len(fds) == 2 && flags&syscall.MSG_CTRUNC == 0 {
			return &streams{in: files[0], out: files[1], conn: conn}, nil
		}
	}
	for _, f := range files {
		_ = f.Close()
	}
	return nil, errors.New("these are no two streams")
}

// open makes a file of a descriptor that can be read with others in one process: a pipe or a socket.
func open(fd int) (*os.File, error) {
	var st syscall.Stat_t
	err := errors.Join(syscall.Fstat(fd, &st), syscall.SetNonblock(fd, true))
	if kind := st.Mode & syscall.S_IFMT; kind != syscall.S_IFIFO && kind != syscall.S_IFSOCK {
		err = errors.Join(err, errors.New("it is no stream"))
	}
	_, _, _ = syscall.Syscall(syscall.SYS_FCNTL, uintptr(fd), syscall.F_SETPIPE_SZ, pipe) // a smaller one does, too
	return os.NewFile(uintptr(fd), "stream"), err
}

// streams is what was taken.
type streams struct {
	in, out *os.File
	conn    *net.UnixConn
	close   sync.Once
}

func (s *streams) Read(p []byte) (int, error)  { return s.in.Read(p) }
func (s *streams) Write(p []byte) (int, error) { return s.out.Write(p) }

func (s *streams) Close() error {
	s.close.Do(func() {
		_ = s.in.Close()
		_ = s.out.Close()
		_ = s.conn.Close()
	})
	return nil
}
