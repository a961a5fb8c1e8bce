package gitrepo

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"io"
	"strings"
)

// Bounds of a bundle's header.
const (
	maxHeaderLine  = 4096
	maxHeaderLines = 10_000
)

// header is the beginning of a bundle (gitformat-bundle(5)).
type header struct {
	refs    map[string]string // name -> id
	size    int64             // bytes before the pack
	objects int               // in the pack
}

// readHeader reads a bundle up to the head of its pack. Only what `git bundle create` writes is accepted.
func readHeader(r io.Reader, format string) (header, error) {
	h := header{refs: map[string]string{}}
	br := bufio.NewReaderSize(r, maxHeaderLine)
	for n := 0; ; n++ {
		b, err := br.ReadSlice('\n')
		if err != nil || n > maxHeaderLines {
			return h, refused("its bundle has no proper header")
		}
		h.size += int64(len(b))
		line := strings.TrimSuffix(string(b), "\n")
		switch {
		case n == 0:
			if line != "# v2 git bundle" && line != "# v3 git bundle" {
				return h, refused("it is not a git bundle")
			}
		case line == "":
			return h, h.readPackHead(br)
		case line[0] == '@':
			if line != "@object-format="+format {
				return h, refused("its bundle asks for %q", line)
			}
		case line[0] == '-':
			if id, _, _ := strings.Cut(line[1:], " "); !fullID.MatchString(id) {
				return h, refused("its bundle has no proper header")
			}
		default:
			id, ref, ok := strings.Cut(line, " ")
			if _, twice := h.refs[ref]; !ok || twice || !fullID.MatchString(id) {
				return h, refused("its bundle has no proper header")
			}
			h.refs[ref] = id
		}
	}
}

func (h *header) readPackHead(r io.Reader) error {
	var head [12]byte
	if _, err := io.ReadFull(r, head[:]); err != nil || !bytes.HasPrefix(head[:], []byte("PACK\x00\x00\x00\x02")) {
		return refused("its bundle holds no pack")
	}
	h.objects = int(binary.BigEndian.Uint32(head[8:]))
	return nil
}
