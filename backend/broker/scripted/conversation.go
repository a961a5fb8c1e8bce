package scripted

import (
	"encoding/json"
	"regexp"
	"strings"
)

// conversation is what a request says, in whichever of the three shapes it came.
type conversation struct {
	Model  string
	Stream bool
	System string
	Dir    string   // the agent's working directory, "" where it did not say
	Prompt string   // the last thing that the user asked
	Result []string // what the tools answered since then
	Tools  []tool   // what may be called
	Tokens int      // of the request, about
	ID     string   // differs from request to request, and is the same for the same one
}

// tool is one tool that the request offers. Free tools take text and no arguments.
type tool struct {
	Name   string
	Space  string // Codex's namespace of it
	Schema schema
	Free   bool
}

type schema struct {
	Type       any               `json:"type"`
	Properties map[string]schema `json:"properties"`
	Items      *schema           `json:"items"`
	Enum       []string          `json:"enum"`
	About      string            `json:"description"`
}

// asks takes a user's message into account: its prompt starts a script over, unless nothing in it is the user's own.
func (c *conversation) asks(text string) {
	if own := ownWords(text); own != "" {
		c.Prompt, c.Result = own, nil
	}
	c.place(text)
}

// answers takes a tool's result into account.
func (c *conversation) answers(text string) { c.Result = append(c.Result, text) }

func (c *conversation) instructs(text string) {
	c.System += text + "\n"
	c.place(text)
}

var directory = regexp.MustCompile(`(?:[Ww]orking directory: |working in the directory: |<cwd>)(/[^\n<]*)`)

func (c *conversation) place(text string) {
	if m := directory.FindStringSubmatch(text); m != nil && c.Dir == "" {
		c.Dir = strings.TrimSpace(m[1])
	}
}

// path makes a path absolute, as most agents' tools want it.
func (c *conversation) path(p string) string {
	if c.Dir == "" || strings.HasPrefix(p, "/") {
		return p
	}
	return strings.TrimSuffix(c.Dir, "/") + "/" + p
}

// synthetic are beginnings of messages that agents send in the user's name.
var synthetic = []string{
	"Summarize the task tool output above",
	"Continue if you have next steps",
	"Attached image",
	"Attached media",
	"# AGENTS.md instructions",
	"Called the ",
}

// ownWords returns a user's message without what the agent added: blocks such as <system-reminder>, and whole messages
// of its own.
func ownWords(text string) string {
	text = strings.TrimSpace(withoutBlocks(text))
	if len(parse(text)) > 0 {
		return text
	}
	for _, s := range synthetic {
		if strings.HasPrefix(text, s) {
			return ""
		}
	}
	return text
}

// A tag with a hyphen, an underscore or a space is none of HTML's: <environment_context>, <permissions instructions>.
var blockTag = regexp.MustCompile(`(?m)^\s*<([A-Za-z]+[-_ ][-_ A-Za-z]*)>`)

func withoutBlocks(text string) string {
	for {
		m := blockTag.FindStringSubmatchIndex(text)
		if m == nil {
			return text
		}
		end := "</" + text[m[2]:m[3]] + ">"
		rest := ""
		if i := strings.Index(text[m[1]:], end); i >= 0 {
			rest = text[m[1]+i+len(end):]
		}
		text = text[:m[0]] + rest
	}
}

// content is a message's text: a string, or a list of parts of which some hold text.
type content struct {
	Text    string
	Results []string // parts of the kind tool_result
}

// UnmarshalJSON reads whatever the three protocols put there; what holds no text is passed over.
func (c *content) UnmarshalJSON(b []byte) error {
	if json.Unmarshal(b, &c.Text) == nil {
		return nil
	}
	var parts []struct {
		Type    string  `json:"type"`
		Text    string  `json:"text"`
		Content content `json:"content"`
	}
	_ = json.Unmarshal(b, &parts)
	var texts []string
	for _, p := range parts {
		switch {
		case p.Type == "tool_result":
			c.Results = append(c.Results, p.Content.Text)
		case p.Text != "":
			texts = append(texts, p.Text)
		}
	}
	c.Text = strings.Join(texts, "\n")
	return nil
}
