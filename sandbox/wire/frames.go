package wire

import (
	"encoding/binary"
	"io"
)

// MuxHead is the head of the multiplexer's frames, by github.com/hashicorp/yamux/spec.md: version, type, flags (2), stream (4), length
// (4), big-endian.
type MuxHead [12]byte

// Ping reports whether the frame asks for an answer.
func (h *MuxHead) Ping() bool { return h[1] == 2 }

// Data is how many bytes of data follow: in all types but one the length means something else.
func (h *MuxHead) Data() uint32 {
	if h[1] != 0 {
		return 0
	}
	return binary.BigEndian.Uint32(h[8:])
}

// maxJoined is up to how much data it is worth to be copied behind its head.
const maxJoined = 64 << 10

// frames writes a head and its data at once: the multiplexer writes them one after the other, and each write wakes every
// process between host and sandbox.
type frames struct {
	io.ReadWriteCloser
	held []byte // a head whose data comes next, empty for none
}

// Write implements io.Writer. It is called from one goroutine.
func (f *frames) Write(p []byte) (int, error) {
	if len(f.held) == 0 {
		if len(p) != len(MuxHead{}) || (*MuxHead)(p).Data() == 0 {
			return f.ReadWriteCloser.Write(p)
		}
		f.held = append(f.held, p...)
		return len(p), nil
	}
	defer func() { f.held = f.held[:0] }()
	joined := len(p) <= maxJoined
	if joined {
		f.held = append(f.held, p...)
	}
	if _, err := f.ReadWriteCloser.Write(f.held); err != nil {
		return 0, err
	}
	if joined {
		return len(p), nil
	}
	return f.ReadWriteCloser.Write(p)
}
