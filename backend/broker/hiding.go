package broker

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"net/http"
	"strings"
)

// unpacked returns the body of an answer as it is read, without the packing that some servers apply unasked; ok is false
// where that is one that is not known here.
func unpacked(answer *http.Response) (body io.Reader, ok bool) {
	switch strings.ToLower(strings.TrimSpace(answer.Header.Get("Content-Encoding"))) {
	case "gzip", "x-gzip":
		return &gunzip{from: bufio.NewReader(answer.Body), sure: true}, true
	case "", "identity":
		return &gunzip{from: bufio.NewReader(answer.Body)}, true
	}
	return nil, false
}

// gunzip unpacks what is gzip, also where nothing says that it is: what is packed could not be searched for keys.
type gunzip struct {
	from *bufio.Reader
	sure bool
	to   io.Reader // once it is known
}

func (g *gunzip) Read(p []byte) (int, error) {
	if g.to == nil {
		first, err := g.from.Peek(1)
		if err == nil && (g.sure || first[0] == 0x1f) {
			first, err = g.from.Peek(2)
		}
		if err != nil && len(first) == 0 {
			return 0, err
		}
		g.to = g.from
		if g.sure || bytes.Equal(first, []byte{0x1f, 0x8b}) {
			if g.to, err = gzip.NewReader(g.from); err != nil {
				return 0, err
			}
		}
	}
	return g.to.Read(p)
}

// hiding is a body without the keys. A piece is held back only as far as it may be the beginning of a key.
type hiding struct {
	from io.Reader
	h    *hider

	piece []byte
	shown []byte // to be read
	rest  []byte // to be seen again
	err   error  // why there is no more
}

func newHiding(from io.Reader, h *hider) *hiding {
	return &hiding{from: from, h: h, piece: make([]byte, 32<<10)}
}

// Read implements io.Reader. Where the body breaks off, what was held back is not shown.
func (r *hiding) Read(p []byte) (int, error) {
	for len(r.shown) == 0 {
		if r.err != nil {
			return 0, r.err
		}
		n, err := r.from.Read(r.piece)
		if r.err = err; n == 0 && err == nil {
			continue
		}
		text := append(r.rest, r.piece[:n]...)
		r.shown, r.rest = r.h.next(r.shown[:0], text, errors.Is(err, io.EOF))
		r.rest = bytes.Clone(r.rest)
	}
	n := copy(p, r.shown)
	r.shown = r.shown[n:]
	return n, nil
}

// copyHeader passes on the headers of an answer that an agent has a use for, without the keys; cookies are not among them.
func copyHeader(to, from http.Header, h *hider) {
	for name, values := range from {
		if !returned(name) || h.inName(name) {
			continue
		}
		for _, v := range values {
			to.Add(name, h.hide(v))
		}
	}
}
