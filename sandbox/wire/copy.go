package wire

import "io"

// Bounds of the buffer that bytes of a stream are copied through. It grows while they come faster than they are taken: each
// write wakes every process between host and sandbox, and few large ones move much more than many small ones.
const (
	minBuffer = 32 << 10
	maxBuffer = 256 << 10
)

// ReadFrom implements io.ReaderFrom: io.Copy writes to the stream by it.
func (s *Stream) ReadFrom(r io.Reader) (int64, error) { return pass(struct{ io.Writer }{s}, r) }

// WriteTo implements io.WriterTo: io.Copy reads from the stream by it.
func (s *Stream) WriteTo(w io.Writer) (int64, error) { return pass(w, struct{ io.Reader }{s}) }

func pass(w io.Writer, r io.Reader) (total int64, err error) {
	buf := make([]byte, minBuffer)
	for {
		n, err := r.Read(buf)
		if n > 0 {
			written, err := w.Write(buf[:n])
			total += int64(written)
			if err != nil {
				return total, err
			}
		}
		switch {
		case err == io.EOF:
			return total, nil
		case err != nil:
			return total, err
		case n == len(buf) && n < maxBuffer:
			buf = make([]byte, 2*n)
		}
	}
}
