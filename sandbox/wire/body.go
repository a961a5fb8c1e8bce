package wire

import (
	"encoding/binary"
	"fmt"
	"io"
)

// The bytes on a call stream are a body: chunks, each a big-endian uint32 length and that many bytes. Length 0 ends it
// and says that it is whole; abortMark ends it too, and a line with the Error that cut it short follows. A body
// without an end was cut off.
const (
	maxChunk  = 64 << 10
	abortMark = 0xFFFFFFFF
)

// BodyWriter writes a body. It holds back less than a chunk; who made it ends it with Close or Abort.
type BodyWriter struct {
	w   io.Writer
	buf []byte // 4 bytes of room for the length, then the chunk
}

// NewBodyWriter begins a body on w.
func NewBodyWriter(w io.Writer) *BodyWriter {
	return &BodyWriter{w: w, buf: make([]byte, 4, 4+maxChunk)}
}

// Write implements io.Writer.
func (b *BodyWriter) Write(p []byte) (int, error) {
	done := 0
	for done < len(p) {
		n := min(cap(b.buf)-len(b.buf), len(p)-done)
		b.buf = append(b.buf, p[done:done+n]...)
		done += n
		if len(b.buf) == cap(b.buf) {
			if err := b.flush(); err != nil {
				return done, err
			}
		}
	}
	return done, nil
}

func (b *BodyWriter) flush() error {
	if len(b.buf) == 4 {
		return nil
	}
	binary.BigEndian.PutUint32(b.buf, uint32(len(b.buf)-4))
	_, err := b.w.Write(b.buf)
	b.buf = b.buf[:4]
	return err
}

// Close ends the body as whole.
func (b *BodyWriter) Close() error {
	if err := b.flush(); err != nil {
		return err
	}
	_, err := b.w.Write(make([]byte, 4))
	return err
}

// Abort ends the body as cut short by e.
func (b *BodyWriter) Abort(e *Error) error {
	mark := binary.BigEndian.AppendUint32(nil, abortMark)
	if _, err := b.w.Write(mark); err != nil {
		return err
	}
	return WriteLine(b.w, e)
}

// BodyReader reads a body; it returns io.EOF only at the end of a whole one.
type BodyReader struct {
	r    io.Reader
	left int   // of the chunk
	room int64 // until the body is too long
	err  error
}

// NewBodyReader returns a reader of the body on r, which may be up to max bytes long.
func NewBodyReader(r io.Reader, max int64) *BodyReader {
	return &BodyReader{r: r, room: max}
}

// Read implements io.Reader. An aborted body ends with its *Error, one that was cut off with io.ErrUnexpectedEOF.
func (b *BodyReader) Read(p []byte) (int, error) {
	if b.err == nil && b.left == 0 {
		b.err = b.next()
	}
	if b.err != nil {
		return 0, b.err
	}
	n, err := b.r.Read(p[:min(len(p), b.left)])
	b.left -= n
	if err == io.EOF {
		err = io.ErrUnexpectedEOF
	}
	b.err = err
	return n, err
}

func (b *BodyReader) next() error {
	var head [4]byte
	if _, err := io.ReadFull(b.r, head[:]); err != nil {
		if err == io.EOF {
			err = io.ErrUnexpectedEOF
		}
		return err
	}
	n := binary.BigEndian.Uint32(head[:])
	switch {
	case n == 0:
		return io.EOF
	case n == abortMark:
		e := new(Error)
		if err := ReadLine(b.r, e); err != nil {
			return fmt.Errorf("read why a body was cut short: %w", err)
		}
		return e
	case n > maxChunk:
		return fmt.Errorf("a chunk of %d bytes is longer than %d", n, maxChunk)
	}
	if b.room -= int64(n); b.room < 0 {
		return fmt.Errorf("a body is too long")
	}
	b.left = int(n)
	return nil
}
