package scripted

import "encoding/json"

// messages is Anthropic Messages: https://docs.anthropic.com/en/api/messages
var messages = protocol{read: readMessages, stream: streamMessages, collect: collectMessages, failure: anthropicFailure}

func readMessages(body []byte) (*conversation, error) {
	var q struct {
		Model    string  `json:"model"`
		Stream   bool    `json:"stream"`
		System   content `json:"system"`
		Messages []struct {
			Role    string  `json:"role"`
			Content content `json:"content"`
		} `json:"messages"`
		Tools []struct {
			Name   string `json:"name"`
			Schema schema `json:"input_schema"`
		} `json:"tools"`
	}
	if err := json.Unmarshal(body, &q); err != nil {
		return nil, err
	}
	c := &conversation{Model: q.Model, Stream: q.Stream}
	c.instructs(q.System.Text)
	for _, m := range q.Messages {
		if m.Role != "user" {
			continue
		}
		for _, result := range m.Content.Results {
			c.answers(result)
		}
		// What stands beside a tool's result is the agent's own remark, unless it is a script.
		if len(m.Content.Results) == 0 || len(parse(m.Content.Text)) > 0 {
			c.asks(m.Content.Text)
		}
	}
	for _, t := range q.Tools {
		c.Tools = append(c.Tools, tool{Name: t.Name, Schema: t.Schema})
	}
	return c, nil
}

func anthropicFailure(status int, message string) any {
	kinds := map[int]string{
		400: "invalid_request_error", 401: "authentication_error", 403: "permission_error", 404: "not_found_error",
		413: "request_too_large", 429: "rate_limit_error", 529: "overloaded_error",
	}
	kind := kinds[status]
	if kind == "" {
		kind = "api_error"
	}
	return object{"type": "error", "error": object{"type": kind, "message": message}}
}

func messageUsage(u usage) object {
	return object{"input_tokens": u.In, "output_tokens": u.Out, "cache_creation_input_tokens": 0, "cache_read_input_tokens": 0}
}

func message(c *conversation, blocks []any, stop any, u usage) object {
	return object{
		"id": "msg_" + c.ID, "type": "message", "role": "assistant", "model": c.Model, "content": blocks,
		"stop_reason": stop, "stop_sequence": nil, "usage": messageUsage(u),
	}
}

func collectMessages(c *conversation, said *collected) any {
	blocks, stop := []any{}, "end_turn"
	if said.Thought != "" {
		blocks = append(blocks, object{"type": "thinking", "thinking": said.Thought, "signature": signature})
	}
	if said.Text != "" {
		blocks = append(blocks, object{"type": "text", "text": said.Text})
	}
	for _, k := range said.Calls {
		blocks = append(blocks, object{"type": "tool_use", "id": "toolu_" + c.ID, "name": k.Name, "input": k.Args})
		stop = "tool_use"
	}
	return message(c, blocks, stop, said.Usage)
}

// signature stands where a real model signs its thoughts; clients send it back and do not look at it.
const signature = "ZGVtbw=="

// messageStream writes blocks one after the other; kind is that of the open one.
type messageStream struct {
	*wire
	c     *conversation
	index int
	kind  string
	stop  string
}

func streamMessages(w *wire, c *conversation) reply {
	return &messageStream{wire: w, c: c, stop: "end_turn"}
}

func (s *messageStream) begin() {
	if !s.begun() {
		s.wire.begin()
		start := message(s.c, []any{}, nil, usage{In: s.c.Tokens, Out: 1})
		s.event("message_start", object{"type": "message_start", "message": start})
	}
}

func (s *messageStream) open(kind string, block object) {
	s.begin()
	if s.kind == kind {
		return
	}
	s.close()
	s.kind = kind
	s.event("content_block_start", object{"type": "content_block_start", "index": s.index, "content_block": block})
}

func (s *messageStream) close() {
	if s.kind == "" {
		return
	}
	if s.kind == "thinking" {
		s.delta(object{"type": "signature_delta", "signature": signature})
	}
	s.event("content_block_stop", object{"type": "content_block_stop", "index": s.index})
	s.index, s.kind = s.index+1, ""
}

func (s *messageStream) delta(delta object) {
	s.event("content_block_delta", object{"type": "content_block_delta", "index": s.index, "delta": delta})
}

func (s *messageStream) text(piece string) {
	s.open("text", object{"type": "text", "text": ""})
	s.delta(object{"type": "text_delta", "text": piece})
}

func (s *messageStream) thought(piece string) {
	s.open("thinking", object{"type": "thinking", "thinking": "", "signature": ""})
	s.delta(object{"type": "thinking_delta", "thinking": piece})
}

func (s *messageStream) call(k call) {
	s.open("tool_use", object{"type": "tool_use", "id": "toolu_" + s.c.ID, "name": k.Name, "input": object{}})
	s.delta(object{"type": "input_json_delta", "partial_json": arguments(k)})
	s.stop = "tool_use"
}

func (s *messageStream) end(u usage) {
	s.begin()
	s.close()
	s.event("message_delta", object{
		"type": "message_delta", "delta": object{"stop_reason": s.stop, "stop_sequence": nil}, "usage": messageUsage(u),
	})
	s.event("message_stop", object{"type": "message_stop"})
	s.flush()
}

func (s *messageStream) fail(status int, message string) {
	if !s.begun() {
		document(s.w, status, anthropicFailure(status, message))
		return
	}
	s.event("error", anthropicFailure(status, message))
	s.flush()
}
