package agent

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"os"
	"slices"
	"strings"
	"testing"

	"background-agents/sandbox/wire"
)

func optionsOf(t *testing.T, text string) options {
	t.Helper()
	list := readOptions(json.RawMessage(text))
	if len(list) == 0 {
		t.Fatal("no options")
	}
	return list
}

// As claude-agent-acp 0.101.0 and codex-acp 2.6.0 send them, shortened.
const (
	claudeOptions = `[{"id":"mode","category":"mode","currentValue":"auto","options":[{"value":"default"},{"value":"acceptEdits"},{"value":"plan"},{"value":"auto"},{"value":"bypassPermissions"}]},
		{"id":"model","category":"model","currentValue":"scripted","options":[{"value":"default"},{"value":"opus"},{"value":"scripted"}]}]`
	codexOptions = `[{"id":"mode","category":"mode","currentValue":"agent-full-access","options":[{"value":"read-only"},{"value":"agent-full-access"}]},
		{"id":"collaboration_mode","category":"collaboration_mode","currentValue":"default","options":[{"value":"default"},{"value":"plan"}]},
		{"id":"model","category":"model","currentValue":"gpt-6","options":[{"value":"gpt-6"},{"value":"gpt-5"}]}]`
)

func TestOptionsOfEveryAgentAreInTheSameWords(t *testing.T) {
	for name, c := range map[string]struct {
		command, options string
		env              []string
		want             []string
	}{
		"Claude Code on the demo": {"claude-agent-acp", claudeOptions, []string{providerVariable + "=demo", modelsVariable + "=scripted"}, []string{"mode build: build plan", "model demo/scripted: demo/scripted"}},
		"Claude Code on its own":  {"claude-agent-acp", claudeOptions, []string{providerVariable + "=anthropic"}, []string{"mode build: build plan", "model anthropic/scripted: anthropic/default anthropic/opus anthropic/scripted"}},
		"Codex":                   {"codex-acp", codexOptions, []string{providerVariable + "=openai"}, []string{"mode build: build plan", "model openai/gpt-6: openai/gpt-6 openai/gpt-5"}},
		"any other":               {"opencode", claudeOptions, nil, []string{"mode auto: default acceptEdits plan auto bypassPermissions", "model scripted: default opus scripted"}},
	} {
		t.Run(name, func(t *testing.T) {
			m, err := mannerOf(&Config{Start: wire.Start{Command: []string{c.command}, Env: c.env, Policy: policyAll}})
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, o := range m.take(optionsOf(t, c.options)) {
				shown := m.show(o)
				var values []string
				for _, v := range shown.Choices {
					values = append(values, v.Value)
				}
				got = append(got, shown.Category+" "+shown.Value+": "+strings.Join(values, " "))
			}
			if !slices.Equal(got, c.want) {
				t.Errorf("options are %q, want %q", got, c.want)
			}
		})
	}
}

func TestThePolicyIsTheModeOfClaudeCode(t *testing.T) {
	m, err := mannerOf(&Config{Start: wire.Start{Command: []string{"claude-agent-acp"}, Env: []string{providerVariable + "=anthropic"}}})
	if err != nil {
		t.Fatal(err)
	}
	list := m.take(optionsOf(t, claudeOptions))
	for policy, want := range map[string]string{policyAsk: "default", policyEdits: "acceptEdits", policyAll: "bypassPermissions"} {
		if got, err := m.value(list[0], modeBuild, policy); got != want || err != nil {
			t.Errorf("%s: %s, %v", policy, got, err)
		}
		if got, _ := m.value(list[0], modePlan, policy); got != modePlan {
			t.Errorf("plan with %s: %s", policy, got)
		}
	}
	if got, err := m.value(list[1], "anthropic/opus", policyAll); got != "opus" || err != nil {
		t.Errorf("model %s, %v", got, err)
	}
	if _, err := m.value(list[1], "demo/scripted", policyAll); err == nil {
		t.Error("a model of another provider is taken")
	}
}

func TestSettingsOfClaudeCodeLeaveAProjectNoWayElsewhere(t *testing.T) {
	m := &manner{}
	m.claude(&Config{Start: wire.Start{Env: []string{"ANTHROPIC_BASE_URL=http://127.0.0.1:7300/demo", "SECRET=x"}}})
	text, err := json.Marshal(m.opening)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`"apiKeyHelper":""`, `"ANTHROPIC_BASE_URL":"http://127.0.0.1:7300/demo"`, `"CLAUDE_CODE_USE_BEDROCK":""`, `"ANTHROPIC_AUTH_TOKEN":""`} {
		if !strings.Contains(string(text), want) {
			t.Errorf("no %s in %s", want, text)
		}
	}
	if strings.Contains(string(text), "SECRET") {
		t.Error("it repeats what is none of its business")
	}
}

