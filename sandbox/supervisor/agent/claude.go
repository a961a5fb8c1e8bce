package agent

import (
	"os"
	"slices"
	"strings"
)

// claudeRoutes are variables by which a repository's .claude/settings.json could lead Claude Code to another server, past the one
// of its environment: Claude Code applies what settings say after its environment.
var claudeRoutes = []string{
	"ANTHROPIC_AUTH_TOKEN", "ANTHROPIC_CUSTOM_HEADERS", "ANTHROPIC_UNIX_SOCKET", "CLAUDE_CODE_OAUTH_TOKEN",
	"CLAUDE_CODE_USE_BEDROCK", "CLAUDE_CODE_USE_VERTEX", "CLAUDE_CODE_USE_FOUNDRY", "CLAUDE_CODE_USE_ANTHROPIC_AWS", "CLAUDE_CODE_USE_MANTLE",
}

// claude is Claude Code behind @agentclientprotocol/claude-agent-acp. Seen with 0.101.0: settings given at the opening come before
// those of a project; a subagent's text comes where the client says so, each update with the tool call that it works for; the mode
// it begins in asks a model what is dangerous, which the policy decides here; servers of tools go to the program proper by its
// command line, where ${NAME} in their values is a variable.
func (m *manner) claude(c *Config) {
	_, servers := inVariables(c.Start.MCP)
	c.Start.Env = slices.Concat(c.Start.Env, servers)
	m.names = true
	ours := map[string]string{}
	for _, name := range claudeRoutes {
		ours[name] = ""
	}
	for _, e := range append(os.Environ(), c.Start.Env...) {
		name, value, _ := strings.Cut(e, "=")
		proxy := slices.Contains([]string{"HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"}, strings.ToUpper(name))
		if proxy || strings.HasPrefix(name, "ANTHROPIC_") || strings.HasPrefix(name, "CLAUDE_") || strings.HasPrefix(name, "DISABLE_") {
			ours[name] = value
		}
	}
	m.opening = map[string]any{"claudeCode": map[string]any{"options": map[string]any{
		"settings": map[string]any{"apiKeyHelper": "", "env": ours},
	}}}
	m.client = map[string]any{"subagent-transcript": true}
	m.mode = "mode"
	m.build = func(policy string) string {
		switch policy {
		case policyAll:
			return "bypassPermissions"
		case policyEdits:
			return "acceptEdits"
		}
		return "default"
	}
}
