package wire

import (
	"errors"
	"fmt"
	"io"
)

// MaxLine bounds a line of JSON (a Header, the Reply on a call stream), in bytes.
const MaxLine = 64 << 10

var errLine = errors.New("a line is too long")

// WriteLine writes v as one line of JSON.
func WriteLine(w io.Writer, v any) error {
	b, err := Marshal(v)
	if err != nil {
		return fmt.Errorf("encode line: %w", err)
	}
	if len(b) >= MaxLine {
		return errLine
	}
	_, err = w.Write(append(b, '\n'))
	return err
}

// ReadLine reads one line of JSON into v and not a byte more, so that what follows is left for another reader. It
// reads byte by byte, which a stream of the channel answers from memory.
func ReadLine(r io.Reader, v any) error {
	var one [1]byte
	line := make([]byte, 0, 128)
	for {
		if _, err := io.ReadFull(r, one[:]); err != nil {
			if err == io.EOF && len(line) > 0 {
				err = io.ErrUnexpectedEOF
			}
			return err
		}
		if one[0] == '\n' {
			break
		}
		if len(line) == MaxLine {
			return errLine
		}
		line = append(line, one[0])
	}
	if err := unmarshal(line, v); err != nil {
		return fmt.Errorf("decode line: %w", err)
	}
	return nil
}
