package egress

import (
	"bytes"
	"crypto/ecdh"
	"crypto/rand"
	"crypto/tls"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"strings"
	"testing"
	"time"
)

// greeting returns the first bytes that Go's own TLS client sends.
func greeting(t testing.TB, c *tls.Config) []byte {
	here, there := net.Pipe()
	defer here.Close()
	go func() { _ = tls.Client(there, c).Handshake() }()
	_ = here.SetReadDeadline(time.Now().Add(5 * time.Second))
	_, raw, err := readHello(here)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// echConfig makes the configuration by which a client hides the name that it wants.
func echConfig(t testing.TB, publicName string) []byte {
	key, err := ecdh.X25519().GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	body := []byte{7, 0, 0x20, 0, 32}
	body = append(body, key.PublicKey().Bytes()...)
	body = append(body, 0, 4, 0, 1, 0, 1, 32, byte(len(publicName)))
	body = append(append(body, publicName...), 0, 0)
	config := append([]byte{0xfe, 0x0d, 0, byte(len(body))}, body...)
	return append([]byte{0, byte(len(config))}, config...)
}

// records writes a handshake message as TLS records of n bytes.
func records(message []byte, n int) []byte {
	var out []byte
	for len(message) > 0 {
		k := min(n, len(message))
		out = append(out, 22, 3, 1, byte(k>>8), byte(k))
		out, message = append(out, message[:k]...), message[k:]
	}
	return out
}

func message(raw []byte) []byte { return bytes.Clone(raw[5:]) }

// withExtension returns a greeting with one extension replaced, so many times.
func withExtension(t testing.TB, raw []byte, kind uint16, data []byte, times int) []byte {
	m := message(raw)
	f := &fields{b: m[4:]}
	f.take(34)
	f.vector(1)
	f.vector(2)
	f.vector(1)
	at := len(m) - len(f.b)
	var all []byte
	old := &fields{b: f.vector(2)}
	for len(old.b) > 0 {
		k, d := old.number(2), old.vector(2)
		if uint16(k) != kind {
			all = binary.BigEndian.AppendUint16(all, uint16(k))
			all = append(binary.BigEndian.AppendUint16(all, uint16(len(d))), d...)
		}
	}
	for range times {
		all = binary.BigEndian.AppendUint16(all, kind)
		all = append(binary.BigEndian.AppendUint16(all, uint16(len(data))), data...)
	}
	m = append(binary.BigEndian.AppendUint16(m[:at:at], uint16(len(all))), all...)
	m[1], m[2], m[3] = byte((len(m)-4)>>16), byte((len(m)-4)>>8), byte(len(m)-4)
	return records(m, 1<<14)
}

func nameData(names ...string) []byte {
	var list []byte
	for _, n := range names {
		list = append(append(list, 0, byte(len(n)>>8), byte(len(n))), n...)
	}
	return append(binary.BigEndian.AppendUint16(nil, uint16(len(list))), list...)
}

func TestGreetingsAreReadAndJudged(t *testing.T) {
	plain := greeting(t, &tls.Config{ServerName: "example.com"})
	nameless := greeting(t, &tls.Config{InsecureSkipVerify: true})
	at := target{name: "example.com", port: 443}
	http2 := append(records(message(plain), 1<<14), 23, 3, 3, 0, 1, 0)
	for name, c := range map[string]struct {
		raw           []byte
		strict, loose error
	}{
		"the host itself":           {plain, nil, nil},
		"in capitals":               {withExtension(t, plain, 0, nameData("EXAMPLE.com"), 1), nil, nil},
		"in small records":          {records(message(plain), 7), nil, nil},
		"one byte a record":         {records(message(plain), 1), nil, nil},
		"data after it":             {http2, nil, nil},
		"another host":              {greeting(t, &tls.Config{ServerName: "evil.example.net"}), errOther, errOther},
		"a host above":              {greeting(t, &tls.Config{ServerName: "www.example.com"}), errOther, errOther},
		"trailing dot":              {withExtension(t, plain, 0, nameData("example.com."), 1), errOther, errOther},
		"NUL in name":               {withExtension(t, plain, 0, nameData("example.com\x00.evil.net"), 1), errOther, errOther},
		"no name":                   {nameless, errNoName, nil},
		"two names in one list":     {withExtension(t, plain, 0, nameData("example.com", "evil.example.net"), 1), errTwoNames, errTwoNames},
		"two lists":                 {withExtension(t, plain, 0, nameData("example.com"), 2), errTwoNames, errTwoNames},
		"empty name":                {withExtension(t, plain, 0, nameData(""), 1), errHello, errHello},
		"name of another kind":      {withExtension(t, plain, 0, append([]byte{0, 14, 1, 0, 11}, "example.com"...), 1), errHello, errHello},
		"list longer than its data": {withExtension(t, plain, 0, []byte{0, 99, 0, 0, 1, 'a'}, 1), errHello, errHello},
		"encrypted name (real)": {greeting(t, &tls.Config{ServerName: "evil.example.net", MinVersion: tls.VersionTLS13,
			EncryptedClientHelloConfigList: echConfig(t, "example.com")}), errHidden, nil},
		"encrypted name (old)": {withExtension(t, plain, 0xffce, []byte{1, 2, 3}, 1), errHidden, nil},
		"plain HTTP":           {[]byte("GET / HTTP/1.1\r\nHost: example.com\r\n\r\n"), errNotTLS, errNotTLS},
		"SSH":                  {[]byte("SSH-2.0-OpenSSH_9.2\r\n"), errNotTLS, errNotTLS},
		"SSL 2":                {[]byte{0x80, 0x2e, 1, 3, 1, 0, 0, 0}, errNotTLS, errNotTLS},
		"another handshake":    {records([]byte{2, 0, 0, 1, 0}, 99), errNotTLS, errNotTLS},
		"cut off":              {plain[:100], io.ErrUnexpectedEOF, io.ErrUnexpectedEOF},
		"too long":             {append([]byte{22, 3, 1, 0x40, 0, 1, 1, 0, 0}, make([]byte, 1<<14)...), errHello, errHello},
		"record too long":      {[]byte{22, 3, 1, 0xff, 0xff, 1, 0, 0, 0}, errHello, errHello},
		"empty record":         {append([]byte{22, 3, 1, 0, 0}, plain...), errHello, errHello},
		"a second message":     {records(append(message(plain), 1, 0, 0, 0), 1<<14), errHello, errHello},
		"extensions cut off":   {records(func() []byte { m := message(plain)[:80]; m[1], m[2], m[3] = 0, 0, 76; return m }(), 99), errHello, errHello},
	} {
		for _, strict := range []bool{true, false} {
			h, raw, err := readHello(bytes.NewReader(c.raw))
			if !bytes.HasPrefix(c.raw, raw) {
				t.Errorf("%s: the bytes returned are not those that were read", name)
			}
			if err == nil {
				err = h.fits(at, strict)
			}
			want := c.loose
			if strict {
				want = c.strict
			}
			if !errors.Is(err, want) {
				t.Errorf("%s, strict %v: %v, want %v", name, strict, err, want)
			}
		}
	}
	if h, _, _ := readHello(bytes.NewReader(nameless)); h.fits(target{addr: addr("93.184.216.34"), port: 443}, true) != nil {
		t.Error("an address has no server name, and is refused for it")
	}
}

func FuzzHello(f *testing.F) {
	plain := greeting(f, &tls.Config{ServerName: "example.com"})
	f.Add(plain)
	f.Add(records(message(plain), 3))
	f.Add(withExtension(f, plain, 0xfe0d, []byte{1}, 1))
	f.Fuzz(func(t *testing.T, data []byte) {
		h, raw, err := readHello(bytes.NewReader(data))
		if !bytes.HasPrefix(data, raw) || len(raw) > 6*maxHello {
			t.Error("bytes were lost or made up")
		}
		if err == nil && h.name != "" && !strings.Contains(string(bytes.Join(bytes.Split(raw, []byte{22, 3}), nil)), h.name[:1]) {
			t.Error("a name from nowhere")
		}
	})
}
