// Package mcp serves tools to agents in the sandbox by the Model Context Protocol (modelcontextprotocol.io, revision 2025-06-18), as
// far as its stdio transport and tools need: initialize, ping, tools/list, tools/call, and their cancellation.
//
// Agents start `supervisor mcp`, which copies its standard streams to the running supervisor's socket; each connection there is one
// client. Lines, connections and calls are bounded, so that no client costs more than a little memory.
package mcp

import (
	"bufio"
	"context"
	"encoding/json"
	"net"
	"sync"
	"time"

	"background-agents/sandbox/supervisor/conns"
)

// Bounds.
const (
	maxLine    = 512 << 10 // bytes of a message
	maxClients = 16
	maxCalls   = 4 // under way for one client
)

// Tool is one that clients can call. Call returns what the agent is told, and whether that is a failure.
type Tool struct {
	Name        string                                                                     `json:"name"`
	Description string                                                                     `json:"description"`
	Schema      json.RawMessage                                                            `json:"inputSchema"`
	Call        func(ctx context.Context, args json.RawMessage) (text string, failed bool) `json:"-"`
}

// Serve takes clients from l until ctx ends, and waits for what they called. Each is told what instructions returns at
// its beginning, as the protocol has it.
func Serve(ctx context.Context, l net.Listener, tools []Tool, instructions func() string) error {
	ctx, cancel := context.WithCancel(ctx)
	var wg sync.WaitGroup
	defer wg.Wait()
	defer cancel()
	places := make(chan struct{}, maxClients)
	return conns.Each(ctx, l, func(conn net.Conn) {
		select {
		case places <- struct{}{}:
		default: // too many: an agent has one
			_ = conn.Close()
			return
		}
		wg.Go(func() {
			defer func() { <-places }()
			(&client{conn: conn, tools: tools, instructions: instructions, running: map[string]context.CancelFunc{}}).serve(ctx)
		})
	})
}

// client is one connection.
type client struct {
	conn         net.Conn
	tools        []Tool
	instructions func() string

	mu      sync.Mutex
	running map[string]context.CancelFunc // calls by the client's id
}

// serve answers one client until it goes.
func (c *client) serve(ctx context.Context) {
	ctx, cancel := context.WithCancel(ctx)
	var calls sync.WaitGroup
	defer calls.Wait()
	defer cancel()
	stop := context.AfterFunc(ctx, func() { _ = c.conn.Close() })
	defer stop()
	defer c.conn.Close()
	lines := bufio.NewScanner(c.conn)
	lines.Buffer(make([]byte, 0, 4096), maxLine)
	for lines.Scan() {
		var m message
		if json.Unmarshal(lines.Bytes(), &m) != nil {
			c.send(message{Error: &failure{codeParse, "this is no JSON-RPC message"}})
			continue
		}
		c.take(ctx, m, &calls)
	}
}

func (c *client) take(ctx context.Context, m message, calls *sync.WaitGroup) {
	switch {
	case m.Method == "notifications/cancelled":
		var p struct {
			ID json.RawMessage `json:"requestId"`
		}
		_ = json.Unmarshal(m.Params, &p)
		c.mu.Lock()
		if end := c.running[string(p.ID)]; end != nil {
			end()
		}
		c.mu.Unlock()
	case len(m.ID) == 0: // another notification, or an answer to what was never asked
	case m.Method == "initialize":
		c.answer(m, hello(m.Params, c.instructions()))
	case m.Method == "ping":
		c.answer(m, struct{}{})
	case m.Method == "tools/list":
		c.answer(m, map[string]any{"tools": c.tools})
	case m.Method == "tools/call":
		c.call(ctx, m, calls)
	default:
		c.send(message{ID: m.ID, Error: &failure{codeMethod, "there is no method " + m.Method[:min(len(m.Method), 100)]}})
	}
}

// call runs a tool beside what else the client asks.
func (c *client) call(ctx context.Context, m message, calls *sync.WaitGroup) {
	var p struct {
		Name string          `json:"name"`
		Args json.RawMessage `json:"arguments"`
	}
	if json.Unmarshal(m.Params, &p) != nil {
		c.send(message{ID: m.ID, Error: &failure{codeParams, "the parameters cannot be read"}})
		return
	}
	for _, t := range c.tools {
		if t.Name != p.Name {
			continue
		}
		ctx, cancel := context.WithCancel(ctx)
		c.mu.Lock()
		busy := len(c.running) >= maxCalls || c.running[string(m.ID)] != nil
		if !busy {
			c.running[string(m.ID)] = cancel
		}
		c.mu.Unlock()
		if busy {
			cancel()
			c.answer(m, result("Too many calls at once: wait for one to end.", true))
			return
		}
		calls.Go(func() {
			defer cancel()
			text, failed := t.Call(ctx, p.Args)
			c.mu.Lock()
			delete(c.running, string(m.ID))
			c.mu.Unlock()
			if ctx.Err() == nil {
				c.answer(m, result(text, failed))
			}
		})
		return
	}
	c.send(message{ID: m.ID, Error: &failure{codeParams, "there is no tool " + p.Name[:min(len(p.Name), 100)]}})
}

func (c *client) answer(to message, result any) {
	b, err := json.Marshal(result)
	if err != nil {
		c.send(message{ID: to.ID, Error: &failure{codeInternal, err.Error()}})
		return
	}
	c.send(message{ID: to.ID, Result: b})
}

// send writes one message; a client that does not read is let go.
func (c *client) send(m message) {
	m.Version = "2.0"
	b, err := json.Marshal(m)
	if err != nil {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	_ = c.conn.SetWriteDeadline(time.Now().Add(10 * time.Second))
	if _, err := c.conn.Write(append(b, '\n')); err != nil {
		_ = c.conn.Close()
	}
}
