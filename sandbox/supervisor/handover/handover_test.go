package handover

import (
	"context"
	"errors"
	"io"
	"net"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"
)

// pair is a connection to a socket, as both sides have it.
func pair(t *testing.T) (giver, taker *net.UnixConn) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "s")
	l, err := net.Listen("unix", path)
	must(t, err)
	defer l.Close()
	c, err := net.Dial("unix", path)
	must(t, err)
	a, err := l.Accept()
	must(t, err)
	t.Cleanup(func() { _, _ = c.Close(), a.Close() })
	return c.(*net.UnixConn), a.(*net.UnixConn)
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// process is one whose standard streams were handed over: what the host writes to in and reads from out, and its end.
type process struct {
	in, out *os.File
	ended   chan error
	kill    context.CancelFunc
}

func handed(t *testing.T) (*process, io.ReadWriteCloser) {
	t.Helper()
	giver, taker := pair(t)
	stdin, in, err := os.Pipe()
	must(t, err)
	out, stdout, err := os.Pipe()
	must(t, err)
	ctx, kill := context.WithCancel(t.Context())
	t.Cleanup(kill)
	p := &process{in, out, make(chan error, 1), kill}
	go func() {
		err := Give(ctx, giver, stdin, stdout)
		_, _, _ = stdin.Close(), stdout.Close(), giver.Close() // as the end of its process does
		p.ended <- err
	}()
	rw, err := Take(taker)
	must(t, err)
	t.Cleanup(func() { _ = rw.Close() })
	return p, rw
}

func (p *process) end(t *testing.T) {
	t.Helper()
	select {
	case err := <-p.ended:
		must(t, err)
	case <-time.After(5 * time.Second):
		t.Fatal("the process that gave the streams still waits")
	}
}

func TestBytesGoBothWays(t *testing.T) {
	p, rw := handed(t)
	go func() { _, _ = io.Copy(rw, rw) }()
	sent := make([]byte, 3<<20)
	for i := range sent {
		sent[i] = byte(i * 7)
	}
	go func() { _, _ = p.in.Write(sent) }()
	got := make([]byte, len(sent))
	_, err := io.ReadFull(p.out, got)
	must(t, err)
	if string(got) != string(sent) {
		t.Error("what comes back is not what was sent")
	}
}

func TestTheStreamsEndWithEitherSide(t *testing.T) {
	t.Run("the host hangs up", func(t *testing.T) {
		p, rw := handed(t)
		must(t, p.in.Close())
		if n, err := rw.Read(make([]byte, 1)); !errors.Is(err, io.EOF) {
			t.Errorf("read %d bytes, %v", n, err)
		}
		must(t, rw.Close())
		p.end(t)
	})
	t.Run("the supervisor closes them while it reads", func(t *testing.T) {
		p, rw := handed(t)
		read := make(chan error, 1)
		go func() { _, err := rw.Read(make([]byte, 1)); read <- err }()
		time.Sleep(50 * time.Millisecond)
		must(t, rw.Close())
		if <-read == nil {
			t.Error("it reads from streams that are closed")
		}
		p.end(t)
		if n, err := p.out.Read(make([]byte, 1)); !errors.Is(err, io.EOF) {
			t.Errorf("the host reads %d bytes, %v", n, err)
		}
	})
	t.Run("the process that gave them is killed", func(t *testing.T) {
		p, rw := handed(t)
		p.kill()
		p.end(t)
		if n, err := rw.Read(make([]byte, 1)); err == nil {
			t.Errorf("the supervisor reads %d bytes", n)
		}
		if n, err := p.out.Read(make([]byte, 1)); !errors.Is(err, io.EOF) {
			t.Errorf("the host reads %d bytes, %v", n, err)
		}
	})
}

// The agent reaches the socket, too, and may hand over what it likes.
func TestOnlyTwoStreamsAreTaken(t *testing.T) {
	file, err := os.Create(filepath.Join(t.TempDir(), "file"))
	must(t, err)
	defer file.Close()
	r, w, err := os.Pipe()
	must(t, err)
	defer r.Close()
	defer w.Close()
	pipe := int(w.Fd())
	for name, rights := range map[string][]int{
		"nothing": nil, "one": {pipe}, "three": {pipe, pipe, pipe}, "a file": {pipe, int(file.Fd())}, "a folder's file first": {int(file.Fd()), pipe},
	} {
		t.Run(name, func(t *testing.T) {
			before := descriptors(t)
			giver, taker := pair(t)
			var oob []byte
			if rights != nil {
				oob = syscall.UnixRights(rights...)
			}
			_, _, err := giver.WriteMsgUnix([]byte{0}, oob, nil)
			must(t, err)
			if rw, err := Take(taker); err == nil {
				_ = rw.Close()
				t.Fatal("they are taken")
			}
			if n, err := giver.Read(make([]byte, 1)); err == nil {
				t.Errorf("the connection stays open, and says %d bytes", n)
			}
			_ = giver.Close()
			if after := descriptors(t); after > before {
				t.Errorf("%d files are open, before there were %d", after, before)
			}
		})
	}
}

func descriptors(t *testing.T) int {
	t.Helper()
	list, err := os.ReadDir("/proc/self/fd")
	must(t, err)
	return len(list)
}
