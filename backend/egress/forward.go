package egress

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"time"

	"background-agents/backend/session"
)

const (
	// answerWait is how long a server may take to begin its answer. It ends with its headers, or the program is told
	// that the server did not answer.
	answerWait    = 5 * time.Minute
	maxAnswerHead = 1 << 20 // bytes of them
)

var errTooLong = errors.New("more bytes than expected")

// bounded is a connection of which so much may be read; left below zero is no bound.
type bounded struct {
	net.Conn
	left int
}

func (b *bounded) Read(p []byte) (int, error) {
	if b.left == 0 {
		return 0, errTooLong
	}
	if b.left > 0 {
		p = p[:min(len(p), b.left)]
	}
	n, err := b.Conn.Read(p)
	if b.left > 0 {
		b.left -= n
	}
	return n, err
}

// link is a connection to the host of plain requests, or to the host's own proxy. It serves one flow at a time.
type link struct {
	bounded
	br       *bufio.Reader
	target   target
	addr     netip.Addr // none where the host's own proxy is behind it
	upstream string
	f        *flow
}

func (l *link) Read(p []byte) (int, error) {
	n, err := l.bounded.Read(p)
	l.f.down.Add(int64(n))
	return n, err
}

func (l *link) Write(p []byte) (int, error) {
	n, err := l.Conn.Write(p)
	l.f.up.Add(int64(n))
	return n, err
}

func (l *link) close() {
	if l != nil {
		_ = l.Conn.Close()
	}
}

// forward serves one plain request. It returns true where the next may follow on the same connection.
func (c *client) forward(ctx context.Context, r *request) (again bool) {
	t, err := r.target(c.tunnel)
	if err != nil {
		c.reject(r.URL.Host, "malformed request", "This request cannot be carried: "+err.Error()+".")
		return false
	}
	waits := strings.EqualFold(r.Header.Get("Expect"), "100-continue")
	if !waits && r.Header.Get("Expect") != "" {
		c.reply(417, "Send the request without Expect.")
		return false
	}
	r.Header.Del("Expect")
	f := c.begin(ctx, r, t)
	f.writing = r.Method != http.MethodGet && r.Method != http.MethodHead || r.ContentLength != 0
	stop := c.attend(f)
	defer stop()
	d, err := c.decide(f)
	if err != nil {
		stop()
		c.close(f, err)
		return false
	}
	if waits && r.ContentLength != 0 && r.ProtoAtLeast(1, 1) {
		_, _ = io.WriteString(c.conn, "HTTP/1.1 100 Continue\r\n\r\n")
	}
	again, err = c.exchange(f, r, d, stop)
	stop()
	if err != nil && errors.Is(err, errUnreachable) {
		c.unreachable(f, err)
		return false
	}
	f.ended(err)
	return again && err == nil
}

// exchange sends the request and returns the answer. An error wraps errUnreachable where the client got no byte yet.
// unattend is called before the body is read from the client.
func (c *client) exchange(f *flow, r *request, d decision, unattend func()) (again bool, err error) {
	r.Host, r.URL.Scheme, r.URL.Host = hostOf(f.target), "http", hostOf(f.target)
	last := r.Close
	strip(r.Header)
	r.Close = false
	if r.UserAgent() == "" {
		r.Header.Set("User-Agent", "") // net/http would name itself
	}
	opened := false
	for {
		reused, err := c.connectLink(f, d)
		if err != nil {
			return false, err
		}
		if !opened {
			f.opened(d.rule)
			opened = true
		}
		stop := f.guard(c.conn, c.link.Conn)
		if r.ContentLength != 0 {
			unattend()
		}
		again, begun, err := c.roundTrip(f, r, d.upstream, last)
		stop()
		if err != nil || !again {
			c.link.close()
			c.link = nil
		}
		if err != nil && !begun {
			if reused && !f.writing && f.ctx.Err() == nil {
				continue // the server ended the connection while nobody used it
			}
			words := "it ended the connection"
			if isTimeout(err) {
				words = "it did not answer within " + session.Spell(answerWait)
			}
			err = unreachable(words, err)
		}
		return again, err
	}
}

// hostOf returns what a Host header says for a plain request.
func hostOf(t target) string {
	if t.port != 80 {
		return t.String()
	}
	if t.addr.Is6() {
		return "[" + t.host() + "]"
	}
	return t.host()
}

