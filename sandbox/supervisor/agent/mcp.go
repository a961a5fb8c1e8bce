package agent

import (
	"strings"

	"github.com/coder/acp-go-sdk"

	"background-agents/sandbox/wire"
)

// mcpServers says in the protocol's words which servers of tools the agent gets.
func mcpServers(list []wire.MCPServer) []acp.McpServer {
	out := []acp.McpServer{}
	for _, m := range list {
		switch {
		case m.URL != "":
			http := &acp.McpServerHttpInline{Type: "http", Name: m.Name, Url: m.URL, Headers: []acp.HttpHeader{}}
			for _, h := range m.Headers {
				name, value, _ := strings.Cut(h, ":")
				http.Headers = append(http.Headers, acp.HttpHeader{Name: strings.TrimSpace(name), Value: strings.TrimSpace(value)})
			}
			out = append(out, acp.McpServer{Http: http})
		case len(m.Command) > 0:
			stdio := &acp.McpServerStdio{Name: m.Name, Command: m.Command[0], Args: m.Command[1:], Env: []acp.EnvVariable{}}
			for _, e := range m.Env {
				name, value, _ := strings.Cut(e, "=")
				stdio.Env = append(stdio.Env, acp.EnvVariable{Name: name, Value: value})
			}
			out = append(out, acp.McpServer{Stdio: stdio})
		}
	}
	return out
}
