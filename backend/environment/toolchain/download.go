package toolchain

import (
	"archive/zip"
	"context"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"strings"

	"golang.org/x/mod/sumdb/dirhash"
)

// maxUnpacked bounds what is unpacked in memory, piece by piece, to compute Go's hash of a zip. Go 1.27 has 250 MB.
const maxUnpacked = 1 << 30

// download writes an archive into folder and verifies it. What it leaves there after an error is removed by its
// caller.
func (x *index) download(ctx context.Context, folder string, f file, most int64, p *progress) (Part, error) {
	response, err := x.open(ctx, f.url)
	if err != nil {
		return Part{}, err
	}
	defer response.Body.Close()
	if response.ContentLength > most {
		return Part{}, fmt.Errorf("%w: %d MB", errTooLarge, response.ContentLength>>20)
	}
	p.expect(response.ContentLength)
	out, err := os.CreateTemp(folder, "archive-") // 0600
	if err != nil {
		return Part{}, err
	}
	defer out.Close()
	computed := f.sum.hash()
	read, err := io.Copy(io.MultiWriter(out, computed, p), io.LimitReader(response.Body, most+1))
	if err != nil {
		return Part{}, err
	}
	if read > most {
		return Part{}, fmt.Errorf("%w: more than %d MB", errTooLarge, most>>20)
	}
	if err := out.Close(); err != nil {
		return Part{}, err
	}
	got := sum(f.sum.algorithm() + ":" + hex.EncodeToString(computed.Sum(nil)))
	if f.sum.algorithm() == hashOfZip {
		if got, err = zipSum(out.Name()); err != nil {
			return Part{}, err
		}
	}
	if got != f.sum {
		return Part{}, fmt.Errorf("%w: %s in place of %s", errSum, got, f.sum)
	}
	return Part{Path: out.Name(), Size: read, Checksum: string(f.sum), Layout: f.Layout}, nil
}

// zipSum computes Go's hash of a zip. A zip that cannot be read is not the one that was published.
func zipSum(name string) (sum, error) {
	z, err := zip.OpenReader(name)
	if err != nil {
		return "", fmt.Errorf("%w: %w", errSum, err)
	}
	defer z.Close()
	var unpacked uint64
	for _, entry := range z.File {
		// The reader gives no more bytes than an entry claims to have.
		if unpacked += entry.UncompressedSize64; unpacked > maxUnpacked || entry.UncompressedSize64 > maxUnpacked {
			return "", fmt.Errorf("%w: more than %d MB unpacked", errTooLarge, maxUnpacked>>20)
		}
	}
	hashed, err := dirhash.HashZip(name, dirhash.Hash1)
	if err != nil {
		return "", fmt.Errorf("%w: %w", errSum, err)
	}
	return sum(hashed), nil
}

// progress adds up what is read of all archives of a release.
type progress struct {
	tell        func(read, whole int64)
	read, whole int64
}

// expect adds the length of the next archive, -1 where the server does not say it.
func (p *progress) expect(length int64) { p.whole = max(p.whole, p.read) + max(length, 0) }

func (p *progress) Write(b []byte) (int, error) {
	p.read += int64(len(b))
	if p.tell != nil {
		p.tell(p.read, max(p.whole, p.read))
	}
	return len(b), nil
}

func list(words []string) string { return strings.Join(words, ", ") }
