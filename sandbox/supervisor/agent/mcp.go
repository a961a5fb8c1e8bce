package agent

import (
	"fmt"
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

// inVariables returns servers whose values are ${VARIABLE}, which the agent replaces, and those variables: for an agent that passes
// its servers on by a command line, which other programs see, on the host too. A list with more at its end has the same variables.
func inVariables(list []wire.MCPServer) (named []wire.MCPServer, env []string) {
	for i, m := range list {
		n := 0
		hide := func(value string) string {
			n++
			name := fmt.Sprintf("BGA_SERVER_%d_%d", i, n)
			env = append(env, name+"="+value)
			return "${" + name + "}"
		}
		pairs := func(list []string, sep string) (out []string) {
			for _, p := range list {
				name, value, _ := strings.Cut(p, sep)
				if sep == ":" {
					value = strings.TrimSpace(value)
				}
				out = append(out, name+sep+hide(value))
			}
			return out
		}
		if m.URL != "" {
			m.URL, m.Headers = hide(m.URL), pairs(m.Headers, ":")
		} else {
			m.Env = pairs(m.Env, "=")
		}
		named = append(named, m)
	}
	return named, env
}
