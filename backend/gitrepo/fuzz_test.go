package gitrepo

import (
	"bufio"
	"bytes"
	"io"
	"strings"
	"testing"

	"background-agents/backend/session"
)

// What comes from a sandbox is read without a crash, and what is accepted is what was meant.
func FuzzHostileInput(f *testing.F) {
	id := strings.Repeat("a", 40)
	f.Add([]byte("# v2 git bundle\n-" + id + " x\n" + id + " refs/result/files\n\nPACK\x00\x00\x00\x02\x00\x00\x00\x01"))
	f.Add([]byte("100644 a\x00" + strings.Repeat("x", 20) + "40000 b\x00" + strings.Repeat("y", 20)))
	f.Add([]byte("diff --git a/x b/x\n--- a/x\n+++ b/x\n@@ -1,2 +1 @@ head\n a\n-b\n\\ No newline\n"))
	f.Add([]byte(":100644 100644 " + id + " " + id + " R100\x00a\x00b\x001\t2\t\x00a\x00b\x00"))
	f.Fuzz(func(t *testing.T, b []byte) {
		if h, err := readHeader(bytes.NewReader(b), "sha1"); err == nil {
			if h.size > int64(len(b)) || h.objects < 0 {
				t.Errorf("%+v", h)
			}
		} else if session.CodeOf(err) != session.CodeQuarantine {
			t.Errorf("%v", err)
		}
		_ = eachTreeEntry(b, 20, func(mode, name, _ string) error { return checkEntry(mode, name) })
		var p session.Patch
		_ = parsePatch(bytes.NewReader(b), &p)
		_, _ = parseChanges(splitZ(b))
		if name := cleanBranch(string(b)); name == "" || len(name) > maxBranch || strings.ContainsAny(name, " \n~^:?*[\\") || strings.Contains(name, "..") {
			t.Errorf("branch %q", name)
		}
		_ = standsFor(b, "")
		_ = escapes("a/b", string(b))
	})
}

// FuzzPack lets a pack be any bytes. Whatever they are, each entry is read from where the one before it ended, and none unpacks to more
// than it may.
func FuzzPack(f *testing.F) {
	p := &packer{}
	at := p.add(3, nil, []byte("one"), -1)
	p.add(packPlace, back(packHead+p.b.Len()-at), longer(3, 9), -1)
	p.add(packName, objectID("blob", []byte("one")), longer(3, 6), -1)
	p.add(3, nil, make([]byte, 1000), 1<<40)
	f.Add(p.pack())
	f.Add([]byte("PACK\x00\x00\x00\x02\x00\x00\x00\x01\xff\xff\xff\xff\xff\xff\xff\xff\xff\x7f"))
	f.Fuzz(func(t *testing.T, b []byte) {
		const limit = 1 << 16
		p := &packReader{r: bufio.NewReader(bytes.NewReader(b)), width: 20}
		if _, err := io.CopyN(io.Discard, p, packHead); err != nil {
			return
		}
		for last := int64(0); ; {
			e, err := p.next(limit)
			if e.at <= last || p.at > int64(len(b)) || e.base < 0 || e.base >= e.at {
				t.Fatalf("entry %+v follows on %d, read to %d of %d", e, last, p.at, len(b))
			}
			if err != nil || e.over {
				return
			}
			if last = e.at; e.inflated > limit || e.size < 0 {
				t.Fatalf("it unpacks to %+v", e)
			}
		}
	})
}
