package control

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"sync"

	"background-agents/backend/session"
)

const upgrade = "background-agents-exec"

// execStart is the first frame of an Exec, execEnd the last.
type execStart struct {
	Session session.ID `json:"session"`
	Command []string   `json:"command"`
	TTY     bool       `json:"tty"`
	Stdin   bool       `json:"stdin"`
}

type execEnd struct {
	Code  int            `json:"code"`
	Error *session.Error `json:"error,omitempty"`
}

func (s *server) exec(w http.ResponseWriter, r *http.Request) {
	if r.Header.Get("Upgrade") != upgrade {
		writeError(w, malformed(nil))
		return
	}
	s.hijacked.Add(1)
	defer s.hijacked.Done()
	conn, buf, err := http.NewResponseController(w).Hijack()
	if err != nil {
		writeError(w, err)
		return
	}
	defer conn.Close()
	if _, err := fmt.Fprintf(conn, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: %s\r\n\r\n", upgrade); err != nil {
		return
	}
	// The request's own context knows nothing of a hijacked connection: its end is seen by reading.
	ctx, cancel := context.WithCancel(s.ctx)
	defer cancel()
	defer context.AfterFunc(ctx, func() { _ = conn.Close() })()
	s.run(ctx, cancel, conn, buf.Reader)
}

func (s *server) run(ctx context.Context, cancel func(), w io.Writer, r *bufio.Reader) {
	out := &frameWriter{w: w}
	first, err := readFrame(r)
	var start execStart
	if err != nil || first.kind != frameStart || json.Unmarshal(first.data, &start) != nil {
		return
	}
	e := session.Exec{Command: start.Command, TTY: start.TTY, Stdout: out.stream(frameStdout), Stderr: out.stream(frameStderr)}
	stdin, feed := io.Pipe()
	if start.Stdin {
		e.Stdin = stdin
	}
	var wg sync.WaitGroup
	wg.Go(func() {
		err := unframe(r, map[byte]io.Writer{frameStdin: feed}, frameStdinEnd)
		_ = feed.CloseWithError(err)
		if err != nil {
			cancel() // the caller has gone
			return
		}
		if _, err := r.ReadByte(); err != nil {
			cancel()
		}
	})
	code, err := s.ops.Exec(ctx, start.Session, e)
	_ = stdin.Close()
	raw, _ := json.Marshal(execEnd{Code: code, Error: session.AsError(err)})
	_ = out.write(frameEnd, raw)
	cancel()
	wg.Wait()
}

// Exec implements session.Operations. A Stdin that never ends, such as a terminal's, is still being read when Exec
// returns: what it gives next is lost.
func (c *Client) Exec(ctx context.Context, id session.ID, e session.Exec) (int, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	conn, err := c.upgrade(ctx)
	if err != nil {
		return 0, err
	}
	defer conn.Close()
	defer context.AfterFunc(ctx, func() { _ = conn.Close() })()
	in := &frameWriter{w: conn}
	start, err := json.Marshal(execStart{Session: id, Command: e.Command, TTY: e.TTY, Stdin: e.Stdin != nil})
	if err != nil {
		return 0, err
	}
	if err := in.write(frameStart, start); err != nil {
		return 0, gone(err)
	}
	go func() {
		if e.Stdin != nil {
			_, _ = io.Copy(in.stream(frameStdin), e.Stdin)
		}
		_ = in.write(frameStdinEnd, nil)
	}()
	var end execEnd
	sinks := map[byte]io.Writer{frameStdout: orDiscard(e.Stdout), frameStderr: orDiscard(e.Stderr), frameEnd: jsonInto{&end}}
	if err := unframe(bufio.NewReader(conn), sinks, frameEnd); err != nil {
		if ctx.Err() != nil {
			return 0, ctx.Err()
		}
		return 0, gone(err)
	}
	if end.Error != nil {
		return end.Code, end.Error
	}
	return end.Code, nil
}

func (c *Client) upgrade(ctx context.Context) (io.ReadWriteCloser, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+host+"/v1/Exec", nil)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Connection", "Upgrade")
	req.Header.Set("Upgrade", upgrade)
	resp, err := c.http.Do(req)
	if err != nil {
		return nil, gone(err)
	}
	conn, ok := resp.Body.(io.ReadWriteCloser)
	if resp.StatusCode != http.StatusSwitchingProtocols || !ok {
		defer resp.Body.Close()
		return nil, readError(resp)
	}
	return conn, nil
}

func orDiscard(w io.Writer) io.Writer {
	if w == nil {
		return io.Discard
	}
	return w
}

type jsonInto struct{ v any }

func (j jsonInto) Write(p []byte) (int, error) { return len(p), json.Unmarshal(p, j.v) }
