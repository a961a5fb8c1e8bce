package control

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"io"
	"sync"
)

// A frame of Exec is one byte that says what it is, four bytes of length (big endian), and as many bytes.
const (
	frameStart    byte = iota + 1 // JSON of execStart
	frameStdin                    // bytes
	frameStdinEnd                 // nothing; nothing follows from this side
	frameStdout                   // bytes
	frameStderr                   // bytes
	frameEnd                      // JSON of execEnd; nothing follows from this side
)

// maxFrame bounds a frame's length in bytes.
const maxFrame = 1 << 20

type frame struct {
	kind byte
	data []byte
}

func readFrame(r *bufio.Reader) (frame, error) {
	var head [5]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return frame{}, err
	}
	n := binary.BigEndian.Uint32(head[1:])
	if n > maxFrame {
		return frame{}, fmt.Errorf("frame of %d bytes is longer than %d", n, maxFrame)
	}
	f := frame{kind: head[0], data: make([]byte, n)}
	_, err := io.ReadFull(r, f.data)
	return f, err
}

// unframe gives each frame to the sink of its kind until one of kind last, whose data goes to its sink too.
func unframe(r *bufio.Reader, sinks map[byte]io.Writer, last byte) error {
	for {
		f, err := readFrame(r)
		if err != nil {
			return err
		}
		if sink := sinks[f.kind]; sink != nil {
			// A sink that takes no more does not end the command.
			_, _ = sink.Write(f.data)
		}
		if f.kind == last {
			return nil
		}
	}
}

// frameWriter writes whole frames from several goroutines.
type frameWriter struct {
	mu sync.Mutex
	w  io.Writer
}

func (w *frameWriter) write(kind byte, data []byte) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	head := [5]byte{kind}
	binary.BigEndian.PutUint32(head[1:], uint32(len(data)))
	_, err := w.w.Write(append(head[:], data...))
	return err
}

func (w *frameWriter) stream(kind byte) io.Writer { return frameStream{w, kind} }

type frameStream struct {
	w    *frameWriter
	kind byte
}

func (s frameStream) Write(p []byte) (int, error) {
	for n := 0; n < len(p); n += maxFrame {
		if err := s.w.write(s.kind, p[n:min(len(p), n+maxFrame)]); err != nil {
			return n, err
		}
	}
	return len(p), nil
}
