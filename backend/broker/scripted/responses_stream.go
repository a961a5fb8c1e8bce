package scripted

import (
	"fmt"
	"strings"
)

// responseStream writes output items one after the other; kind is that of the open one, said its text so far.
type responseStream struct {
	*wire
	c      *conversation
	number int
	output []any
	kind   string
	said   strings.Builder
}

func streamResponses(w *wire, c *conversation) reply {
	return &responseStream{wire: w, c: c, output: []any{}}
}

func (s *responseStream) tell(name string, v object) {
	v["type"], v["sequence_number"] = name, s.number
	s.number++
	s.event(name, v)
}

func (s *responseStream) begin() {
	if s.begun() {
		return
	}
	s.wire.begin()
	s.tell("response.created", object{"response": response(s.c, "in_progress", []any{}, nil)})
	s.tell("response.in_progress", object{"response": response(s.c, "in_progress", []any{}, nil)})
}

// id returns the id of the open item. A text after a thought after a text has another than the first.
func (s *responseStream) id() string {
	return fmt.Sprintf("%s_%s_%d", map[string]string{"text": "msg", "thought": "rs"}[s.kind], s.c.ID, len(s.output))
}

// at returns the place that every event within an item names.
func (s *responseStream) at(part string, v object) object {
	v["item_id"], v["output_index"], v[part] = s.id(), len(s.output), 0
	return v
}

func (s *responseStream) open(kind string) {
	s.begin()
	if s.kind == kind {
		return
	}
	s.close()
	s.kind = kind
	s.said.Reset()
	if kind == "text" {
		item := textItem(s.c, "")
		item["id"], item["status"], item["content"] = s.id(), "in_progress", []any{}
		s.tell("response.output_item.added", object{"output_index": len(s.output), "item": item})
		s.tell("response.content_part.added", s.at("content_index", object{"part": textPart("")}))
		return
	}
	item := object{"type": "reasoning", "id": s.id(), "summary": []any{}}
	s.tell("response.output_item.added", object{"output_index": len(s.output), "item": item})
	s.tell("response.reasoning_summary_part.added", s.at("summary_index", object{"part": object{"type": "summary_text", "text": ""}}))
}

func textPart(text string) object {
	return object{"type": "output_text", "text": text, "annotations": []any{}}
}

func (s *responseStream) close() {
	var item object
	text := s.said.String()
	switch s.kind {
	case "":
		return
	case "text":
		s.tell("response.output_text.done", s.at("content_index", object{"text": text}))
		s.tell("response.content_part.done", s.at("content_index", object{"part": textPart(text)}))
		item = textItem(s.c, text)
	case "thought":
		s.tell("response.reasoning_summary_text.done", s.at("summary_index", object{"text": text}))
		s.tell("response.reasoning_summary_part.done", s.at("summary_index", object{"part": object{"type": "summary_text", "text": text}}))
		item = thoughtItem(s.c, text)
	}
	item["id"] = s.id()
	s.kind = ""
	s.tell("response.output_item.done", object{"output_index": len(s.output), "item": item})
	s.output = append(s.output, item)
}

func (s *responseStream) text(piece string) {
	s.open("text")
	s.said.WriteString(piece)
	s.tell("response.output_text.delta", s.at("content_index", object{"delta": piece}))
}

func (s *responseStream) thought(piece string) {
	s.open("thought")
	s.said.WriteString(piece)
	s.tell("response.reasoning_summary_text.delta", s.at("summary_index", object{"delta": piece}))
}

func (s *responseStream) call(k call) {
	s.begin()
	s.close()
	item := callItem(s.c, k)
	what, name, input := "arguments", "function_call_arguments", item["arguments"]
	if k.Free {
		what, name, input = "input", "custom_tool_call_input", item["input"]
	}
	begun := callItem(s.c, k)
	begun[what], begun["status"] = "", "in_progress"
	place := func(v object) object {
		v["item_id"], v["output_index"] = item["id"], len(s.output)
		return v
	}
	s.tell("response.output_item.added", object{"output_index": len(s.output), "item": begun})
	s.tell("response."+name+".delta", place(object{"delta": input}))
	s.tell("response."+name+".done", place(object{what: input}))
	s.tell("response.output_item.done", object{"output_index": len(s.output), "item": item})
	s.output = append(s.output, item)
}

func (s *responseStream) end(u usage) {
	s.begin()
	s.close()
	s.tell("response.completed", object{"response": response(s.c, "completed", s.output, &u)})
	s.flush()
}

func (s *responseStream) fail(status int, message string) {
	if !s.begun() {
		document(s.w, status, openAIFailure(status, message))
		return
	}
	failed := response(s.c, "failed", s.output, nil)
	failed["error"] = object{"code": "server_error", "message": message}
	s.tell("response.failed", object{"response": failed})
	s.flush()
}
