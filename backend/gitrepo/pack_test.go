package gitrepo

import (
	"bytes"
	"compress/zlib"
	"crypto/sha1"
	"strings"
	"testing"
)

func packOf(t testing.TB, dir string, ids []string) []byte {
	t.Helper()
	out, err := runGit(dir, strings.Join(ids, "\n")+"\n", "pack-objects", "--stdout", "-q")
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// packWithDifference adds an object to a pack: what base has, which is size bytes long, and then more.
func packWithDifference(pack []byte, base string, size int, more string) []byte {
	number := func(n int) (b []byte) {
		for ; n >= 0x80; n >>= 7 {
			b = append(b, byte(n)|0x80)
		}
		return append(b, byte(n))
	}
	delta := append(number(size), number(size+len(more))...)
	delta = append(delta, 0x80|0x10|0x20, byte(size), byte(size>>8)) // copy from 0
	delta = append(append(delta, byte(len(more))), more...)
	var b bytes.Buffer
	b.Write(pack[:len(pack)-20])
	b.WriteByte(7<<4 | byte(len(delta)&15)) // REF_DELTA; the length is below 16
	b.WriteString(unhex(base))
	z := zlib.NewWriter(&b)
	_, _ = z.Write(delta)
	_ = z.Close()
	out := b.Bytes()
	out[11]++
	sum := sha1.Sum(out)
	return append(out, sum[:]...)
}

// packClaiming makes the last object of a pack, a difference, claim 8 GiB.
func packClaiming(pack []byte) []byte {
	var delta []byte
	delta = append(delta, 2, 0x80, 0x80, 0x80, 0x80, 0x20, 0x90, 2) // from 2 bytes to 2^33, and a copy of two
	// The object begins where its type and length stand before the base's id; find the zlib stream's head after it.
	i := bytes.LastIndex(pack, []byte{0x78, 0x9c})
	head := pack[:i]
	head[i-21] = 7<<4 | byte(len(delta))
	var b bytes.Buffer
	b.Write(head)
	z := zlib.NewWriter(&b)
	_, _ = z.Write(delta)
	_ = z.Close()
	sum := sha1.Sum(b.Bytes())
	return append(b.Bytes(), sum[:]...)
}
