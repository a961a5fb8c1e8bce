package sandboxlink

import (
	"errors"
	"io"

	"background-agents/sandbox/wire"
)

// guard reads over the multiplexer's shoulder. Each ping makes it start a goroutine that answers, so a peer that sends
// them faster than it reads the answers could fill the host's memory. Neither side of this channel ever pings.
type guard struct {
	io.ReadWriteCloser
	head wire.MuxHead
	have int    // bytes of head that are known
	skip uint32 // bytes of data until the next head
	err  error
}

var errPing = errors.New("the sandbox sent a ping")

func newGuard(rw io.ReadWriteCloser) *guard { return &guard{ReadWriteCloser: rw} }

// Read implements io.Reader. It is called from one goroutine.
func (g *guard) Read(p []byte) (int, error) {
	if g.err != nil {
		return 0, g.err
	}
	n, err := g.ReadWriteCloser.Read(p)
	if !g.allow(p[:n]) {
		g.err = errPing
		return 0, g.err
	}
	return n, err
}

// allow follows the heads in b.
func (g *guard) allow(b []byte) bool {
	for len(b) > 0 {
		if g.skip > 0 {
			n := min(g.skip, uint32(len(b)))
			g.skip -= n
			b = b[n:]
			continue
		}
		n := copy(g.head[g.have:], b)
		g.have += n
		b = b[n:]
		if g.have < len(g.head) {
			return true
		}
		g.have = 0
		if g.head.Ping() {
			return false
		}
		g.skip = g.head.Data()
	}
	return true
}
