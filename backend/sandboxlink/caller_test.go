package sandboxlink

import (
	"context"
	"net"
	"strings"
	"testing"
	"unicode/utf8"

	"background-agents/backend/session"
	"background-agents/sandbox/wire"
)

// A connection to the network tells who holds it, as far as the sandbox says, and never more than is bounded.
func TestConnectionTellsWhoHoldsIt(t *testing.T) {
	s, h := newSandbox(t), newHost()
	told := make(chan []string, 1)
	l, err := Linker{}.Connect(t.Context(), s.dial(), session.LinkHandler{
		Session: "session", Entries: h.store,
		Egress: func(ctx context.Context, conn net.Conn) {
			defer conn.Close()
			told <- conn.(interface {
				Commands(ctx context.Context) []string
			}).Commands(ctx)
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	for port, want := range map[int]string{4711: "curl from 4711", 0: "", 1: "", -1: "", 65536: ""} {
		stream, err := s.server.Open(t.Context(), wire.Header{Stream: wire.StreamEgress, Port: port})
		if err != nil {
			t.Fatal(err)
		}
		got := <-told
		_ = stream.Close()
		if want == "" {
			if got != nil {
				t.Errorf("port %d is of %q", port, got)
			}
			continue
		}
		if len(got) != wire.MaxCallers || got[0] != want || len(got[1]) > wire.MaxCommand || !utf8.ValidString(got[1]) || !strings.HasPrefix(got[1], "üü") {
			t.Errorf("port %d is of %q", port, got)
		}
	}
}
