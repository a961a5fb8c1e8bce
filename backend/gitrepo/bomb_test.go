package gitrepo

import (
	"bytes"
	"compress/zlib"
	"context"
	"crypto/sha1"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"os/exec"
	"runtime"
	"strings"
	"testing"
	"time"

	"background-agents/backend/session"
	"background-agents/build/test/slow"
)

// packer writes a pack byte by byte, as no git would.
type packer struct {
	b     bytes.Buffer
	count uint32
}

// add appends an object of a kind: base is what a difference says that it is to. size is what the object claims; -1 for
// the truth.
func (p *packer) add(kind int, base, data []byte, size int) (at int) {
	at = packHead + p.b.Len()
	if size < 0 {
		size = len(data)
	}
	c := byte(kind<<4) | byte(size&15)
	for size >>= 4; size > 0; size >>= 7 {
		p.b.WriteByte(c | 0x80)
		c = byte(size & 0x7f)
	}
	p.b.WriteByte(c)
	p.b.Write(base)
	z := zlib.NewWriter(&p.b)
	_, _ = z.Write(data)
	_ = z.Close()
	p.count++
	return at
}

func (p *packer) pack() []byte {
	out := append([]byte("PACK"), 0, 0, 0, 2)
	out = append(binary.BigEndian.AppendUint32(out, p.count), p.b.Bytes()...)
	sum := sha1.Sum(out)
	return append(out, sum[:]...)
}

func objectID(kind string, data []byte) []byte {
	sum := sha1.Sum(append(fmt.Appendf(nil, "%s %d\x00", kind, len(data)), data...))
	return sum[:]
}

// back is how far a difference's base begins before it.
func back(n int) (b []byte) {
	b = []byte{byte(n & 0x7f)}
	for n >>= 7; n > 0; n >>= 7 {
		n--
		b = append([]byte{byte(n&0x7f) | 0x80}, b...)
	}
	return b
}

// longer is a difference from zeros of a size to some more.
func longer(from, to int) []byte {
	d := binary.AppendUvarint(binary.AppendUvarint(nil, uint64(from)), uint64(to))
	for left := to; left > 0; left -= min(left, from, 0xffffff) {
		n := min(left, from, 0xffffff)
		d = append(d, 0xf0, byte(n), byte(n>>8), byte(n>>16)) // copy n bytes from the beginning
	}
	return d
}

// bomb is a bundle of one commit whose tree holds the object top by the name "bomb".
func (w *world) bomb(p *packer, mode string, top []byte) (session.Checkpoint, []byte) {
	tree := append([]byte(mode+" bomb\x00"), top...)
	p.add(2, nil, tree, -1)
	commit := fmt.Appendf(nil, "tree %x\nparent %s\nauthor A <a@x> 1 +0000\ncommitter A <a@x> 1 +0000\n\nbomb\n", objectID("tree", tree), w.base)
	p.add(1, nil, commit, -1)
	id := hex.EncodeToString(objectID("commit", commit))
	head := fmt.Sprintf("# v2 git bundle\n-%s\n%s refs/result/commit\n%s refs/result/files\n\n", w.base, id, id)
	return session.Checkpoint{Commit: id, Files: id}, append([]byte(head), p.pack()...)
}

// treesInTrees is eleven trees that stand for ten thousand million files.
func treesInTrees(p *packer) (mode string, top []byte) {
	p.add(3, nil, []byte("x"), -1)
	mode, top = "100644", objectID("blob", []byte("x"))
	for range 10 {
		var tree []byte
		for n := range 10 {
			tree = append(fmt.Appendf(tree, "%s %d\x00", mode, n), top...)
		}
		p.add(2, nil, tree, -1)
		mode, top = "40000", objectID("tree", tree)
	}
	return mode, top
}

