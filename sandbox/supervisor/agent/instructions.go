package agent

import (
	"encoding/json"
	"os"
	"slices"
	"strings"

	"github.com/coder/acp-go-sdk"
)

// An agent hears what there is in the sandbox in one of three ways, none of which writes a file of the workspace: with
// its system prompt, where it says that it takes more of it (Claude Code 0.101.0, Codex 2.6.0 do); by a file that its
// configuration names (OpenCode 1.18.33); or else from the supervisor's own server of tools, see Config.Untold.

// systemPrompt is what is added to an agent's own: agentclientprotocol.com, the draft "system prompt".
type systemPrompt struct {
	Mode    string             `json:"mode"`
	Content []acp.ContentBlock `json:"content"`
}

// conversation are the parameters of session/new, session/resume and session/load. The library's have no system prompt.
type conversation struct {
	Meta         map[string]any  `json:"_meta,omitempty"`
	SessionID    string          `json:"sessionId,omitempty"`
	Cwd          string          `json:"cwd"`
	McpServers   []acp.McpServer `json:"mcpServers"`
	SystemPrompt *systemPrompt   `json:"systemPrompt,omitempty"`
}

// instruct finds the way in which the agent hears text, and returns what its conversation is opened with for that.
func (a *Agent) instruct(text string) *systemPrompt {
	switch {
	case text == "" || a.told:
	case a.agentCan.AgentCapabilities.SessionCapabilities.SystemPrompt != nil:
		return &systemPrompt{Mode: "append", Content: []acp.ContentBlock{acp.TextBlock(text)}}
	case a.conf.Untold != nil:
		a.conf.Untold()
	}
	return nil
}

const openCodeVariable = "OPENCODE_CONFIG_CONTENT="

// instructOpenCode names a file with the instructions in OpenCode's configuration. It reports whether OpenCode hears of
// them so.
func instructOpenCode(c *Config) bool {
	at := slices.IndexFunc(c.Start.Env, func(e string) bool { return strings.HasPrefix(e, openCodeVariable) })
	if c.Start.Instructions == "" || c.Instructions == "" || at < 0 {
		return false
	}
	var config map[string]json.RawMessage
	if json.Unmarshal([]byte(strings.TrimPrefix(c.Start.Env[at], openCodeVariable)), &config) != nil || config == nil {
		return false
	}
	var files []string
	_ = json.Unmarshal(config["instructions"], &files) // what is no list of files OpenCode would refuse itself
	names, err := json.Marshal(append(files, c.Instructions))
	if err != nil {
		return false
	}
	config["instructions"] = names
	raw, err := json.Marshal(config)
	if err != nil || os.WriteFile(c.Instructions, []byte(c.Start.Instructions), 0o600) != nil {
		return false
	}
	c.Start.Env = slices.Clone(c.Start.Env)
	c.Start.Env[at] = openCodeVariable + string(raw)
	return true
}
