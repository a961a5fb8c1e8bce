package egress

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"strings"
)

// maxHello bounds the first message of a TLS client; with post-quantum keys it takes some 2 KB.
const maxHello = 32 << 10

var (
	errNotTLS   = errors.New("not TLS")
	errHello    = errors.New("TLS greeting that cannot be read")
	errNoName   = errors.New("TLS without server name")
	errOther    = errors.New("TLS for another server name")
	errHidden   = errors.New("TLS with encrypted server name")
	errTwoNames = errors.New("TLS with two server names")
)

// hello is what a TLS client says of where it wants to go (RFC 8446, 4.1.2).
type hello struct {
	name   string // "" where it names no host
	hidden bool   // the true name is encrypted (ECH, or ESNI before it)
}

// readHello reads a TLS ClientHello, no more, and returns it with its bytes. The bytes are returned with every error too.
func readHello(r io.Reader) (h hello, raw []byte, err error) {
	var message []byte
	for {
		record, body, err := readRecord(r)
		raw = append(raw, record...)
		if err != nil {
			return hello{}, raw, err
		}
		message = append(message, body...)
		if len(message) < 4 {
			continue
		}
		if message[0] != 1 { // client_hello
			return hello{}, raw, errNotTLS
		}
		length := 4 + int(message[1])<<16 + int(message[2])<<8 + int(message[3])
		if length > maxHello || len(message) > length {
			return hello{}, raw, errHello
		}
		if len(message) == length {
			h, err = parseHello(message[4:])
			return h, raw, err
		}
	}
}

func readRecord(r io.Reader) (record, body []byte, err error) {
	head := make([]byte, 5)
	n, err := io.ReadFull(r, head[:1])
	if err != nil || head[0] != 22 { // handshake
		return head[:n], nil, firstError(err, errNotTLS)
	}
	n, err = io.ReadFull(r, head[1:])
	length := int(binary.BigEndian.Uint16(head[3:]))
	if err != nil || head[1] != 3 {
		return head[:1+n], nil, firstError(err, errNotTLS)
	}
	if length == 0 || length > 1<<14 {
		return head, nil, errHello
	}
	record = append(head, make([]byte, length)...)
	n, err = io.ReadFull(r, record[5:])
	if err != nil {
		return record[:5+n], nil, err
	}
	return record, record[5:], nil
}

func firstError(err, or error) error {
	if err != nil {
		return err
	}
	return or
}

// fields takes length-prefixed fields off a message. Once one is missing, bad stays set.
type fields struct {
	b   []byte
	bad bool
}

func (f *fields) take(n int) []byte {
	if f.bad || n > len(f.b) {
		f.bad = true
		return nil
	}
	var out []byte
	out, f.b = f.b[:n], f.b[n:]
	return out
}

func (f *fields) number(size int) int {
	n := 0
	for _, c := range f.take(size) {
		n = n<<8 | int(c)
	}
	return n
}

func (f *fields) vector(size int) []byte { return f.take(f.number(size)) }

func parseHello(message []byte) (h hello, err error) {
	f := &fields{b: message}
	f.take(2 + 32) // version, random
	f.vector(1)    // session id
	f.vector(2)    // cipher suites
	f.vector(1)    // compression methods
	if f.bad {
		return hello{}, errHello
	}
	if len(f.b) == 0 {
		return hello{}, nil // no extensions, as before TLS 1.2
	}
	all := &fields{b: f.vector(2)}
	if f.bad || len(f.b) > 0 {
		return hello{}, errHello
	}
	named := false
	for len(all.b) > 0 {
		kind, data := all.number(2), all.vector(2)
		if all.bad {
			return hello{}, errHello
		}
		switch kind {
		case 0: // server_name
			if named {
				return hello{}, errTwoNames
			}
			named = true
			if h.name, err = serverName(data); err != nil {
				return hello{}, err
			}
		case 0xfe0d, 0xffce: // encrypted_client_hello, encrypted_server_name
			h.hidden = true
		}
	}
	return h, nil
}

// serverName reads the extension's list, which has exactly one entry (RFC 6066, 3).
func serverName(data []byte) (string, error) {
	f := &fields{b: data}
	list := &fields{b: f.vector(2)}
	kind, name := list.number(1), list.vector(2)
	if f.bad || list.bad || kind != 0 || len(name) == 0 {
		return "", errHello
	}
	if len(f.b) > 0 || len(list.b) > 0 {
		return "", errTwoNames
	}
	return string(name), nil
}

// fits returns an error where a TLS client that asked for t wants to go elsewhere, or where strict and it does not say.
func (h hello) fits(t target, strict bool) error {
	switch {
	case h.hidden && strict:
		return errHidden
	case h.name == "" && (!strict || t.name == ""):
		return nil
	case h.name == "":
		return errNoName
	case strings.ToLower(h.name) != t.host():
		return fmt.Errorf("%w: %s", errOther, shown(h.name))
	}
	return nil
}
