package mcp

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// peer is a client that speaks line by line.
type peer struct {
	t *testing.T
	net.Conn
	lines *bufio.Scanner
}

// serving serves two tools on a socket: echo says its arguments, wait ends with the call.
func serving(t *testing.T) (dial func() *peer, ended chan string) {
	t.Helper()
	socket := filepath.Join(t.TempDir(), "s")
	l, err := net.Listen("unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	ended = make(chan string, 100)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	tools := []Tool{
		{Name: "echo", Schema: json.RawMessage(`{"type":"object"}`), Call: func(_ context.Context, args json.RawMessage) (string, bool) {
			return string(args), string(args) == `"bad"`
		}},
		{Name: "wait", Schema: json.RawMessage(`{"type":"object"}`), Call: func(ctx context.Context, _ json.RawMessage) (string, bool) {
			<-ctx.Done()
			ended <- "wait"
			return "", false
		}},
	}
	go func() { done <- Serve(ctx, l, tools, func() string { return "There is go." }) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	return func() *peer {
		conn, err := net.Dial("unix", socket)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = conn.Close() })
		lines := bufio.NewScanner(conn)
		lines.Buffer(nil, 2*maxLine)
		return &peer{t: t, Conn: conn, lines: lines}
	}, ended
}

func (p *peer) say(line string) {
	p.t.Helper()
	if _, err := fmt.Fprintln(p, line); err != nil {
		p.t.Fatal(err)
	}
}

func (p *peer) hear() string {
	p.t.Helper()
	_ = p.SetReadDeadline(time.Now().Add(5 * time.Second))
	if !p.lines.Scan() {
		p.t.Fatalf("nothing is heard: %v", p.lines.Err())
	}
	return p.lines.Text()
}

func TestClientFindsAndCallsTools(t *testing.T) {
	dial, _ := serving(t)
	p := dial()
	for _, c := range []struct{ say, want string }{
		{`{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-03-26","capabilities":{},"clientInfo":{"name":"x"}}}`, `"protocolVersion":"2025-03-26"`},
		{`{"jsonrpc":"2.0","id":1,"method":"initialize","params":{}}`, `"instructions":"There is go."`},
		{`{"jsonrpc":"2.0","id":2,"method":"initialize","params":{"protocolVersion":"1999-01-01"}}`, `"protocolVersion":"2025-06-18"`},
		{`{"jsonrpc":"2.0","method":"notifications/initialized"}` + "\n" + `{"jsonrpc":"2.0","id":"a","method":"ping"}`, `"id":"a","result":{}`},
		{`{"jsonrpc":"2.0","id":3,"method":"tools/list"}`, `"name":"echo","description":"","inputSchema":{"type":"object"}`},
		{`{"jsonrpc":"2.0","id":4,"method":"tools/call","params":{"name":"echo","arguments":{"a":"é"}}}`, `{"content":[{"text":"{\"a\":\"é\"}","type":"text"}],"isError":false}`},
		{`{"jsonrpc":"2.0","id":5,"method":"tools/call","params":{"name":"echo","arguments":"bad"}}`, `"isError":true`},
		{`{"jsonrpc":"2.0","id":6,"method":"tools/call","params":{"name":"rm"}}`, `"code":-32602`},
		{`{"jsonrpc":"2.0","id":7,"method":"resources/list"}`, `"code":-32601`},
		{`{"jsonrpc":"2.0","id":8,"method":"tools/call","params":7}`, `"code":-32602`},
		{`not JSON`, `"code":-32700`},
	} {
		p.say(c.say)
		if got := p.hear(); !strings.Contains(got, c.want) || !strings.HasPrefix(got, `{"jsonrpc":"2.0"`) {
			t.Errorf("%s\nis answered %s\nwant          %s", c.say, got, c.want)
		}
	}
}

func TestCallEndsWithItsCancellationAndItsClient(t *testing.T) {
	dial, ended := serving(t)
	p := dial()
	p.say(`{"jsonrpc":"2.0","id":9,"method":"tools/call","params":{"name":"wait"}}`)
	p.say(`{"jsonrpc":"2.0","id":10,"method":"ping"}`)
	if got := p.hear(); !strings.Contains(got, `"id":10`) {
		t.Errorf("while a call runs, a ping is answered %s", got)
	}
	p.say(`{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":9}}`)
	<-ended
	p.say(`{"jsonrpc":"2.0","id":11,"method":"tools/call","params":{"name":"wait"}}`)
	p.say(`{"jsonrpc":"2.0","id":12,"method":"ping"}`)
	if got := p.hear(); !strings.Contains(got, `"id":12`) {
		t.Errorf("a cancelled call is answered: %s", got)
	}
	_ = p.Close()
	<-ended
}

func TestHostileClientIsBounded(t *testing.T) {
	dial, _ := serving(t)
	p := dial()
	for n := range maxCalls + 1 {
		p.say(fmt.Sprintf(`{"jsonrpc":"2.0","id":%d,"method":"tools/call","params":{"name":"wait"}}`, n))
	}
	if got := p.hear(); !strings.Contains(got, "Too many calls") {
		t.Errorf("one call too many is answered %s", got)
	}
	long := dial()
	_ = long.SetWriteDeadline(time.Now().Add(5 * time.Second))
	_, _ = long.Write([]byte(strings.Repeat("x", maxLine+1000)))
	_ = long.SetReadDeadline(time.Now().Add(5 * time.Second))
	if long.lines.Scan() {
		t.Errorf("a line without end is answered %.100s", long.lines.Text())
	}
	for range maxClients {
		dial()
	}
	last := dial()
	_ = last.SetReadDeadline(time.Now().Add(5 * time.Second))
	if last.lines.Scan() {
		t.Error("one client too many is served")
	}
	if err := last.lines.Err(); err != nil && strings.Contains(err.Error(), "timeout") {
		t.Error("one client too many is kept")
	}
}
