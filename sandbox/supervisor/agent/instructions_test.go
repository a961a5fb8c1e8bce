package agent

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"background-agents/sandbox/wire"
)

func TestAgentHearsItsInstructionsInOneWay(t *testing.T) {
	const text = "There is \"go\" 1.25.\nSay what is missing."
	const sent = `"systemPrompt":{"mode":"append","content":[` +
		`{"text":"There is \"go\" 1.25.\nSay what is missing.","type":"text"}]}`
	for name, c := range map[string]struct {
		mode, conversation, text string
		sent, untold             bool
	}{
		"with the system prompt":         {"system prompt", "", text, true, false},
		"again, when it is resumed":      {"system prompt", "s1", text, true, false},
		"from the tools":                 {"", "", text, false, true},
		"from the tools, when resumed":   {"", "s1", text, false, true},
		"nothing is to be told":          {"system prompt", "", "", false, false},
		"nothing is to be told by tools": {"", "", "", false, false},
	} {
		t.Run(name, func(t *testing.T) {
			h := configure(t, c.mode)
			var untold atomic.Bool
			h.conf.Untold = func() { untold.Store(true) }
			h.conf.Start.Instructions, h.conf.Start.Conversation = c.text, c.conversation
			h.launch()
			h.waitLog("note: opened with ")
			if got := strings.Contains(h.log.String(), sent); got != c.sent {
				t.Errorf("sent %v in\n%s", got, h.log)
			}
			if untold.Load() != c.untold {
				t.Errorf("untold: %v", untold.Load())
			}
		})
	}
}

func TestConversationThatTakesNoOtherInstructionsIsResumedWithout(t *testing.T) {
	h := configure(t, "keeps its system prompt")
	h.conf.Start.Instructions, h.conf.Start.Conversation = "There is go.", "s1"
	h.launch()
	if h.Conversation() != "s1" || len(h.j.items()) != 0 {
		t.Errorf("the conversation is %q, said was %q", h.Conversation(), h.j.items())
	}
}

func TestOpenCodeIsToldByAFileThatItsConfigurationNames(t *testing.T) {
	for name, c := range map[string]struct {
		config, text string
		want         []string // nil: it is not told so
	}{
		"a configuration":                {`{"model":"demo/one","limit":1e400}`, "There is go.", []string{"FILE"}},
		"one with instructions":          {`{"instructions":["/x.md"]}`, "There is go.", []string{"/x.md", "FILE"}},
		"one that cannot be read":        {`{`, "There is go.", nil},
		"one that is none":               {`null`, "There is go.", nil},
		"no text":                        {`{}`, "", nil},
		"text that a shell would obey; ": {`{}`, "$(rm -rf /) `x`", []string{"FILE"}},
	} {
		t.Run(name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "instructions.md")
			env := []string{"A=b", openCodeVariable + c.config}
			conf := Config{Instructions: file, Start: wire.Start{Env: env, Instructions: c.text}}
			if told := instructOpenCode(&conf); told != (c.want != nil) {
				t.Fatalf("told: %v", told)
			}
			if env[1] != openCodeVariable+c.config {
				t.Error("the caller's environment was changed")
			}
			if c.want == nil {
				if conf.Start.Env[1] != env[1] {
					t.Errorf("environment is %q", conf.Start.Env)
				}
				return
			}
			raw, err := os.ReadFile(file)
			if err != nil || string(raw) != c.text {
				t.Errorf("the file has %q: %v", raw, err)
			}
			var config struct{ Instructions []string }
			if err := json.Unmarshal([]byte(strings.TrimPrefix(conf.Start.Env[1], openCodeVariable)), &config); err != nil {
				t.Fatal(err)
			}
			got := strings.ReplaceAll(strings.Join(config.Instructions, " "), file, "FILE")
			if got != strings.Join(c.want, " ") {
				t.Errorf("instructions are %q", got)
			}
			if strings.Contains(c.config, "1e400") && !strings.Contains(conf.Start.Env[1], "1e400") {
				t.Error("what else the configuration says was changed")
			}
		})
	}
}
