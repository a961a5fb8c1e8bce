package scripted

import (
	"bufio"
	"bytes"
	"encoding/json"
	"net/http"
)

// wire writes server-sent events. They go out when the buffer is full, at a pause and at the end, so that a flood is not
// one write an event; the first goes out at once.
type wire struct {
	w     http.ResponseWriter
	out   *bufio.Writer
	wrote bool
}

func (s *wire) begun() bool { return s.out != nil }

func (s *wire) begin() {
	s.w.Header().Set("Content-Type", "text/event-stream")
	s.w.Header().Set("Cache-Control", "no-store")
	s.w.WriteHeader(http.StatusOK)
	s.out = bufio.NewWriterSize(s.w, 4096)
}

// event writes one event; name may be empty. Errors show as the end of the request's context.
func (s *wire) event(name string, v any) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if e.Encode(v) != nil {
		return
	}
	if name != "" {
		_, _ = s.out.WriteString("event: " + name + "\n")
	}
	_, _ = s.out.WriteString("data: ")
	_, _ = s.out.Write(b.Bytes()) // ends with a line's end
	_ = s.out.WriteByte('\n')
	if !s.wrote {
		s.wrote = true
		s.flush()
	}
}

func (s *wire) flush() {
	if !s.begun() {
		return
	}
	_ = s.out.Flush()
	_ = http.NewResponseController(s.w).Flush()
}

// collected is the reply to a request that did not ask for a stream.
type collected struct {
	c        *conversation
	w        http.ResponseWriter
	protocol protocol
	Text     string
	Thought  string
	Calls    []call
	Usage    usage
}

func (r *collected) begin()               {}
func (r *collected) text(piece string)    { r.Text += piece }
func (r *collected) thought(piece string) { r.Thought += piece }
func (r *collected) call(c call)          { r.Calls = append(r.Calls, c) }
func (r *collected) flush()               {}

func (r *collected) end(u usage) {
	r.Usage = u
	document(r.w, http.StatusOK, r.protocol.collect(r.c, r))
}

func (r *collected) fail(status int, message string) {
	document(r.w, status, r.protocol.failure(status, message))
}

func arguments(c call) string {
	b, _ := json.Marshal(c.Args) // strings, lists and maps of strings
	return string(b)
}
