package mcp

import (
	"encoding/json"
	"slices"
)

// message is a JSON-RPC 2.0 message: request, notification (no ID) or answer.
type message struct {
	Version string          `json:"jsonrpc"`
	ID      json.RawMessage `json:"id,omitempty"`
	Method  string          `json:"method,omitempty"`
	Params  json.RawMessage `json:"params,omitempty"`
	Result  json.RawMessage `json:"result,omitempty"`
	Error   *failure        `json:"error,omitempty"`
}

type failure struct {
	Code    int    `json:"code"`
	Message string `json:"message"`
}

// Codes of JSON-RPC.
const (
	codeParse    = -32700
	codeMethod   = -32601
	codeParams   = -32602
	codeInternal = -32603
)

// revisions of the protocol whose part that is served here is the same, the newest first.
var revisions = []string{"2025-06-18", "2025-03-26", "2024-11-05"}

// hello answers initialize in the client's revision, where that is known.
func hello(params json.RawMessage, instructions string) any {
	var p struct {
		Revision string `json:"protocolVersion"`
	}
	_ = json.Unmarshal(params, &p)
	if !slices.Contains(revisions, p.Revision) {
		p.Revision = revisions[0]
	}
	answer := map[string]any{
		"protocolVersion": p.Revision,
		"capabilities":    map[string]any{"tools": struct{}{}},
		"serverInfo":      map[string]string{"name": "background-agents", "title": "Background Agents", "version": "1"},
	}
	if instructions != "" {
		answer["instructions"] = instructions
	}
	return answer
}

// result is the answer to tools/call.
func result(text string, failed bool) any {
	return map[string]any{"content": []map[string]string{{"type": "text", "text": text}}, "isError": failed}
}
