package egress

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"
)

// helloWait is how long a tunnel waits for the TLS greeting, once it is open or the greeting has begun. It ends with
// the greeting, or the tunnel's end.
const helloWait = 20 * time.Second

// halfOpenWait is how long a host may be silent in a tunnel whose program sends nothing more. It ends with the host's
// next byte, or the tunnel's end.
const halfOpenWait = 10 * time.Second

// connect serves a CONNECT request. It returns true where the tunnel turned out to carry plain requests, which are to
// be read from here on.
func (c *client) connect(ctx context.Context, r *request) (again bool) {
	if c.tunnel != nil || r.ContentLength != 0 {
		c.reject(r.RequestURI, "malformed request", "This CONNECT request cannot be carried.")
		return false
	}
	t, err := parseTarget(r.RequestURI, 0)
	if err == nil && t.port == 0 {
		err = errPortForm
	}
	if err != nil {
		c.reject(r.RequestURI, err.Error(), shown(r.RequestURI)+" is not a host and port: "+err.Error()+".")
		return false
	}
	if r.hostHeader != "" {
		if host, err := parseTarget(r.hostHeader, t.port); err != nil || host != t {
			c.reject(r.RequestURI, "malformed request", "Host is not the host that CONNECT names.")
			return false
		}
	}
	f := c.begin(ctx, r, t)
	stop := c.attend(f)
	defer stop()
	d, err := c.decide(f)
	if err != nil {
		stop()
		c.close(f, err)
		return false
	}
	if d.strict && t.port == 80 {
		// Some clients tunnel to port 80 too. What they send there is held to the same rules as without a tunnel, and
		// each request has its own row.
		stop()
		f.drop()
		c.tunnel = &t
		return c.established() == nil
	}
	up, _, err := c.p.dial(f, d, true)
	stop()
	if err != nil {
		c.unreachable(f, err)
		return false
	}
	defer func() { _ = up.Close() }()
	defer f.guard(c.conn, up)()
	f.opened(d.rule)
	if err = c.established(); err == nil {
		err = c.carry(f, up, d.strict)
	}
	var no *refusal
	if errors.As(err, &no) && context.Cause(f.ctx) == nil {
		f.refused(no.rule)
	} else {
		f.ended(err)
	}
	return false
}

func (c *client) established() error {
	_ = c.conn.SetWriteDeadline(time.Now().Add(replyWait))
	_, err := io.WriteString(c.conn, "HTTP/1.1 200 Connection established\r\n\r\n")
	_ = c.conn.SetWriteDeadline(time.Time{})
	return err
}

// carry carries both directions until both have ended, or one has failed. Nothing goes up before the TLS greeting has
// been seen to be for the tunnel's host.
func (c *client) carry(f *flow, up net.Conn, strict bool) error {
	var wg sync.WaitGroup
	var sent, got error
	ended := make(chan *error, 2)
	wg.Go(func() {
		if sent = c.greet(f, up, strict); sent == nil {
			sent = pump(up, c.br, &f.up)
			closeWrite(up)
		}
		ended <- &sent
	})
	wg.Go(func() {
		got = pump(c.conn, up, &f.down)
		closeWrite(c.conn)
		ended <- &got
	})
	first := <-ended
	if *first == nil {
		if first == &sent {
			defer f.endWhenSilent()()
		}
		first = <-ended
	}
	if *first != nil {
		_ = up.Close()
		_ = c.conn.Close()
	}
	wg.Wait()
	// Where the host has said all, or the program has hung up after it did, nothing was broken off.
	if got == nil && !errors.As(sent, new(*refusal)) || sent == nil && errors.As(got, new(untaken)) {
		return nil
	}
	return *first
}

// endWhenSilent cuts a tunnel whose program has said all, as soon as the host carries nothing more for a while: a
// program that has hung up looks the same.
func (f *flow) endWhenSilent() (stop func()) {
	done := make(chan struct{})
	go func() {
		tick := time.NewTicker(halfOpenWait)
		defer tick.Stop()
		for before := f.down.Load(); ; {
			select {
			case <-done:
				return
			case <-tick.C:
			}
			now := f.down.Load()
			if now == before {
				f.cut(errHungUp)
				return
			}
			before = now
		}
	}()
	return func() { close(done) }
}

// untaken is the error of a receiver that takes no more.
type untaken struct{ error }

func (u untaken) Unwrap() error { return u.error }

// greet reads the first message from the sandbox, judges it, and passes it on.
func (c *client) greet(f *flow, up net.Conn, strict bool) error {
	if strict {
		_ = c.conn.SetReadDeadline(time.Now().Add(helloWait))
	}
	first, err := c.br.Peek(1)
	if err != nil {
		if errors.Is(err, io.EOF) {
			return nil // it has nothing to say, and pump will see the same
		}
		return err
	}
	var raw []byte
	if strict || first[0] == 22 {
		_ = c.conn.SetReadDeadline(time.Now().Add(helloWait))
		var h hello
		h, raw, err = readHello(c.br)
		if err == nil {
			err = h.fits(f.target, strict)
		} else if !strict && (errors.Is(err, errNotTLS) || errors.Is(err, errHello)) {
			err = nil // another protocol, on a port or in a mode that allows any
		}
		if err != nil {
			return c.deny(f, err)
		}
	}
	_ = c.conn.SetReadDeadline(time.Time{})
	n, err := up.Write(raw)
	f.up.Add(int64(n))
	return err
}

// accessDenied is a TLS alert (RFC 8446, 6): the client tells its user so, and not that the connection broke.
var accessDenied = []byte{21, 3, 3, 0, 2, 2, 49}

func (c *client) deny(f *flow, err error) error {
	if f.down.Load() == 0 {
		_ = c.conn.SetWriteDeadline(time.Now().Add(alertWait))
		_, _ = c.conn.Write(accessDenied)
		closeWrite(c.conn)
	}
	return &refusal{status: http.StatusForbidden, rule: err.Error()}
}

// pieces are the buffers of tunnels, two for each that is open.
var pieces = sync.Pool{New: func() any { return new([64 << 10]byte) }}

// pump copies until src ends.
func pump(dst io.Writer, src io.Reader, count *atomic.Int64) error {
	buf := pieces.Get().(*[64 << 10]byte)
	defer pieces.Put(buf)
	for {
		n, err := src.Read(buf[:])
		if n > 0 {
			if _, err := dst.Write(buf[:n]); err != nil {
				return untaken{err}
			}
			count.Add(int64(n))
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
	}
}
