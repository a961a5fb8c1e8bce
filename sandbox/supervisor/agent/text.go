package agent

import (
	"encoding/json"
	"fmt"
	"strings"
	"unicode/utf8"

	"background-agents/sandbox/wire"
)

// maxJoined bounds the text that is joined while more is already there to be read.
const maxJoined = 16 << 10

var kindOfText = map[string]string{"agent_message_chunk": "message", "agent_thought_chunk": "thought"}

// text is a message or thought that is being said.
type text struct {
	item, kind, parent, message string
	pending                     strings.Builder
}

// chunk appends to what is being said. Another kind, another message or a tool call in between begins a new item.
// Chunks that are there to be read already are joined, so that a flood of them is not one entry each; flush ends that.
func (t *transcript) chunk(parent, kind, message, s string) {
	if s == "" {
		return // Claude's adapter sends empty ones
	}
	x := t.texts[parent]
	if x == nil || x.kind != kind || x.message != message {
		t.endText(parent)
		x = &text{item: t.item(), kind: kind, parent: parent, message: message}
		t.texts[parent] = x
	}
	if t.joining != x {
		t.sendJoined()
		t.joining = x
	}
	for len(s) > 0 {
		part := s
		if len(part) > maxJoined {
			part = part[:cutAt(part, maxJoined)]
		}
		s = s[len(part):]
		if x.pending.WriteString(part); x.pending.Len() >= maxJoined {
			t.sendJoined()
		}
	}
}

// endText ends the item that is being said, if any.
func (t *transcript) endText(parent string) {
	t.sendJoined()
	delete(t.texts, parent)
}

// sendJoined sends the text that was joined; of one item, as whatever else is said sends it first.
func (t *transcript) sendJoined() {
	x := t.joining
	if x == nil || x.pending.Len() == 0 {
		return
	}
	s := x.pending.String()
	x.pending.Reset()
	t.put(wire.Entry{Delta: &wire.Delta{Item: x.item, Kind: x.kind, Parent: x.parent, Text: s}})
}

// block is a piece of content: text, image, audio, resource_link or resource.
type block struct {
	Type     string `json:"type"`
	Text     string `json:"text"`
	MimeType string `json:"mimeType"`
	Name     string `json:"name"`
	URI      string `json:"uri"`
	Data     string `json:"data"`
	Resource *struct {
		URI  string `json:"uri"`
		Text string `json:"text"`
	} `json:"resource"`
}

// textOf returns a piece of content as text; of what is not text, what it is.
func textOf(raw json.RawMessage) string {
	var b block
	if len(raw) == 0 || json.Unmarshal(raw, &b) != nil {
		return ""
	}
	return b.text()
}

func (b *block) text() string {
	switch b.Type {
	case "text":
		return b.Text
	case "image", "audio":
		return fmt.Sprintf("[%s: %s, %d KB]", b.Type, b.MimeType, len(b.Data)*3/4>>10)
	case "resource_link":
		name := b.Name
		if name == "" {
			name = b.URI
		}
		return "[" + name + "](" + b.URI + ")"
	case "resource":
		if b.Resource == nil {
			return ""
		}
		if b.Resource.Text != "" {
			return b.Resource.Text
		}
		return b.Resource.URI
	default:
		return b.Text
	}
}

// clip shortens s to at most n bytes, between characters.
func clip(s string, n int) string {
	if len(s) <= n {
		return s
	}
	return s[:cutAt(s, n)] + "…"
}

// cutAt returns the last place at or before n that does not split a character.
func cutAt(s string, n int) int {
	for i := n; i > n-utf8.UTFMax && i > 0; i-- {
		if utf8.RuneStart(s[i]) {
			return i
		}
	}
	return n
}