func TestCodexThatCannotAskDoesNotStartWhereItMust(t *testing.T) {
	if _, err := os.Stat(codexRules); err == nil {
		t.Skip("this computer has Codex's hook")
	}
	_, err := mannerOf(&Config{Start: wire.Start{Command: []string{"codex-acp"}, Policy: policyAsk}})
	var told *wire.Error
	if !errors.As(err, &told) || told.Hint == "" {
		t.Errorf("it starts: %v", err)
	}
}

func TestCodexAsksByItsHook(t *testing.T) {
	question := func(tool, command string) string {
		b, _ := json.Marshal(map[string]any{"session_id": "s", "tool_name": tool, "tool_use_id": "c", "tool_input": map[string]string{"command": command}})
		return string(b)
	}
	patch := "*** Begin Patch\n*** Update File: a.txt\n@@\n-x\n+y\n*** End Patch"
	outside := strings.Replace(patch, "a.txt", "/etc/passwd", 1)
	for name, c := range map[string]struct {
		policy, question, answer string // the user's answer; "" where nobody is to be asked
		allowed                  bool
	}{
		"a command is allowed":                {policyAsk, question("Bash", "ls"), "allow", true},
		"a command is refused":                {policyAsk, question("Bash", "ls"), "reject", false},
		"an edit is asked":                    {policyAsk, question("apply_patch", patch), "reject", false},
		"an edit in the workspace goes on":    {policyEdits, question("apply_patch", patch), "", true},
		"an edit elsewhere is asked":          {policyEdits, question("apply_patch", outside), "reject", false},
		"a command is asked where edits go":   {policyEdits, question("Bash", "ls"), "reject", false},
		"what is not understood is asked":     {policyAsk, "nonsense", "reject", false},
		"a patch that names no file is asked": {policyEdits, question("apply_patch", "?"), "reject", false},
	} {
		t.Run(name, func(t *testing.T) {
			j := &journal{}
			gone := make(chan struct{})
			asks := newPermissions(newTranscript(Config{Sink: j, Dir: "/workspace"}), c.policy, gone)
			g, err := openGate()
			if err != nil {
				t.Fatal(err)
			}
			go g.serve(func(q hookQuestion) []byte { return hookAnswer(asks.ask(q.request())) })
			var out bytes.Buffer
			done := make(chan error, 1)
			go func() { done <- Ask(context.Background(), g.path, strings.NewReader(c.question), &out) }()
			if c.answer != "" {
				h := &harness{t: t, j: j}
				p := h.wait("question", func(e wire.Entry) bool { return e.Permission != nil }).Permission
				if err := asks.answer(p.ID, c.answer); err != nil {
					t.Fatal(err)
				}
			}
			if err := <-done; err != nil {
				t.Fatal(err)
			}
			if allowed := out.Len() == 0; allowed != c.allowed || !allowed && !strings.Contains(out.String(), `"permissionDecision":"deny"`) {
				t.Errorf("the hook says %q", out.String())
			}
			close(gone)
			g.close()
		})
	}
	if err := Ask(context.Background(), "", strings.NewReader("{}"), &bytes.Buffer{}); err != nil {
		t.Errorf("where nobody asks it says %v", err)
	}
	if err := Ask(context.Background(), "/nowhere/socket", strings.NewReader("{}"), &bytes.Buffer{}); err == nil {
		t.Error("where nobody listens it says yes")
	}
}

func TestClaudeIsGivenServersWithoutTheirValues(t *testing.T) {
	servers := []wire.MCPServer{
		{Name: "near", Command: []string{"run", "it"}, Env: []string{"A=one", "B=two=2"}},
		{Name: "far", URL: "https://example.com/three", Headers: []string{"Authorization: Bearer four"}},
	}
	c := &Config{Start: wire.Start{Command: []string{"claude-agent-acp"}, MCP: servers}}
	m, err := mannerOf(c)
	if err != nil || !m.names {
		t.Fatalf("%+v, %v", m, err)
	}
	want := []string{"BGA_SERVER_0_1=one", "BGA_SERVER_0_2=two=2", "BGA_SERVER_1_1=https://example.com/three", "BGA_SERVER_1_2=Bearer four"}
	if !slices.Equal(c.Start.Env, want) {
		t.Errorf("its environment is %q", c.Start.Env)
	}
	named, _ := inVariables(append(servers, wire.MCPServer{Name: "own", Command: []string{"own"}}))
	said, err := json.Marshal(mcpServers(named))
	if err != nil || len(named) != 3 {
		t.Fatal(named, err)
	}
	for _, value := range []string{"one", "two", "three", "four"} {
		if bytes.Contains(said, []byte(value)) {
			t.Errorf("it is told %s", said)
		}
	}
	if named[0].Env[1] != "B=${BGA_SERVER_0_2}" || named[1].Headers[0] != "Authorization:${BGA_SERVER_1_2}" || named[1].URL != "${BGA_SERVER_1_1}" {
		t.Errorf("they are %+v", named)
	}
}
