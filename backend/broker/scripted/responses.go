package scripted

import (
	"encoding/json"
	"strings"
)

// responses is OpenAI Responses: https://platform.openai.com/docs/api-reference/responses
var responses = protocol{read: readResponses, stream: streamResponses, collect: collectResponses, failure: openAIFailure}

type inputItem struct {
	Type    string  `json:"type"`
	Role    string  `json:"role"`
	Content content `json:"content"`
	Output  content `json:"output"`
}

func readResponses(body []byte) (*conversation, error) {
	var q struct {
		Model        string          `json:"model"`
		Stream       bool            `json:"stream"`
		Instructions string          `json:"instructions"`
		Input        json.RawMessage `json:"input"`
		Tools        []responsesTool `json:"tools"`
	}
	if err := json.Unmarshal(body, &q); err != nil {
		return nil, err
	}
	c := &conversation{Model: q.Model, Stream: q.Stream}
	c.instructs(q.Instructions)
	var items []inputItem
	var text string
	if json.Unmarshal(q.Input, &text) == nil {
		c.asks(text)
	} else if err := json.Unmarshal(q.Input, &items); err != nil {
		return nil, err
	}
	for _, it := range items {
		switch {
		case strings.HasSuffix(it.Type, "_call_output"):
			c.answers(it.Output.Text)
		case it.Role == "system" || it.Role == "developer":
			c.instructs(it.Content.Text)
		case it.Role == "user":
			c.asks(it.Content.Text)
		}
	}
	for _, t := range q.Tools {
		if t.Type != "namespace" {
			c.Tools = append(c.Tools, tool{Name: t.Name, Schema: t.Parameters, Free: t.Type == "custom"})
		}
		for _, in := range t.Tools {
			c.Tools = append(c.Tools, tool{Name: in.Name, Space: t.Name, Schema: in.Parameters})
		}
	}
	return c, nil
}

// responsesTool is a tool, or a namespace of tools.
type responsesTool struct {
	Type       string          `json:"type"`
	Name       string          `json:"name"`
	Parameters schema          `json:"parameters"`
	Tools      []responsesTool `json:"tools"`
}

func response(c *conversation, status string, output []any, u *usage) object {
	r := object{
		"id": "resp_" + c.ID, "object": "response", "created_at": 0, "model": c.Model, "status": status, "output": output,
		"error": nil, "incomplete_details": nil, "parallel_tool_calls": false, "usage": nil,
	}
	if u != nil {
		r["usage"] = object{
			"input_tokens": u.In, "output_tokens": u.Out, "total_tokens": u.In + u.Out,
			"input_tokens_details": object{"cached_tokens": 0}, "output_tokens_details": object{"reasoning_tokens": u.Thought},
		}
	}
	return r
}

func thoughtItem(c *conversation, text string) object {
	return object{"type": "reasoning", "id": "rs_" + c.ID, "summary": []any{object{"type": "summary_text", "text": text}}}
}

func textItem(c *conversation, text string) object {
	return object{
		"type": "message", "id": "msg_" + c.ID, "role": "assistant", "status": "completed",
		"content": []any{object{"type": "output_text", "text": text, "annotations": []any{}}},
	}
}

func callItem(c *conversation, k call) object {
	if k.Free {
		return object{
			"type": "custom_tool_call", "id": "ctc_" + c.ID, "call_id": "call_" + c.ID, "name": k.Name, "input": k.Input,
			"status": "completed",
		}
	}
	item := object{
		"type": "function_call", "id": "fc_" + c.ID, "call_id": "call_" + c.ID, "name": k.Name, "arguments": arguments(k),
		"status": "completed",
	}
	if k.Space != "" {
		item["namespace"] = k.Space
	}
	return item
}

func collectResponses(c *conversation, said *collected) any {
	output := []any{}
	if said.Thought != "" {
		output = append(output, thoughtItem(c, said.Thought))
	}
	if said.Text != "" {
		output = append(output, textItem(c, said.Text))
	}
	for _, k := range said.Calls {
		output = append(output, callItem(c, k))
	}
	return response(c, "completed", output, &said.Usage)
}
