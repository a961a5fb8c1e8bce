package scripted

import (
	"bufio"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// said is an answer, whichever way it came.
type said struct {
	Text, Thought, Call string // Call is NAME {arguments}
	Chunks              []string
	In, Out             int
	Error               string
	Status              int
}

// post sends a request and reads the answer, stream or not.
func post(t *testing.T, path string, request map[string]any) said {
	t.Helper()
	body, err := json.Marshal(request)
	if err != nil {
		t.Fatal(err)
	}
	w := httptest.NewRecorder()
	r := httptest.NewRequestWithContext(t.Context(), "POST", path, strings.NewReader(string(body)))
	Handler().ServeHTTP(w, r)
	s := said{Status: w.Code}
	if !strings.HasPrefix(w.Header().Get("Content-Type"), "text/event-stream") {
		s.read(t, path, w.Body.Bytes())
		return s
	}
	lines := bufio.NewScanner(w.Body)
	lines.Buffer(nil, 8<<20)
	for lines.Scan() {
		if data, found := strings.CutPrefix(lines.Text(), "data: "); found && data != "[DONE]" {
			s.read(t, path, []byte(data))
		}
	}
	return s
}

// document is every field of the three protocols that an agent reads.
type documents struct {
	Error *struct {
		Message string
		Type    string
	}
	Usage   *counted
	Message *struct{ Usage counted }
	Choices []struct{ Delta, Message chatSaid }
	Content []block
	Type    string
	Block   block `json:"content_block"`
	Delta   json.RawMessage
	Item    block
	Output  []block
	Answer  *struct {
		Usage  *counted
		Output []block
		Error  *struct{ Message string }
	} `json:"response"`
}

type counted struct {
	In      int `json:"input_tokens"`
	Out     int `json:"output_tokens"`
	ChatIn  int `json:"prompt_tokens"`
	ChatOut int `json:"completion_tokens"`
}

type chatSaid struct {
	Content   string
	Reasoning string `json:"reasoning_content"`
	ToolCalls []struct {
		Function struct{ Name, Arguments string }
	} `json:"tool_calls"`
}

type block struct {
	Type, Text, Thinking, Name, Arguments string
	Input                                 json.RawMessage
	Summary, Content                      []struct{ Text string }
	Partial                               string `json:"partial_json"`
}

func (s *said) read(t *testing.T, path string, b []byte) {
	t.Helper()
	var d documents
	if err := json.Unmarshal(b, &d); err != nil {
		t.Fatalf("%s: %v in %s", path, err, b)
	}
	if d.Error != nil {
		s.Error = d.Error.Message
	}
	for _, u := range []*counted{d.Usage} {
		if u != nil {
			s.In, s.Out = max(s.In, u.In+u.ChatIn), max(s.Out, u.Out+u.ChatOut)
		}
	}
	for _, c := range d.Choices {
		for _, m := range []chatSaid{c.Delta, c.Message} {
			s.say(m.Content)
			s.Thought += m.Reasoning
			for _, k := range m.ToolCalls {
				s.Call += k.Function.Name + " " + k.Function.Arguments
			}
		}
	}
	for _, c := range append(d.Content, d.Output...) {
		s.block(c)
	}
	switch d.Type {
	case "content_block_start":
		if d.Block.Type == "tool_use" {
			s.Call = d.Block.Name + " "
		}
	case "content_block_delta":
		var delta block
		_ = json.Unmarshal(d.Delta, &delta)
		s.say(delta.Text)
		s.Thought += delta.Thinking
		s.Call += delta.Partial
	case "response.output_text.delta":
		var text string
		_ = json.Unmarshal(d.Delta, &text)
		s.say(text)
	case "response.completed":
		streamed := s.Text
		s.Text = ""
		chunks := s.Chunks
		for _, c := range d.Answer.Output {
			s.block(c)
		}
		if s.Chunks = chunks; s.Text != streamed {
			t.Errorf("streamed %q and ended with %q", streamed, s.Text)
		}
		s.In, s.Out = d.Answer.Usage.In, d.Answer.Usage.Out
	case "response.failed":
		s.Error = d.Answer.Error.Message
	}
}

func (s *said) say(text string) {
	if text != "" {
		s.Text += text
		s.Chunks = append(s.Chunks, text)
	}
}

func (s *said) block(c block) {
	switch c.Type {
	case "text":
		s.say(c.Text)
	case "thinking":
		s.Thought += c.Thinking
	case "tool_use":
		s.Call = c.Name + " " + string(c.Input)
	case "message":
		for _, p := range c.Content {
			s.say(p.Text)
		}
	case "reasoning":
		for _, p := range c.Summary {
			s.Thought += p.Text
		}
	case "function_call":
		s.Call = c.Name + " " + c.Arguments
	case "custom_tool_call":
		s.Call = c.Name + " " + string(c.Input)
	}
}

// openCodeTools are tools as OpenCode offers them.
var openCodeTools = func() []any {
	var all []any
	for name, fields := range map[string][]string{
		"bash": {"command", "timeout", "workdir"}, "read": {"filePath", "offset"}, "write": {"filePath", "content"},
		"edit": {"filePath", "oldString", "newString", "replaceAll"}, "task": {"description", "prompt", "subagent_type"},
	} {
		properties := map[string]any{}
		for _, f := range fields {
			properties[f] = map[string]any{"type": "string"}
		}
		all = append(all, offer(name, properties))
	}
	return append(all, offer("todowrite", map[string]any{"todos": map[string]any{"type": "array", "items": map[string]any{
		"type": "object", "properties": map[string]any{"content": map[string]any{}, "status": map[string]any{}, "priority": map[string]any{}},
	}}}))
}()

func offer(name string, properties map[string]any) any {
	return map[string]any{"type": "function", "function": map[string]any{
		"name": name, "parameters": map[string]any{"type": "object", "properties": properties},
	}}
}

// turnOf runs a prompt to its end as an agent would, with one result for each call in turn, and returns every answer.
func turnOf(t *testing.T, prompt string, results ...string) []said {
	t.Helper()
	messages := []any{
		map[string]any{"role": "system", "content": "You work.\nWorking directory: /workspace\n"},
		map[string]any{"role": "user", "content": prompt},
	}
	var all []said
	for len(all) < 30 {
		s := post(t, "/v1/chat/completions", map[string]any{"model": "scripted", "stream": true, "messages": messages, "tools": openCodeTools})
		all = append(all, s)
		if s.Call == "" || s.Status != http.StatusOK {
			return all
		}
		result := "ok"
		if len(results) > 0 {
			result, results = results[0], results[1:]
		}
		messages = append(messages,
			map[string]any{"role": "assistant", "content": s.Text},
			map[string]any{"role": "tool", "content": result},
		)
	}
	t.Fatal("the turn does not end")
	return nil
}
