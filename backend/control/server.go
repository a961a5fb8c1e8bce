package control

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"sync"
	"time"

	"background-agents/backend/session"
)

// Serve answers on l with ops until ctx ends; it closes l, and returns when every answer has ended.
func Serve(ctx context.Context, l net.Listener, ops session.Operations) error {
	s := &server{ops: ops, ctx: ctx}
	hs := &http.Server{
		Handler:           s.handler(),
		ReadHeaderTimeout: headWait,
		MaxHeaderBytes:    64 << 10,
		BaseContext:       func(net.Listener) context.Context { return ctx },
	}
	ended := make(chan error, 1)
	go func() { ended <- hs.Serve(l) }()
	select {
	case err := <-ended:
		return err
	case <-ctx.Done():
	}
	// Streams end with ctx; a call that is under way gets a moment to end well.
	shutdown, cancel := context.WithTimeout(context.WithoutCancel(ctx), closeWait)
	defer cancel()
	err := hs.Shutdown(shutdown)
	if err != nil {
		err = errors.Join(err, hs.Close())
	}
	if serveErr := <-ended; !errors.Is(serveErr, http.ErrServerClosed) {
		err = errors.Join(err, serveErr)
	}
	s.hijacked.Wait()
	return err
}

type server struct {
	ops      session.Operations
	ctx      context.Context
	hijacked sync.WaitGroup // connections of Exec, which http.Server no longer knows
}

func (s *server) handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /hello", func(w http.ResponseWriter, _ *http.Request) {
		_ = json.NewEncoder(w).Encode(Hello{Protocol: Protocol, Version: Version, PID: os.Getpid()})
	})
	for name, h := range calls {
		mux.HandleFunc("POST /v1/"+name, h.serve(s.ops))
	}
	mux.HandleFunc("POST /v1/Watch", s.watch)
	mux.HandleFunc("POST /v1/Attach", s.attach)
	mux.HandleFunc("POST /v1/Output", func(w http.ResponseWriter, r *http.Request) {
		var id session.ID
		var item session.ItemID
		stream(w, r, func(out io.Writer) error { return s.ops.Output(r.Context(), id, item, out) }, &id, &item)
	})
	mux.HandleFunc("POST /v1/WritePatch", func(w http.ResponseWriter, r *http.Request) {
		var id session.ID
		var turn int
		stream(w, r, func(out io.Writer) error { return s.ops.WritePatch(r.Context(), id, turn, out) }, &id, &turn)
	})
	mux.HandleFunc("POST /v1/Exec", s.exec)
	return noBrowser(mux)
}

// noBrowser refuses what a web page could send: it cannot leave Origin out, nor choose Host freely.
func noBrowser(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Host != host || r.Header.Get("Origin") != "" || r.Header.Get("Sec-Fetch-Mode") != "" {
			w.WriteHeader(http.StatusForbidden)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// line is one line of Watch: an event, or at the end why it ended.
type line struct {
	session.Event
	Failure *session.Error `json:"failure,omitempty"`
}

func (s *server) watch(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithCancel(r.Context())
	defer cancel()
	enc, flush := json.NewEncoder(w), http.NewResponseController(w)
	w.Header().Set("Content-Type", "application/x-ndjson")
	send := func(l line) {
		_ = flush.SetWriteDeadline(time.Now().Add(readerWait))
		if enc.Encode(l) != nil || flush.Flush() != nil {
			cancel()
		}
	}
	err := s.ops.Watch(ctx, func(e session.Event) { send(line{Event: e}) })
	if ctx.Err() == nil {
		send(line{Failure: session.AsError(err)})
	}
}

func (s *server) attach(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	// One byte more than is allowed, so that the operation itself refuses what is too long, with its own sentence.
	body := io.LimitReader(r.Body, session.MaxAttachmentBytes+1)
	a, err := s.ops.Attach(r.Context(), q.Get("name"), q.Get("mime"), body)
	if err != nil {
		writeError(w, err)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(a)
}

// trailer carries an error that came after the first byte of a stream.
const trailer = "Failure"

// stream answers a call with bytes, which write gives once its arguments are read.
func stream(w http.ResponseWriter, r *http.Request, write func(io.Writer) error, into ...any) {
	var args []json.RawMessage
	err := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxArguments)).Decode(&args)
	if err = errors.Join(err, decode(args, into...)); err != nil {
		writeError(w, err)
		return
	}
	w.Header().Set("Trailer", trailer)
	w.Header().Set("Content-Type", "application/octet-stream")
	out := &counted{w: w}
	err = write(out)
	switch {
	case err != nil && out.n == 0:
		w.Header().Del("Trailer")
		writeError(w, err)
	case err != nil:
		raw, _ := json.Marshal(session.AsError(err))
		w.Header().Set(trailer, string(raw))
	}
}

type counted struct {
	w io.Writer
	n int64
}

func (c *counted) Write(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil // would send the header, and an error could no longer have a status
	}
	n, err := c.w.Write(p)
	c.n += int64(n)
	return n, err
}
