package agent

import (
	"encoding/json"
	"os"
	"regexp"
	"slices"

	"background-agents/sandbox/wire"
)

// AskVariable names the socket on which Codex's hook asks.
const AskVariable = "BACKGROUND_AGENTS_ASK"

// codexRules is the file of the image by which Codex has its hook.
const codexRules = "/etc/codex/requirements.toml"

// codex is Codex behind @agentclientprotocol/codex-acp. Seen with 2.6.0: its modes are sandboxes of its own, which need rights that a
// container has not, and the one without a sandbox asks nothing. So it runs in that one, and a hook that the image configures
// (/etc/codex/requirements.toml, which no project can change) asks before each command and edit.
func (m *manner) codex(c *Config) error {
	m.hidden = []string{"mode"}
	m.mode = "collaboration_mode"
	m.build = func(string) string { return "default" }
	m.warns = true
	if c.Start.Policy == policyAll {
		return nil // the hook says yes by itself
	}
	if _, err := os.Stat(codexRules); err != nil {
		return &wire.Error{Code: "agent_failed", Message: "The Codex of this image cannot ask for permission: " + codexRules + " is missing.",
			Hint: "Allow all in this session, or use the built image (unset SANDBOX_IMAGE)."}
	}
	g, err := openGate()
	if err != nil {
		return err
	}
	m.gate = g
	c.Start.Env = append(slices.Clone(c.Start.Env), AskVariable+"="+g.path)
	return nil
}

// hookQuestion is what Codex tells its hook before it uses a tool.
type hookQuestion struct {
	Session string          `json:"session_id"`
	Tool    string          `json:"tool_name"`
	Input   json.RawMessage `json:"tool_input"`
	CallID  string          `json:"tool_use_id"`
}

var patchedPath = regexp.MustCompile(`(?m)^\*\*\* (?:Add|Update|Delete) File: (.+)$|^\*\*\* Move to: (.+)$`)

// request is the question in the protocol's words.
func (q hookQuestion) request() permissionRequest {
	var in struct {
		Command string `json:"command"`
	}
	_ = json.Unmarshal(q.Input, &in)
	title, kind := q.Tool, "other"
	var r permissionRequest
	switch q.Tool {
	case "Bash":
		title, kind = in.Command, "execute"
	case "apply_patch":
		title, kind = "Edit files", "edit"
		for _, found := range patchedPath.FindAllStringSubmatch(in.Command, maxPaths) {
			r.ToolCall.Locations = append(r.ToolCall.Locations, location{Path: found[1] + found[2]})
		}
		if len(r.ToolCall.Locations) == 0 {
			kind = "other" // of what cannot be read it is not known that it stays in the workspace
		}
	}
	r.SessionID, r.ToolCall.ToolCallID, r.ToolCall.Title, r.ToolCall.ToolKind, r.ToolCall.RawInput = q.Session, q.CallID, &title, &kind, q.Input
	_ = json.Unmarshal([]byte(`[{"optionId":"allow","name":"Allow","kind":"allow_once"},{"optionId":"reject","name":"Reject","kind":"reject_once"}]`), &r.Options)
	return r
}

// hookAnswer is what Codex's hook answers; nothing for yes.
func hookAnswer(option string) []byte {
	if option == "allow" {
		return nil
	}
	b, _ := json.Marshal(map[string]any{"hookSpecificOutput": map[string]string{
		"hookEventName": "PreToolUse", "permissionDecision": "deny", "permissionDecisionReason": "The user does not allow this.",
	}})
	return b
}
