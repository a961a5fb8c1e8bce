package wire

import (
	"encoding/binary"
	"io"
)

// frames writes the head of a frame and its data at once: the multiplexer writes them one after the other, and each write
// wakes every process between host and sandbox. The form of a head is that of github.com/hashicorp/yamux/spec.md.
type frames struct {
	io.ReadWriteCloser
	held []byte // a head whose data comes next, empty for none
}

const (
	headSize = 12
	typeAt   = 1
	typeData = 0
	lengthAt = 8
	// maxJoined is up to how much data it is worth to be copied behind its head.
	maxJoined = 64 << 10
)

// Write implements io.Writer. It is called from one goroutine.
func (f *frames) Write(p []byte) (int, error) {
	if len(f.held) == 0 && len(p) == headSize && p[typeAt] == typeData && binary.BigEndian.Uint32(p[lengthAt:]) > 0 {
		f.held = append(f.held, p...)
		return len(p), nil
	}
	if len(f.held) > 0 && len(p) <= maxJoined {
		f.held = append(f.held, p...)
		_, err := f.ReadWriteCloser.Write(f.held)
		f.held = f.held[:0]
		if err != nil {
			return 0, err
		}
		return len(p), nil
	}
	if len(f.held) > 0 {
		_, err := f.ReadWriteCloser.Write(f.held)
		if f.held = f.held[:0]; err != nil {
			return 0, err
		}
	}
	return f.ReadWriteCloser.Write(p)
}
