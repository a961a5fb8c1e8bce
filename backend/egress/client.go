package egress

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync"
	"time"

	"background-agents/backend/session"
)

// What a connection from a sandbox is waited for. Each wait ends with what is waited for, or the connection's end.
const (
	idleWait  = 60 * time.Second // for the next request on a connection
	headWait  = 10 * time.Second // for the rest of a request's headers, once they have begun; its program is told so
	replyWait = 10 * time.Second // for the client to take an answer of ours
	readWait  = time.Second      // for what the client still sends while it is refused, so that it gets to see the answer
	alertWait = time.Second      // for the client to take the alert that ends a tunnel
)

// client is one connection from a sandbox.
type client struct {
	p      *Proxy
	id     session.ID
	box    *sandbox
	conn   net.Conn
	br     *bufio.Reader
	method string  // of the request being served
	tunnel *target // the host of a tunnel whose requests are read, nil where they name their host
	link   *link   // to the host of the last plain request, nil if there is none
}

func newClient(p *Proxy, id session.ID, conn net.Conn) *client {
	return &client{p: p, id: id, conn: conn, br: bufio.NewReaderSize(conn, 8<<10)}
}

// serve reads requests until the connection ends.
func (c *client) serve(ctx context.Context) {
	defer func() { c.link.close() }()
	for {
		_ = c.conn.SetReadDeadline(time.Now().Add(idleWait))
		if _, err := c.br.Peek(1); err != nil {
			return
		}
		_ = c.conn.SetReadDeadline(time.Now().Add(headWait))
		c.method = ""
		r, err := readRequest(c.br)
		if err != nil {
			c.badRequest(err)
			return
		}
		_ = c.conn.SetReadDeadline(time.Time{})
		c.method = r.Method
		again := false
		if r.Method == http.MethodConnect {
			again = c.connect(ctx, r)
		} else {
			again = c.forward(ctx, r)
		}
		if !again {
			return
		}
	}
}

// badRequest answers what could not be read.
func (c *client) badRequest(err error) {
	var form malformed
	switch {
	case errors.As(err, &form):
		c.reject("", "malformed request", "This request cannot be carried: "+form.Error()+".")
	case errors.Is(err, errHeadTooLarge):
		c.reject("", "malformed request", "The headers of this request are too large.")
	case isTimeout(err):
		c.reply(408, "The request did not arrive within "+session.Spell(headWait)+".")
	}
}

// reject answers a request that names no host that could be judged, and writes its row.
func (c *client) reject(host, rule, text string) {
	if sleep(c.p.ctx, c.p.paceOf(c.box)) != nil {
		return
	}
	c.p.Record(Connection{ID: c.p.rows.Add(1), Session: c.id, At: session.Millis(time.Now().UnixMilli()), Host: shown(host), Rule: rule})
	c.reply(400, text)
}

// reply answers the request and says that the connection ends. What the client still sends is read for a moment, so
// that it gets to see the answer.
func (c *client) reply(status int, text string) {
	body := "Background Agents: " + text + "\n"
	head := fmt.Sprintf("HTTP/1.1 %d %s\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: %d\r\nConnection: close\r\n\r\n",
		status, http.StatusText(status), len(body))
	if c.method == http.MethodHead {
		body = ""
	}
	_ = c.conn.SetDeadline(time.Now().Add(replyWait))
	if _, err := io.WriteString(c.conn, head+body); err != nil {
		return
	}
	closeWrite(c.conn)
	_ = c.conn.SetReadDeadline(time.Now().Add(readWait))
	_, _ = io.CopyN(io.Discard, c.br, 256<<10)
}

// attend cuts the flow when its client hangs up, so that its place is free at once, whatever the flow is waiting for.
// Bytes that arrive early stay in the buffer. Stop is called before anything else reads from the client; it may be
// called again.
func (c *client) attend(f *flow) (stop func()) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		for n := 1; n <= c.br.Size(); n = c.br.Buffered() + 1 {
			if _, err := c.br.Peek(n); err != nil {
				if !isTimeout(err) {
					f.cut(errHungUp)
				}
				return
			}
		}
	}()
	return sync.OnceFunc(func() {
		_ = c.conn.SetReadDeadline(time.Unix(1, 0))
		<-done
		_ = c.conn.SetReadDeadline(time.Time{})
	})
}

// isTimeout knows a deadline's error, also where a connection has one of its own, as yamux does.
func isTimeout(err error) bool {
	var t net.Error
	return errors.As(err, &t) && t.Timeout()
}

// closeWrite ends what is sent, where the connection can do that apart.
func closeWrite(conn net.Conn) {
	if half, ok := conn.(interface{ CloseWrite() error }); ok {
		_ = half.CloseWrite()
	}
}

// programOf returns what a request says of its program.
func programOf(r *request) string { return shown(r.UserAgent()) }
