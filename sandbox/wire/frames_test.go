package wire

import (
	"bytes"
	"io"
	"net"
	"testing"
)

// counted counts writes.
type counted struct {
	net.Conn
	writes chan int
}

func (c counted) Write(p []byte) (int, error) {
	c.writes <- len(p)
	return c.Conn.Write(p)
}

func TestHeadAndDataAreOneWrite(t *testing.T) {
	for _, size := range []int{1, 64, maxJoined} {
		a, b := net.Pipe()
		writes := make(chan int, 100)
		client, err := Client(counted{a, writes})
		if err != nil {
			t.Fatal(err)
		}
		server, err := Server(b)
		if err != nil {
			t.Fatal(err)
		}
		got := make(chan []byte, 1)
		go func() {
			s, err := server.Accept()
			if err != nil {
				got <- nil
				return
			}
			var h Header
			_ = ReadLine(s, &h)
			body := make([]byte, size)
			_, _ = io.ReadFull(s, body)
			got <- body
		}()
		s, err := client.Open(Header{Stream: StreamControl})
		if err != nil {
			t.Fatal(err)
		}
		opening := len(writes)
		sent := bytes.Repeat([]byte("x"), size)
		if _, err := s.Write(sent); err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(<-got, sent) {
			t.Errorf("%d bytes did not come as they were sent", size)
		}
		if n := len(writes) - opening; n != 1 {
			t.Errorf("%d bytes took %d writes", size, n)
		}
		_ = client.Close()
		_ = server.Close()
	}
}
