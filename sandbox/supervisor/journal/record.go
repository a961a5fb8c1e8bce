package journal

import (
	"encoding/binary"
	"errors"
	"hash/crc32"
	"io"

	"background-agents/sandbox/wire"
)

// Kinds of record. A segment begins with a snapshot.
const (
	kindSnapshot = 'S'
	kindEntry    = 'E'
	kindPrompt   = 'P'
)

const (
	headerSize = 8 // uint32 length of kind and payload, uint32 CRC-32C of them; both big-endian
	maxRecord  = 64 << 20
)

var (
	castagnoli = crc32.MakeTable(crc32.Castagnoli)
	errTorn    = errors.New("a record is torn")
)

// record is something that waits to be written: an entry, a prompt, or something to do in between.
type record struct {
	entry  *wire.Entry
	prompt *wire.Prompt
	do     func() error
	done   chan error // buffered; nil where nobody waits
	fresh  bool       // of a prompt
}

func (r *record) size() int {
	switch {
	case r.prompt != nil:
		return 256 + len(r.prompt.Text)
	case r.entry == nil:
		return 0
	case r.entry.Delta != nil:
		return 128 + len(r.entry.Delta.Text)
	case r.entry.Tool != nil:
		return 256 + len(r.entry.Tool.Output) + len(r.entry.Tool.Input)
	case r.entry.Phase != nil:
		return 128 + len(r.entry.Phase.Output)
	}
	return 512
}

// appendRecord appends a record in its form on disk.
func appendRecord(b []byte, kind byte, payload []byte) []byte {
	at := len(b)
	b = append(b, 0, 0, 0, 0, 0, 0, 0, 0, kind)
	b = append(b, payload...)
	body := b[at+headerSize:]
	binary.BigEndian.PutUint32(b[at:], uint32(len(body)))
	binary.BigEndian.PutUint32(b[at+4:], crc32.Checksum(body, castagnoli))
	return b
}

// parseRecord returns the first record of b and its length on disk. A b that ends too early gives io.ErrShortBuffer and
// the length that it should have, as far as b says it; one that was changed gives errTorn.
func parseRecord(b []byte) (kind byte, payload []byte, size int, err error) {
	if len(b) < headerSize {
		return 0, nil, headerSize, io.ErrShortBuffer
	}
	n := binary.BigEndian.Uint32(b)
	if n < 1 || n > maxRecord {
		return 0, nil, 0, errTorn
	}
	size = headerSize + int(n)
	if len(b) < size {
		return 0, nil, size, io.ErrShortBuffer
	}
	body := b[headerSize:size]
	if crc32.Checksum(body, castagnoli) != binary.BigEndian.Uint32(b[4:]) {
		return 0, nil, 0, errTorn
	}
	return body[0], body[1:], size, nil
}
