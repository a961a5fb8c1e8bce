package scripted

import "encoding/json"

// chat is OpenAI Chat Completions: https://platform.openai.com/docs/api-reference/chat
var chat = protocol{read: readChat, stream: streamChat, collect: collectChat, failure: openAIFailure}

func readChat(body []byte) (*conversation, error) {
	var q struct {
		Model    string `json:"model"`
		Stream   bool   `json:"stream"`
		Messages []struct {
			Role    string  `json:"role"`
			Content content `json:"content"`
		} `json:"messages"`
		Tools []struct {
			Function struct {
				Name       string `json:"name"`
				Parameters schema `json:"parameters"`
			} `json:"function"`
		} `json:"tools"`
	}
	if err := json.Unmarshal(body, &q); err != nil {
		return nil, err
	}
	c := &conversation{Model: q.Model, Stream: q.Stream}
	for _, m := range q.Messages {
		switch m.Role {
		case "system", "developer":
			c.instructs(m.Content.Text)
		case "user":
			c.asks(m.Content.Text)
		case "tool":
			c.answers(m.Content.Text)
		}
	}
	for _, t := range q.Tools {
		c.Tools = append(c.Tools, tool{Name: t.Function.Name, Schema: t.Function.Parameters})
	}
	return c, nil
}

type object = map[string]any

func openAIFailure(status int, message string) any {
	return object{"error": object{"message": message, "type": "demo_error", "param": nil, "code": status}}
}

func chatUsage(u usage) object {
	return object{
		"prompt_tokens": u.In, "completion_tokens": u.Out, "total_tokens": u.In + u.Out,
		"prompt_tokens_details": object{"cached_tokens": 0}, "completion_tokens_details": object{"reasoning_tokens": u.Thought},
	}
}

func chatCall(c *conversation, index int, k call) object {
	return object{
		"index": index, "id": "call_" + c.ID, "type": "function",
		"function": object{"name": k.Name, "arguments": arguments(k)},
	}
}

func collectChat(c *conversation, said *collected) any {
	message, reason := object{"role": "assistant", "content": said.Text}, "stop"
	if said.Thought != "" {
		message["reasoning_content"] = said.Thought
	}
	for i, k := range said.Calls {
		message["tool_calls"], reason = []any{chatCall(c, i, k)}, "tool_calls"
	}
	return object{
		"id": "chatcmpl-" + c.ID, "object": "chat.completion", "created": 0, "model": c.Model,
		"choices": []any{object{"index": 0, "message": message, "finish_reason": reason}}, "usage": chatUsage(said.Usage),
	}
}

type chatStream struct {
	*wire
	c      *conversation
	reason string
}

func streamChat(w *wire, c *conversation) reply { return &chatStream{w, c, "stop"} }

func (s *chatStream) chunk(choices []any, u any) {
	s.event("", object{
		"id": "chatcmpl-" + s.c.ID, "object": "chat.completion.chunk", "created": 0, "model": s.c.Model,
		"choices": choices, "usage": u,
	})
}

func (s *chatStream) delta(delta object, reason any) {
	s.begin()
	s.chunk([]any{object{"index": 0, "delta": delta, "finish_reason": reason}}, nil)
}

func (s *chatStream) begin() {
	if !s.begun() {
		s.wire.begin()
		s.delta(object{"role": "assistant", "content": ""}, nil)
	}
}

func (s *chatStream) text(piece string)    { s.delta(object{"content": piece}, nil) }
func (s *chatStream) thought(piece string) { s.delta(object{"reasoning_content": piece}, nil) }

func (s *chatStream) call(k call) {
	s.delta(object{"tool_calls": []any{chatCall(s.c, 0, k)}}, nil)
	s.reason = "tool_calls"
}

func (s *chatStream) end(u usage) {
	s.delta(object{}, s.reason)
	s.chunk([]any{}, chatUsage(u))
	_, _ = s.out.WriteString("data: [DONE]\n\n")
	s.flush()
}

func (s *chatStream) fail(status int, message string) {
	if !s.begun() {
		document(s.w, status, openAIFailure(status, message))
		return
	}
	s.event("", openAIFailure(status, message))
	s.flush()
}
