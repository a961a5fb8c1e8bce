package agent

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"
)

// TestMain lets the test binary be the agent: with FAKE_AGENT set it speaks ACP on its standard streams. What it does in a turn is
// named by the prompt; how it starts, by FAKE_AGENT.
func TestMain(m *testing.M) {
	if mode, ok := os.LookupEnv("FAKE_AGENT"); ok {
		(&fake{mode: mode, model: "p/one", out: bufio.NewWriterSize(os.Stdout, 1<<20), answers: map[string]chan json.RawMessage{}}).run()
		return
	}
	os.Exit(m.Run())
}

type fake struct {
	mode      string
	model     string
	mu        sync.Mutex
	out       *bufio.Writer
	answers   map[string]chan json.RawMessage
	asked     int
	cancelled chan struct{}
}

type msg struct {
	ID     json.RawMessage `json:"id"`
	Method string          `json:"method"`
	Params json.RawMessage `json:"params"`
	Result json.RawMessage `json:"result"`
	Error  json.RawMessage `json:"error"`
}

const fakeOptions = `[{"id":"model","name":"Model","category":"model","type":"select","currentValue":"p/one","options":[{"value":"p/one","name":"One"},{"value":"p/two","name":"Two"}]},
{"id":"effort","name":"Effort","category":"thought_level","type":"select","currentValue":"low","options":[{"group":"g","name":"G","options":[{"value":"low","name":"Low"},{"value":"high","name":"High"}]}]},
{"id":"later","name":"Later","type":"matrix","currentValue":[1,2],"options":{}},{"id":"fast","name":"Fast","type":"boolean","currentValue":false}]`

func (f *fake) run() {
	in := bufio.NewReaderSize(os.Stdin, 32<<20)
	for {
		line, err := in.ReadBytes('\n')
		if err != nil {
			if f.mode == "ignores EOF" {
				select {}
			}
			return
		}
		var m msg
		json.Unmarshal(line, &m)
		switch m.Method {
		case "":
			f.mu.Lock()
			c := f.answers[string(m.ID)]
			f.mu.Unlock()
			if c != nil {
				c <- append(m.Result, m.Error...)
			}
		case "initialize":
			f.initialize(m)
		case "session/new":
			f.note("opened with " + string(m.Params))
			switch f.mode {
			case "models":
				f.answer(m, `{"sessionId":"s1","models":{"currentModelId":"a","availableModels":[{"modelId":"a","name":"A"},{"modelId":"b","name":"B"}]},"modes":{"currentModeId":"ask","availableModes":[{"id":"ask","name":"Ask"},{"id":"code","name":"Code"}]}}`)
			case "auth":
				f.fail(m, -32000, "Authentication required", `{"details":"run login"}`)
			default:
				f.answer(m, `{"sessionId":"s1","configOptions":`+fakeOptions+`}`)
				f.update(`{"sessionUpdate":"available_commands_update","availableCommands":[{"name":"init","description":"d","input":{"hint":"h"}}]}`)
			}
		case "session/resume", "session/load":
			f.note("opened with " + string(m.Params))
			if strings.Contains(string(m.Params), "lost") || f.mode == "keeps its system prompt" && strings.Contains(string(m.Params), "systemPrompt") {
				f.fail(m, -32602, "Invalid params", `{"details":"session not found"}`)
				continue
			}
			if m.Method == "session/load" {
				f.say("old words")
				f.update(`{"sessionUpdate":"tool_call","toolCallId":"old","title":"old"}`)
			}
			f.answer(m, `{"configOptions":`+fakeOptions+`}`)
		case "session/set_config_option", "session/set_mode", "session/set_model":
			f.note(m.Method + " " + string(m.Params))
			if f.mode == "models" {
				f.answer(m, `{}`)
				continue
			}
			var p struct{ ConfigId, Value string }
			json.Unmarshal(m.Params, &p)
			if p.ConfigId == "model" {
				f.model = p.Value
			}
			f.answer(m, `{"configOptions":`+strings.Replace(fakeOptions, `"p/one"`, `"`+f.model+`"`, 1)+`}`)
		case "session/cancel":
			close(f.cancelled)
		case "session/prompt":
			f.cancelled = make(chan struct{})
			go f.turn(m)
		}
	}
}

func (f *fake) initialize(m msg) {
	can := `"loadSession":true,"promptCapabilities":{"image":true,"embeddedContext":true},"sessionCapabilities":{"resume":{}}`
	switch f.mode {
	case "dies at once":
		fmt.Fprintln(os.Stderr, "no such luck: libfoo.so is missing")
		os.Exit(127)
	case "hangs":
		return
	case "version 2":
		f.answer(m, `{"protocolVersion":2}`)
		return
	case "load only":
		can = `"loadSession":true`
	case "system prompt", "keeps its system prompt":
		can = strings.Replace(can, `"resume":{}`, `"resume":{},"systemPrompt":{}`, 1)
	case "plain":
		can = `"loadSession":false`
	}
	f.answer(m, `{"protocolVersion":1,"agentCapabilities":{`+can+`},"authMethods":[]}`)
}

func (f *fake) raw(s string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.out.WriteString(s)
	f.out.WriteByte('\n')
	f.out.Flush()
}

func (f *fake) answer(m msg, result string) {
	f.raw(`{"jsonrpc":"2.0","id":` + string(m.ID) + `,"result":` + strings.ReplaceAll(result, "\n", "") + `}`)
}

func (f *fake) fail(m msg, code int, text, data string) {
	f.raw(fmt.Sprintf(`{"jsonrpc":"2.0","id":%s,"error":{"code":%d,"message":%q,"data":%s}}`, m.ID, code, text, data))
}

func (f *fake) update(u string) {
	f.raw(`{"jsonrpc":"2.0","method":"session/update","params":{"sessionId":"s1","update":` + strings.ReplaceAll(u, "\n", "") + `}}`)
}

func (f *fake) say(s string) { f.chunk("message", "", s) }

func (f *fake) chunk(kind, id, s string) {
	b, _ := json.Marshal(s)
	f.update(`{"sessionUpdate":"agent_` + kind + `_chunk","messageId":"` + id + `","content":{"type":"text","text":` + string(b) + `}}`)
}

// note leaves a trace of what the agent was asked, for the test to read.
func (f *fake) note(s string) { fmt.Fprintln(os.Stderr, "note: "+s) }

// ask asks for permission and returns the answer.
func (f *fake) ask(tool string) string {
	f.mu.Lock()
	f.asked++
	id := fmt.Sprint(1000 + f.asked)
	c := make(chan json.RawMessage, 1)
	f.answers[id] = c
	f.mu.Unlock()
	f.raw(`{"jsonrpc":"2.0","id":` + id + `,"method":"session/request_permission","params":{"sessionId":"s1","toolCall":` + tool +
		`,"options":[{"optionId":"once","name":"Allow","kind":"allow_once"},{"optionId":"always","name":"Always","kind":"allow_always"},{"optionId":"no","name":"Reject","kind":"reject_once"}]}}`)
	return string(<-c)
}

func (f *fake) turn(m msg) {
	var p struct {
		Prompt []struct {
			Type, Text string
		}
	}
	json.Unmarshal(m.Params, &p)
	name, rest, _ := strings.Cut(p.Prompt[0].Text, "\n")
	if script := turns[name]; script != nil {
		if done := script(f, m, rest); done {
			return
		}
	} else {
		f.say("echo: " + p.Prompt[0].Text)
	}
	f.answer(m, `{"stopReason":"end_turn","usage":{"inputTokens":10,"outputTokens":2,"totalTokens":15,"cachedReadTokens":3}}`)
}
