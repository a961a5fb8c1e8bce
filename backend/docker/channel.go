package docker

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"

	"github.com/docker/docker/api/types"
	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/pkg/stdcopy"

	"background-agents/backend/session"
)

// maxComplaint bounds what is kept of what a command in the sandbox writes to its standard error.
const maxComplaint = 4 << 10

// Connect implements session.Engine. Closing the channel ends `supervisor connect`: its standard input ends.
func (e *Engine) Connect(ctx context.Context, id session.ID) (io.ReadWriteCloser, error) {
	_, _, h, err := e.attach(ctx, id, container.ExecOptions{Cmd: []string{supervisorPath, "connect"}, AttachStdin: true})
	if err != nil {
		return nil, err
	}
	ch := &channel{hijacked: h}
	ch.out.r, ch.out.stderr = h.Reader, &ch.complaint
	return ch, nil
}

// channel is the standard streams of one command. One goroutine may read while another writes.
type channel struct {
	hijacked  types.HijackedResponse
	out       frames
	complaint tail
	close     sync.Once
}

// Read returns what the command wrote. Where it ended with a complaint, that is the error.
func (c *channel) Read(p []byte) (int, error) {
	n, err := c.out.Read(p)
	if err != nil && !c.complaint.empty() {
		err = fmt.Errorf("supervisor connect: %s: %w", c.complaint.String(), err)
	}
	return n, err
}

func (c *channel) Write(p []byte) (int, error) { return c.hijacked.Conn.Write(p) }

func (c *channel) Close() error {
	c.close.Do(c.hijacked.Close)
	return nil
}

// frames reads the engine's multiplexed stream (a header of eight bytes: kind, three zeros, big-endian length) and
// returns standard output as it comes, without a copy of its own; standard error goes to stderr.
type frames struct {
	r      io.Reader
	stderr io.Writer
	left   int // of the frame of standard output that is being read
}

func (f *frames) Read(p []byte) (int, error) {
	for f.left == 0 {
		var head [8]byte
		if _, err := io.ReadFull(f.r, head[:]); err != nil {
			return 0, err
		}
		size := int(binary.BigEndian.Uint32(head[4:]))
		switch kind := stdcopy.StdType(head[0]); kind {
		case stdcopy.Stdout:
			f.left = size
		case stdcopy.Stderr:
			if _, err := io.CopyN(f.stderr, f.r, int64(size)); err != nil {
				return 0, err
			}
		case stdcopy.Systemerr:
			var b bytes.Buffer
			_, err := io.CopyN(&b, f.r, int64(min(size, maxComplaint)))
			return 0, errors.Join(fmt.Errorf("the engine ended the stream: %s", b.String()), err)
		default:
			return 0, fmt.Errorf("the engine sent a frame of unknown kind %d", kind)
		}
	}
	n, err := f.r.Read(p[:min(len(p), f.left)])
	f.left -= n
	if err == io.EOF && f.left > 0 {
		err = io.ErrUnexpectedEOF
	}
	return n, err
}

// demux copies a multiplexed stream to its two writers until it ends.
func demux(r io.Reader, stdout, stderr io.Writer) error {
	_, err := io.Copy(stdout, &frames{r: r, stderr: stderr})
	return err
}

// tail keeps the last maxComplaint bytes of what is written to it.
type tail struct {
	mu sync.Mutex
	b  []byte
}

func (t *tail) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.b = append(t.b, p...)
	if over := len(t.b) - maxComplaint; over > 0 {
		t.b = append(t.b[:0], t.b[over:]...)
	}
	return len(p), nil
}

func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return strings.TrimSpace(strings.ToValidUTF8(string(t.b), "?"))
}

func (t *tail) empty() bool { return t.String() == "" }
