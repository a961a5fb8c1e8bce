package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os/exec"
)

// bareAgent is an agent driven without us: JSON-RPC on its standard streams, one line a message. It is the floor.
type bareAgent struct {
	cmd  *exec.Cmd
	in   io.WriteCloser
	out  *bufio.Scanner
	next int
}

func startAgent(ctx context.Context, name string, args ...string) (*bareAgent, error) {
	a := &bareAgent{cmd: exec.CommandContext(ctx, name, args...)}
	var err error
	if a.in, err = a.cmd.StdinPipe(); err != nil {
		return nil, err
	}
	out, err := a.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	a.out = bufio.NewScanner(out)
	a.out.Buffer(nil, 16<<20)
	return a, a.cmd.Start()
}

// call sends a request and returns its result, passing over everything else.
func (a *bareAgent) call(method string, params any) (map[string]any, error) {
	a.next++
	line, err := json.Marshal(map[string]any{"jsonrpc": "2.0", "id": a.next, "method": method, "params": params})
	if err != nil {
		return nil, err
	}
	if _, err := a.in.Write(append(line, '\n')); err != nil {
		return nil, err
	}
	for a.out.Scan() {
		var m struct {
			ID     int            `json:"id"`
			Method string         `json:"method"`
			Result map[string]any `json:"result"`
			Error  any            `json:"error"`
		}
		if err := json.Unmarshal(a.out.Bytes(), &m); err != nil || m.ID != a.next || m.Method != "" {
			continue
		}
		if m.Error != nil {
			return nil, fmt.Errorf("%s: %v", method, m.Error)
		}
		return m.Result, nil
	}
	return nil, fmt.Errorf("%s: agent ended: %w", method, a.out.Err())
}

// open makes the agent ready to be prompted in dir, and returns its session's id.
func (a *bareAgent) open(dir string) (string, error) {
	if _, err := a.call("initialize", map[string]any{"protocolVersion": 1, "clientCapabilities": map[string]any{}}); err != nil {
		return "", err
	}
	result, err := a.call("session/new", map[string]any{"cwd": dir, "mcpServers": []any{}})
	if err != nil {
		return "", err
	}
	id, _ := result["sessionId"].(string)
	return id, nil
}

func (a *bareAgent) close() {
	_ = a.in.Close()
	_ = a.cmd.Process.Kill()
	_ = a.cmd.Wait()
}
