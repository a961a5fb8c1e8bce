package broker

import (
	"cmp"
	"context"
	"io"
	"log"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"

	"background-agents/backend/session"
)

// Bounds of what an agent may send.
const (
	maxHeader = 64 << 10
	maxBody   = 64 << 20
)

// Serve implements session.Broker: HTTP/1.1 on one connection. It returns when the connection has ended, or ctx has.
func (b *Broker) Serve(ctx context.Context, id session.ID, conn net.Conn) {
	l := &single{conns: make(chan net.Conn, 1), addr: conn.LocalAddr()}
	l.conns <- conn
	var running sync.WaitGroup
	handler := b.handler(id)
	server := &http.Server{
		Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			running.Add(1)
			defer running.Done()
			handler.ServeHTTP(w, r)
		}),
		BaseContext:       func(net.Listener) context.Context { return ctx },
		ConnState:         func(_ net.Conn, s http.ConnState) { l.state(s) },
		ReadHeaderTimeout: headTime,
		IdleTimeout:       idleTime,
		MaxHeaderBytes:    maxHeader,
		ErrorLog:          log.New(io.Discard, "", 0), // what an agent does wrong is its own affair
	}
	stop := context.AfterFunc(ctx, func() { _ = server.Close() })
	defer stop()
	_ = server.Serve(l) // ends when l does
	_ = server.Close()
	_ = conn.Close()
	running.Wait()
}

// single is a listener with one connection. It ends when that does.
type single struct {
	conns chan net.Conn
	addr  net.Addr
	once  sync.Once
}

func (l *single) Accept() (net.Conn, error) {
	conn, ok := <-l.conns
	if !ok {
		return nil, net.ErrClosed
	}
	return conn, nil
}

func (l *single) Close() error {
	l.once.Do(func() { close(l.conns) })
	return nil
}

func (l *single) Addr() net.Addr { return l.addr }

func (l *single) state(s http.ConnState) {
	if s == http.StateClosed || s == http.StateHijacked {
		_ = l.Close()
	}
}

// handler serves the requests of one session: /PROVIDER/v1/...
func (b *Broker) handler(id session.ID) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		begun := time.Now()
		if b.Asked != nil {
			b.Asked(id)
		}
		provider, path, _ := strings.Cut(strings.TrimPrefix(r.URL.EscapedPath(), "/"), "/")
		path = "/" + path
		s := &served{ResponseWriter: w, asked: request{meter: meter{short: true}}}
		if b.Answered != nil && asksModel(r.Method, path) {
			s.answered = func(p *session.Error) { b.Answered(id, p) }
		}
		defer func() {
			b.count(id, s)
			// The path is the agent's word and so is cut; there is nothing else of the request in the log.
			b.Log.Info("model request", "session", id, "provider", provider[:min(len(provider), 40)], "path", path[:min(len(path), 80)],
				"status", s.status, "bytes", s.bytes, "ms", time.Since(begun).Milliseconds())
		}()
		if err := b.allowed(r.Context(), id); err != nil {
			refuse(s, protocolOf(path), http.StatusPaymentRequired, err)
			return
		}
		if provider == Demo {
			s.failed = failed{endpoint: endpoint{Endpoint: Endpoint{ID: Demo, Name: "The demo model"}}}
			b.demo.ServeHTTP(s, r)
			return
		}
		e, found := b.endpoint(provider)
		if !found {
			refuse(s, protocolOf(path), http.StatusNotFound,
				refusal("This session has no model provider of that name.", "Choose another model."))
			return
		}
		b.forward(s, r, e, path)
	})
}

// served notes what an answer was.
type served struct {
	http.ResponseWriter
	status int
	bytes  int64
	asked  request  // what the agent sent
	meter  meter    // of the answer
	priced endpoint // where the request went
	billed bool     // it is one that a provider counts
	whole  bool     // the agent has the answer to its end

	answered func(*session.Error) // Config.Answered, nil for a request that is not for a model's answer
	problem  *session.Error       // with a status from 400 on
	failed   failed               // for an error of which the broker has not made a problem yet
}

// tell tells what became of a request for a model's answer, before the agent hears of it.
func (s *served) tell(problem *session.Error) {
	if s.answered != nil {
		s.answered(problem)
	}
}

// request reads what an agent sends, which may go on while its answer comes.
type request struct {
	mu    sync.Mutex
	meter meter
}

// Write implements io.Writer.
func (r *request) Write(p []byte) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.meter.Write(p)
}

// name returns the model that is asked, "" where that is not known yet.
func (r *request) name() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.meter.model
}

func (r *request) size() int64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.meter.bytes
}

// allowed asks whether a session may ask its model. What cannot be known does not stop it.
func (b *Broker) allowed(ctx context.Context, id session.ID) *session.Error {
	if b.Allow == nil {
		return nil
	}
	err := b.Allow(ctx, id)
	if session.CodeOf(err) == session.CodeBudget {
		return session.AsError(err)
	}
	if err != nil && ctx.Err() == nil {
		b.Log.Warn("ask for the session's budget", "session", id, "err", err)
	}
	return nil
}

// bytesOfToken is how many bytes a token has where nobody counted tokens.
const bytesOfToken = 4

// used returns what a request has used, and how many tokens of it are estimated: those that the provider did not tell,
// or would have told an agent that hung up before.
func (s *served) used() (t tally, estimated int64) {
	t = s.meter.tally
	if !s.billed || s.status >= 400 || s.whole && t.in() > 0 {
		return t, 0
	}
	if t.in() == 0 {
		t.input = (s.asked.size() + bytesOfToken - 1) / bytesOfToken
		estimated = t.input
	}
	if out := (s.meter.bytes + bytesOfToken - 1) / bytesOfToken; out > t.output && (!s.whole || t.output == 0) {
		estimated += out - t.output
		t.output = out
	}
	return t, estimated
}

// count tells what a request has used. One that was refused has used nothing.
func (b *Broker) count(id session.ID, s *served) {
	t, estimated := s.used()
	if b.Spent == nil || s.status >= 400 && t == (tally{}) {
		return
	}
	usd := t.usd
	switch {
	case s.priced.Flat:
		usd = 0
	case usd == 0:
		usd = s.priced.cost(cmp.Or(s.meter.model, s.asked.name())).of(t)
	}
	b.Spent(id, session.Use{Requests: 1, Input: t.in(), Output: t.output, USD: usd, Estimated: estimated})
}

// WriteHeader implements http.ResponseWriter.
func (s *served) WriteHeader(status int) {
	s.status = status
	switch {
	case status < 400:
		s.tell(nil)
	case s.problem != nil:
		s.tell(s.problem)
	default:
		s.failed.status = status
		s.tell(s.failed.problem())
	}
	s.ResponseWriter.WriteHeader(status)
}

// Write implements http.ResponseWriter.
func (s *served) Write(p []byte) (int, error) {
	if s.status == 0 {
		s.WriteHeader(http.StatusOK)
	}
	_, _ = s.meter.Write(p) // an answer counts even if the agent has hung up
	if s.status < 400 && s.meter.failure != nil {
		s.failed.body, s.meter.failure = s.meter.failure, nil
		s.tell(s.failed.problem())
	}
	n, err := s.ResponseWriter.Write(p)
	s.bytes += int64(n)
	return n, err
}

// Unwrap lets http.ResponseController find Flush.
func (s *served) Unwrap() http.ResponseWriter { return s.ResponseWriter }
