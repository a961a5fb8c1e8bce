package wire

import (
	"bytes"
	"io"
	"testing"
)

// FuzzFrame reads what may be frames: it must end, and what it takes must be what it writes.
func FuzzFrame(f *testing.F) {
	f.Add(frameOf(`{"hello":{"version":1,"session":"s","cursor":{"epoch":"e","seq":3}}}`))
	f.Add(frameOf(`{"entry":[{"epoch":"e","seq":1,"delta":{"item":"i","kind":"message","text":"t"}}]}`))
	f.Add(append(frameOf(`{"ack":{"epoch":"e","seq":1}}`), frameOf(`{"reply":{"id":1,"result":{}}}`)...))
	f.Fuzz(func(t *testing.T, b []byte) {
		r := NewFrameReader(bytes.NewReader(b))
		for range 1000 {
			frame, _, err := r.Next()
			if err != nil {
				return
			}
			out, err := AppendFrame(nil, frame)
			if err != nil {
				t.Fatalf("a frame that was read cannot be written: %v", err)
			}
			if _, _, err := NewFrameReader(bytes.NewReader(out)).Next(); err != nil {
				t.Fatalf("a frame that was written cannot be read: %v", err)
			}
		}
	})
}

// FuzzStream reads what may be a line and a body.
func FuzzStream(f *testing.F) {
	f.Add([]byte("{\"stream\":\"call\",\"call\":{\"id\":1,\"method\":\"bundle\"}}\n\x00\x00\x00\x02hi\x00\x00\x00\x00"))
	f.Add([]byte("{\"id\":1}\n\xff\xff\xff\xff{\"code\":\"x\"}\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		r := bytes.NewReader(b)
		var h Header
		if ReadLine(r, &h) != nil {
			return
		}
		if n, _ := io.Copy(io.Discard, NewBodyReader(r, 1<<20)); n > 1<<20 {
			t.Fatalf("a body of %d bytes", n)
		}
	})
}
