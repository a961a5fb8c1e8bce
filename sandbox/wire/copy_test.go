package wire

import (
	"bytes"
	"errors"
	"io"
	"math/rand/v2"
	"testing"
)

// sizes is a writer that notes how much it is given at once, and takes no more than most bytes.
type sizes struct {
	bytes.Buffer
	most    int
	largest int
}

func (s *sizes) Write(p []byte) (int, error) {
	s.largest = max(s.largest, len(p))
	if room := s.most - s.Len(); room < len(p) {
		n, _ := s.Buffer.Write(p[:room])
		return n, errFull
	}
	return s.Buffer.Write(p)
}

var errFull = errors.New("full")

func TestACopyTakesMoreAtOnceWhileItIsFast(t *testing.T) {
	for _, size := range []int{0, 1, minBuffer - 1, minBuffer, minBuffer + 1, maxBuffer, 5*maxBuffer + 7} {
		sent := make([]byte, size)
		for i := range sent {
			sent[i] = byte(rand.Uint32())
		}
		a, b, host, guest := pair(t)
		go func() {
			if n, err := io.Copy(a, struct{ io.Reader }{bytes.NewReader(sent)}); err != nil || n != int64(size) {
				t.Errorf("%d bytes: %d were sent, %v", size, n, err)
			}
			_ = a.CloseWrite()
		}()
		got := &sizes{most: size}
		if n, err := io.Copy(got, b); err != nil || n != int64(size) {
			t.Errorf("%d bytes: %d came, %v", size, n, err)
		}
		if !bytes.Equal(got.Bytes(), sent) {
			t.Errorf("%d bytes did not come as they were sent", size)
		}
		if size > 4*maxBuffer && got.largest <= minBuffer || got.largest > maxBuffer {
			t.Errorf("of %d bytes at most %d were written at once", size, got.largest)
		}
		_, _ = host.Close(), guest.Close()
	}
}

func TestACopyEndsWhereItsWriterDoes(t *testing.T) {
	a, b, host, guest := pair(t)
	defer host.Close()
	defer guest.Close()
	go func() { _, _ = a.Write(make([]byte, 100)) }()
	if n, err := io.Copy(&sizes{most: 40}, b); n != 40 || !errors.Is(err, errFull) {
		t.Errorf("%d bytes were written, %v", n, err)
	}
}