func TestBombsAreRefusedBeforeTheyGoOff(t *testing.T) {
	slow.Test(t)
	zeros := func(mb int) []byte { return make([]byte, mb<<20) }
	for name, c := range map[string]struct {
		make func(p *packer) (mode string, top []byte)
		says string
	}{
		"a file that claims gigabytes": {func(p *packer) (string, []byte) {
			p.add(3, nil, zeros(1), 2<<30)
			return "100644", objectID("blob", zeros(1))
		}, "a file is 2048 MB large"},
		"files that are too much together": {func(p *packer) (string, []byte) {
			for n := range 10 {
				p.add(3, nil, append(zeros(7), byte(n)), -1)
			}
			return "100644", objectID("blob", append(zeros(7), 0))
		}, "unpacked it is larger than 64 MB"},
		"a file that unpacks to more than it claims": {func(p *packer) (string, []byte) {
			p.add(3, nil, zeros(50), 10)
			return "100644", objectID("blob", make([]byte, 10))
		}, "refused"},
		"a difference of a few bytes that makes a large file": {func(p *packer) (string, []byte) {
			at := p.add(3, nil, zeros(1), -1)
			p.add(packPlace, back(packHead+p.b.Len()-at), longer(1<<20, 9<<20), -1)
			return "100644", objectID("blob", zeros(9))
		}, "a file is 9 MB large"},
		"differences that are too much together": {func(p *packer) (string, []byte) {
			at := p.add(3, nil, zeros(1), -1)
			for n := range 10 {
				p.add(packPlace, back(packHead+p.b.Len()-at), longer(1<<20, 7<<20+n), -1)
			}
			return "100644", objectID("blob", zeros(1))
		}, "unpacked it is larger than 64 MB"},
		"a difference longer than all may be": {func(p *packer) (string, []byte) {
			p.add(packName, objectID("blob", nil), nil, 1<<40)
			return "100644", objectID("blob", zeros(1))
		}, "a file is 1048576 MB large"},
		"a chain by place": {func(p *packer) (string, []byte) {
			at := p.add(3, nil, []byte("x"), -1)
			for n := range maxChain + 1 {
				next := packHead + p.b.Len()
				p.add(packPlace, back(next-at), append(binary.AppendUvarint(binary.AppendUvarint(nil, uint64(n+1)), uint64(n+2)), 0xb0, byte(n+1), byte((n+1)>>8), 1, 'x'), -1)
				at = next
			}
			return "100644", objectID("blob", []byte(strings.Repeat("x", maxChain+2)))
		}, "stands on more than 1000 others"},
		"a chain by name": {func(p *packer) (string, []byte) {
			text := []byte("x")
			p.add(3, nil, text, -1)
			for n := range maxChain + 1 {
				p.add(packName, objectID("blob", text), append(binary.AppendUvarint(binary.AppendUvarint(nil, uint64(n+1)), uint64(n+2)), 0xb0, byte(n+1), byte((n+1)>>8), 1, 'x'), -1)
				text = append(text, 'x')
			}
			return "100644", objectID("blob", text)
		}, "stands on more than 1000 others"},
		"trees that hold one another": {treesInTrees, "it changes more than 100000 files"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, someFiles)
			w.Repos = Open(Config{DataDir: w.data, Limits: Limits{Blob: 8 << 20, Total: 64 << 20}})
			p := &packer{}
			mode, top := c.make(p)
			check, bundle := w.bomb(p, mode, top)
			began := time.Now()
			_, err := w.Receive(w.ctx, w.project, w.session, 1, check, bytes.NewReader(bundle))
			wantCode(t, err, session.CodeQuarantine)
			if err != nil && !strings.Contains(err.Error(), c.says) {
				t.Errorf("it says %q, not %q", err, c.says)
			}
			if took := time.Since(began); took > 10*time.Second {
				t.Errorf("it took %v", took)
			}
		})
	}
	t.Run("control: git itself takes a few trees, and then all the memory there is", func(t *testing.T) {
		if runtime.GOOS != "linux" {
			t.Skip("the control needs ulimit -v, which only Linux enforces")
		}
		w := newWorld(t, someFiles)
		p := &packer{}
		mode, top := treesInTrees(p)
		check, bundle := w.bomb(p, mode, top)
		pack := bundle[bytes.Index(bundle, []byte("PACK")):]
		gitIn(t, w.repo, pack, "index-pack", "--stdin", "--strict")
		ctx, cancel := context.WithTimeout(w.ctx, time.Minute)
		defer cancel()
		cmd := exec.CommandContext(ctx, "sh", "-c", "ulimit -v 300000 && exec git diff-tree -r --raw \"$@\" | head -c 1", "sh", w.base, check.Commit)
		cmd.Dir = w.repo
		if out, _ := cmd.CombinedOutput(); !strings.Contains(strings.ToLower(string(out)), "out of memory") {
			t.Errorf("git says %.200q to %d bytes", out, len(pack))
		}
	})
	t.Run("control: what is within the bounds is taken", func(t *testing.T) {
		w := newWorld(t, someFiles)
		p := &packer{}
		at := p.add(3, nil, zeros(1), -1)
		p.add(packPlace, back(packHead+p.b.Len()-at), longer(1<<20, 9<<20), -1)
		p.add(packName, objectID("blob", zeros(9)), longer(9<<20, 10<<20), -1)
		check, bundle := w.bomb(p, "100644", objectID("blob", zeros(10)))
		if _, err := w.Receive(w.ctx, w.project, w.session, 1, check, bytes.NewReader(bundle)); err != nil {
			t.Error(err)
		}
	})
}
