package wire

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
)

// Bounds of what may be under way on the control stream. A supervisor sends no more entries than these before they
// are acknowledged, so the host can take every frame at once and a reply never waits behind a slow store.
const (
	MaxUnacked      = 4096    // entries
	MaxUnackedBytes = 4 << 20 // of their JSON; one frame may go past it
)

// keepBuffer is the largest buffer that a FrameReader keeps between frames, in bytes.
const keepBuffer = 64 << 10

// Marshal returns v as JSON without the escapes that only a web page needs.
func Marshal(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return nil, err
	}
	return b.Bytes()[:b.Len()-1], nil
}

// AppendFrame appends f in its form on the stream to b. What would be longer than MaxFrame is an error.
func AppendFrame(b []byte, f Frame) ([]byte, error) {
	body, err := Marshal(f)
	if err != nil {
		return b, fmt.Errorf("encode frame: %w", err)
	}
	if len(body) > MaxFrame {
		return b, fmt.Errorf("a frame of %d bytes is longer than %d", len(body), MaxFrame)
	}
	b = binary.BigEndian.AppendUint32(b, uint32(len(body)))
	return append(b, body...), nil
}

// AppendEntryFrame appends a frame of entries that are JSON already, as they lie in the journal. The caller sees to it
// that they are no longer than MaxFrame together.
func AppendEntryFrame(b []byte, entries [][]byte) []byte {
	at := len(b)
	b = append(b, 0, 0, 0, 0)
	b = append(b, `{"entry":[`...)
	for i, e := range entries {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(b, e...)
	}
	b = append(b, ']', '}')
	binary.BigEndian.PutUint32(b[at:], uint32(len(b)-at-4))
	return b
}

// WriteFrame writes f with one call of w.Write.
func WriteFrame(w io.Writer, f Frame) error {
	b, err := AppendFrame(nil, f)
	if err != nil {
		return err
	}
	_, err = w.Write(b)
	return err
}

// FrameReader reads frames that a stranger may have written.
type FrameReader struct {
	r   *bufio.Reader
	buf []byte
}

// NewFrameReader returns a reader of the frames in r. It reads ahead: nothing else may read r.
func NewFrameReader(r io.Reader) *FrameReader {
	return &FrameReader{r: bufio.NewReaderSize(r, 16<<10)}
}

// Next returns the next frame and the length of its JSON. It returns io.EOF only between frames.
func (f *FrameReader) Next() (Frame, int, error) {
	var head [4]byte
	if _, err := io.ReadFull(f.r, head[:]); err != nil {
		return Frame{}, 0, err
	}
	n := int(binary.BigEndian.Uint32(head[:]))
	if n < 2 || n > MaxFrame {
		return Frame{}, 0, fmt.Errorf("a frame of %d bytes is not between 2 and %d", n, MaxFrame)
	}
	if cap(f.buf) < n {
		f.buf = make([]byte, n)
	}
	buf := f.buf[:n]
	if cap(f.buf) > keepBuffer {
		f.buf = nil
	}
	if _, err := io.ReadFull(f.r, buf); err != nil {
		if err == io.EOF {
			err = io.ErrUnexpectedEOF
		}
		return Frame{}, 0, fmt.Errorf("read frame: %w", err)
	}
	frame, err := ParseFrame(buf)
	return frame, n, err
}

// ParseFrame returns the frame whose JSON is b; it keeps nothing of b.
func ParseFrame(b []byte) (Frame, error) {
	var f Frame
	if err := unmarshal(b, &f); err != nil {
		return Frame{}, fmt.Errorf("decode frame: %w", err)
	}
	set := 0
	for _, is := range []bool{f.Hello != nil, len(f.Entry) > 0, f.Ack != nil, f.Call != nil, f.Reply != nil} {
		if is {
			set++
		}
	}
	if set != 1 {
		return Frame{}, fmt.Errorf("a frame says %d things", set)
	}
	return f, nil
}
