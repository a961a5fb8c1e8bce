package broker

import (
	"context"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"background-agents/backend/session"
)

// A provider that takes the request and does not begin its answer, and one that does not even do TLS.
func TestAProviderThatDoesNotAnswerIsNamedWithTheTime(t *testing.T) {
	hold := make(chan struct{})
	b, _, _ := setUp(t, keys{"anthropic": realKey}, func(http.ResponseWriter, *http.Request) { <-hold })
	defer close(hold)
	b.transport.ResponseHeaderTimeout = 50 * time.Millisecond
	if status, body := ask(t, b, "POST", "/anthropic/v1/messages", "{}"); status != 502 ||
		!strings.Contains(body, "Anthropic did not answer within 10 minutes. Check the connection") {
		t.Errorf("no headers: %d %s", status, body)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	tls, err := New(Config{
		Credentials: keys{"far": realKey}, Endpoints: []Endpoint{{ID: "far", Name: "Far", Protocol: OpenAI,
			URL: "https://" + l.Addr().String() + "/v1"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	tls.transport.TLSHandshakeTimeout = 50 * time.Millisecond
	if status, body := ask(t, tls, "POST", "/far/v1/chat/completions", "{}"); status != 502 ||
		!strings.Contains(body, "Far did not answer within 15 seconds.") {
		t.Errorf("no TLS: %d %s", status, body)
	}
	tls.transport.DialContext = func(ctx context.Context, network, address string) (net.Conn, error) {
		return nil, &net.OpError{Op: "dial", Net: network, Err: context.DeadlineExceeded}
	}
	if status, body := ask(t, tls, "POST", "/far/v1/chat/completions", "{}"); status != 502 ||
		!strings.Contains(body, "Far did not answer within 30 seconds.") {
		t.Errorf("no connection: %d %s", status, body)
	}
}

// An answer in which nothing more comes ends with an error in the words of its protocol, and is cut off.
func TestAnAnswerThatFallsSilentSaysSo(t *testing.T) {
	for protocol, kind := range map[Protocol]string{Anthropic: "text/event-stream; charset=utf-8",
		OpenAI: "text/event-stream"} {
		said := httptest.NewRecorder()
		said.Header().Set("Content-Type", kind)
		var why *session.Error
		w := &served{ResponseWriter: said, answered: func(p *session.Error) { why = p },
			priced: endpoint{Endpoint: Endpoint{Name: "Far", Protocol: protocol}}}
		body, begun := io.Pipe()
		go func() { _, _ = io.WriteString(begun, "data: half\n\n") }()
		func() {
			defer func() {
				if recover() != http.ErrAbortHandler { //nolint:errorlint // it is a value of its own
					t.Errorf("%s: the answer is not cut off", protocol)
				}
			}()
			stream(t.Context(), w, body, func() { _ = body.CloseWithError(context.Canceled) }, 50*time.Millisecond)
		}()
		_, event, _ := strings.Cut(said.Body.String(), "event: error\ndata: ")
		var told struct {
			Type  string
			Error struct{ Message string }
		}
		if err := json.Unmarshal([]byte(strings.TrimSpace(event)), &told); err != nil {
			t.Fatalf("%s: %v in %q", protocol, err, said.Body)
		}
		if told.Error.Message != "Far sent nothing more for 50 milliseconds. Send the prompt again." ||
			(told.Type == "error") != (protocol == Anthropic) {
			t.Errorf("%s: %q", protocol, said.Body)
		}
		if why == nil || why.Message != "Far sent nothing more for 50 milliseconds." {
			t.Errorf("%s: the application is told %+v", protocol, why)
		}
	}
	plain := httptest.NewRecorder()
	plain.Header().Set("Content-Type", "application/json")
	breakOff(&served{ResponseWriter: plain}, "x")
	if plain.Body.Len() != 0 {
		t.Errorf("an answer that is not a stream of events: %q", plain.Body)
	}
}
