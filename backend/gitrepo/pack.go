package gitrepo

import (
	"bufio"
	"compress/zlib"
	"encoding/binary"
	"errors"
	"io"
)

// Parts of a pack (gitformat-pack(5)).
const (
	packHead  = 12 // bytes
	packPlace = 6  // a difference to an object that begins so many bytes before it
	packName  = 7  // a difference to an object of this id
)

var errPack = errors.New("the pack is damaged")

// packEntry is one object of a pack.
type packEntry struct {
	at       int64 // where it begins
	base     int64 // where that begins which it is a difference to; 0 where it is none, or named
	named    bool  // it is a difference to an object by its id
	size     int64 // of the object, with its difference applied; as the pack says, which index-pack checks
	inflated int64 // bytes that its data in the pack unpacks to
	over     bool  // those are more than was allowed, and were not read
}

// packReader reads the entries of a pack one after the other.
type packReader struct {
	r     *bufio.Reader
	at    int64
	width int // bytes of an id
	z     io.ReadCloser
}

// ReadByte implements io.ByteReader: with it, inflating takes no byte too many.
func (p *packReader) ReadByte() (byte, error) {
	b, err := p.r.ReadByte()
	if err == nil {
		p.at++
	}
	return b, err
}

// Read implements io.Reader.
func (p *packReader) Read(b []byte) (int, error) {
	n, err := p.r.Read(b)
	p.at += int64(n)
	return n, err
}

// next reads an entry whose data unpacks to at most limit bytes.
func (p *packReader) next(limit int64) (packEntry, error) {
	e := packEntry{at: p.at}
	first, err := p.ReadByte()
	if err != nil {
		return e, err
	}
	e.inflated = int64(first & 15)
	if first&0x80 != 0 {
		rest, err := binary.ReadUvarint(p)
		if err != nil || rest > 1<<50 {
			return e, errPack
		}
		e.inflated |= int64(rest) << 4
	}
	e.size = e.inflated
	switch first >> 4 & 7 {
	case packPlace:
		back, err := p.back()
		if err != nil || back <= 0 || back > e.at-packHead {
			return e, errPack
		}
		e.base = e.at - back
	case packName:
		e.named = true
		if _, err := io.CopyN(io.Discard, p, int64(p.width)); err != nil {
			return e, err
		}
	}
	if e.inflated > limit {
		e.over = true
		return e, nil
	}
	return e, p.inflate(&e)
}

// back reads how far before an entry its base begins.
func (p *packReader) back() (int64, error) {
	n := int64(-1)
	for {
		b, err := p.ReadByte()
		if err != nil || n > 1<<50 {
			return 0, errPack
		}
		if n = (n+1)<<7 | int64(b&0x7f); b&0x80 == 0 {
			return n, nil
		}
	}
}

// inflate reads an entry's data. That of a difference begins with the sizes of what it is to and of what it makes.
func (p *packReader) inflate(e *packEntry) error {
	var err error
	if p.z == nil {
		p.z, err = zlib.NewReader(p)
	} else {
		err = p.z.(zlib.Resetter).Reset(p, nil)
	}
	if err != nil {
		return err
	}
	data := bufio.NewReaderSize(io.LimitReader(p.z, e.inflated+1), 4<<10)
	if e.named || e.base != 0 {
		head, _ := data.Peek(2 * binary.MaxVarintLen64)
		_, used := binary.Uvarint(head)
		if used <= 0 {
			return errPack
		}
		size, more := binary.Uvarint(head[used:])
		if more <= 0 || size > 1<<50 {
			return errPack
		}
		e.size = int64(size)
	}
	n, err := io.Copy(io.Discard, data)
	if err != nil {
		return err
	}
	if n != e.inflated {
		return errPack
	}
	return nil
}
