package agent

import (
	"bufio"
	"bytes"
	"errors"
	"io"
)

// maxLine bounds a message that is read as it is. It stays below the SDK's limit of 10 MB.
const maxLine = 8 << 20

// errTooLong says that a message did not fit even with its strings shortened.
var errTooLong = errors.New("message too long")

// lineReader reads messages, one a line, in bounded memory.
type lineReader struct {
	r    *bufio.Reader
	line []byte
}

func newLineReader(r io.Reader) *lineReader { return &lineReader{r: bufio.NewReaderSize(r, 256<<10)} }

// next returns the next line, valid until the following call. In one over maxLine the long strings are shortened; where
// that is not enough, the error is errTooLong with the line's beginning, and reading can go on.
func (l *lineReader) next() ([]byte, error) {
	if cap(l.line) > 1<<20 {
		l.line = nil // what one large message needed is not kept
	}
	l.line = l.line[:0]
	var short *shrinker
	for {
		part, err := l.r.ReadSlice('\n')
		if short == nil && len(l.line)+len(part) > maxLine {
			short = &shrinker{}
			short.write(l.line)
			l.line = nil
		}
		if short != nil {
			short.write(part)
		} else {
			l.line = append(l.line, part...)
		}
		switch {
		case errors.Is(err, bufio.ErrBufferFull):
			continue
		case err != nil && (err != io.EOF || (len(l.line) == 0 && short == nil)):
			return nil, err
		}
		if short == nil {
			return bytes.TrimSpace(l.line), nil
		}
		l.line = short.out
		if short.overflow {
			return l.line, errTooLong
		}
		return bytes.TrimSpace(l.line), nil
	}
}

// more reports whether a further whole line is here already, so that what can be joined need not be sent yet.
func (l *lineReader) more() bool {
	b, _ := l.r.Peek(l.r.Buffered())
	return bytes.IndexByte(b, '\n') >= 0
}