// connectLink sees to a connection to the flow's host, true where there was one. What writes gets a new one, because it
// could not be sent again if the server has just ended the old; and so does a name that has moved.
func (c *client) connectLink(f *flow, d decision) (reused bool, err error) {
	upstream := ""
	if d.upstream != nil {
		upstream = d.upstream.String()
	}
	if l := c.link; l != nil {
		same := l.target == f.target && l.upstream == upstream && (d.upstream != nil || slices.Contains(d.addrs, l.addr))
		if same && !f.writing {
			l.f = f
			return true, nil
		}
		l.close()
		c.link = nil
	}
	conn, at, err := c.p.dial(f, d, false)
	if err != nil {
		return false, err
	}
	l := &link{bounded: bounded{conn, -1}, target: f.target, addr: at, upstream: upstream, f: f}
	l.br = bufio.NewReaderSize(l, 16<<10)
	c.link = l
	return false, nil
}

// roundTrip sends the request over the link while it reads the answer, since a server may answer before it has it all.
func (c *client) roundTrip(f *flow, r *request, upstream *url.URL, last bool) (again, begun bool, err error) {
	sent := make(chan error, 1)
	if r.ContentLength == 0 {
		sent <- c.send(r, upstream)
	} else {
		r.Body = &upload{r.Body, f, r.ContentLength}
		unattend := func() {}
		go func() {
			err := c.send(r, upstream)
			if err == nil {
				unattend = c.attend(f)
			}
			sent <- err
		}()
		defer func() {
			if sent != nil { // the server has answered, and does not want the rest
				c.link.close()
				closeWrite(c.conn)
				_ = c.conn.SetReadDeadline(time.Now().Add(readWait))
				<-sent //nolint:errcheck // what was not sent is not wanted
			}
			unattend()
		}()
	}
	res, err := c.answer(r)
	if err != nil {
		return false, false, err
	}
	defer func() { _ = res.Body.Close() }()
	last = last || res.Close
	select {
	case err := <-sent:
		sent = nil
		last = last || err != nil
	default:
		last = true
	}
	if err := c.pass(r, res, last); err != nil {
		return false, true, err
	}
	return !res.Close, true, nil
}

// upload is a body as it comes from the client. One that breaks off cuts its flow: the server would wait for the rest.
type upload struct {
	io.ReadCloser
	f    *flow
	left int64 // bytes that are missing, below zero where that is not known
}

func (u *upload) Read(p []byte) (int, error) {
	n, err := u.ReadCloser.Read(p)
	short := errors.Is(err, io.EOF) && u.left > int64(n)
	if u.left > 0 {
		u.left -= int64(n)
	}
	if short || err != nil && !errors.Is(err, io.EOF) && !isTimeout(err) {
		u.f.cut(errHungUp)
	}
	return n, err
}

func (c *client) send(r *request, upstream *url.URL) error {
	w := bufio.NewWriterSize(c.link, 16<<10)
	write := r.Write
	if upstream != nil {
		authorize(r.Request, upstream)
		write = r.WriteProxy
	}
	if err := write(w); err != nil {
		return err
	}
	return w.Flush()
}

// answer reads an answer's headers, passing over those that only say that it takes time.
func (c *client) answer(r *request) (*http.Response, error) {
	if r.ContentLength == 0 { // else it is still being sent, and idleLimit is what bounds it
		_ = c.link.SetReadDeadline(time.Now().Add(answerWait))
	}
	for range 5 {
		c.link.left = maxAnswerHead
		res, err := http.ReadResponse(c.link.br, r.Request)
		if err != nil {
			return nil, err
		}
		if res.StatusCode == http.StatusSwitchingProtocols {
			return nil, errors.New("the server changes the protocol")
		}
		if res.StatusCode >= 200 {
			c.link.left = -1
			_ = c.link.SetReadDeadline(time.Time{})
			return res, nil
		}
	}
	return nil, errors.New("the server does not come to an answer")
}

// pass writes the answer to the client, each piece when it comes.
func (c *client) pass(r *request, res *http.Response, last bool) error {
	strip(res.Header)
	res.Trailer = nil
	res.Proto, res.ProtoMajor, res.ProtoMinor = "HTTP/1.1", 1, 1
	res.Close = last
	bodiless := r.Method == http.MethodHead || res.StatusCode == http.StatusNoContent || res.StatusCode == http.StatusNotModified
	res.TransferEncoding = nil
	if res.ContentLength < 0 && !bodiless {
		if r.ProtoAtLeast(1, 1) {
			res.TransferEncoding = []string{"chunked"}
		} else {
			res.Close = true
		}
	}
	w := bufio.NewWriterSize(c.conn, 32<<10)
	res.Body = &promptly{res.Body, w}
	if err := res.Write(struct{ io.Writer }{w}); err != nil { // without ReadFrom, which must not be flushed within
		return err
	}
	return w.Flush()
}

// promptly flushes what was written before it waits for more.
type promptly struct {
	io.ReadCloser
	w *bufio.Writer
}

func (p *promptly) Read(b []byte) (int, error) {
	if err := p.w.Flush(); err != nil {
		return 0, err
	}
	return p.ReadCloser.Read(b)
}
