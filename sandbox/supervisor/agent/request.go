package agent

import (
	"bytes"
	"encoding/json"

	"background-agents/sandbox/wire"
)

// permission makes a request's entry, and takes over what it shows of its tool call.
func (t *transcript) permission(q permissionRequest) *openRequest {
	t.mu.Lock()
	defer t.mu.Unlock()
	c := &q.ToolCall
	id := t.item()
	r := &openRequest{kind: "other", done: make(chan struct{}), entry: wire.Permission{Item: id, ID: id, Title: "The agent asks for permission", Options: []wire.PermissionOption{}}}
	x := t.tools[c.ToolCallID]
	if x != nil {
		r.entry.Tool, r.kind, r.paths = x.value.Item, x.value.Kind, x.value.Paths
		r.entry.Title = x.value.Title
		if _, edits := readContent(t, c.Content); len(edits) > 0 {
			x.asked = edits
		}
	}
	if c.Title != nil && *c.Title != "" {
		r.entry.Title = clip(*c.Title, maxTitle)
	}
	if c.ToolKind != nil {
		r.kind = *c.ToolKind
	}
	for _, l := range c.Locations[:min(len(c.Locations), maxPaths)] {
		r.paths = append(r.paths, t.relative(l.Path))
	}
	r.entry.Detail = detailOf(c.RawInput)
	for _, o := range q.Options[:min(len(q.Options), maxOptions)] {
		r.entry.Options = append(r.entry.Options, wire.PermissionOption{ID: o.OptionID, Name: clip(o.Name, 200), Kind: o.Kind})
	}
	return r
}

// detailOf says what is asked for: the command, the difference, or the arguments as they are.
func detailOf(input json.RawMessage) string {
	var in struct {
		Command json.RawMessage `json:"command"`
		Diff    string          `json:"diff"`
		URL     string          `json:"url"`
	}
	if len(input) == 0 || json.Unmarshal(input, &in) != nil {
		return ""
	}
	var command string
	if json.Unmarshal(in.Command, &command) != nil {
		command = string(in.Command) // Codex gives a list of words
	}
	for _, s := range []string{command, in.Diff, in.URL} {
		if s != "" {
			return clip(s, maxDetail)
		}
	}
	var b bytes.Buffer
	if string(input) == "{}" || string(input) == "null" || json.Indent(&b, input, "", "  ") != nil {
		return ""
	}
	return clip(b.String(), maxDetail)
}

// askOrAnswer sends a request, or how it ended.
func (t *transcript) askOrAnswer(p wire.Permission) {
	t.flush()
	t.mu.Lock()
	defer t.mu.Unlock()
	t.put(wire.Entry{Permission: &p})
}
