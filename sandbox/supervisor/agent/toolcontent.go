package agent

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"

	"background-agents/sandbox/wire"
)

// toolContent is one piece of what a tool call shows: content, diff or terminal.
type toolContent struct {
	Type    string          `json:"type"`
	Content json.RawMessage `json:"content"`
	Path    string          `json:"path"`
	OldText *string         `json:"oldText"`
	NewText string          `json:"newText"`
}

// rawOutput is what is taken from rawOutput: a failure's text, and OpenCode's account of what an edit did and where the whole
// of a long output lies.
type rawOutput struct {
	Output string    `json:"output"`
	Error  errorText `json:"error"`
	Result struct {  // of a server of tools, as Codex passes it on
		Content []block `json:"content"`
	} `json:"result"`
	Metadata struct {
		OutputPath string     `json:"outputPath"`
		FileDiff   *fileDiff  `json:"filediff"`
		Files      []fileDiff `json:"files"`
		FilePath   string     `json:"filepath"`
		Exists     *bool      `json:"exists"`
	} `json:"metadata"`
}

// errorText is an error as agents write it: words, or an object with a message.
type errorText string

// UnmarshalJSON takes what it knows.
func (e *errorText) UnmarshalJSON(b []byte) error {
	var s string
	var o struct {
		Message string `json:"message"`
	}
	if json.Unmarshal(b, &s) != nil {
		_ = json.Unmarshal(b, &o)
		s = o.Message
	}
	*e = errorText(s)
	return nil
}

func (r *rawOutput) text() string {
	parts := []string{string(r.Error), r.Output}
	for _, b := range r.Result.Content {
		parts = append(parts, b.text())
	}
	return strings.TrimSpace(strings.Join(slices.DeleteFunc(parts, func(s string) bool { return s == "" }), "\n"))
}

type fileDiff struct {
	File      string `json:"file"`
	FilePath  string `json:"filePath"`
	Additions int    `json:"additions"`
	Deletions int    `json:"deletions"`
}

// output takes what an update shows: content replaces what was shown, terminal output (in _meta, from adapters) adds to it.
// Content is read when it is sent: of live output that comes whole each time, most is replaced before that.
func (x *tool) output(t *transcript, u *update) {
	if len(u.Content) > 0 && !bytes.Equal(u.Content, []byte("null")) {
		x.content = u.Content
	}
	if s := u.Meta.Output.Data + u.Meta.Delta.Data; s != "" {
		x.settle(t)
		x.out.add(t.outputs, x.value.Item, s)
	}
	if len(u.RawOutput) > 0 {
		x.settle(t)
		x.raw(t, u)
	}
}

// settle reads the content that came last.
func (x *tool) settle(t *transcript) {
	if x.content == nil {
		return
	}
	s, edits := readContent(t, x.content)
	x.content = nil
	if len(edits) > 0 {
		x.value.Edits = edits
	}
	if s != "" || len(edits) == 0 {
		x.out.set(t.outputs, x.value.Item, s)
	}
}

// raw takes from rawOutput what content did not say.
func (x *tool) raw(t *transcript, u *update) {
	var r rawOutput
	if json.Unmarshal(u.RawOutput, &r) != nil {
		var s string
		if json.Unmarshal(u.RawOutput, &s) == nil && x.out.size() == 0 {
			x.out.set(t.outputs, x.value.Item, s)
		}
		return
	}
	if s := r.text(); x.out.size() == 0 && s != "" && len(x.value.Edits) == 0 {
		x.out.set(t.outputs, x.value.Item, s)
	}
	if p := r.Metadata.OutputPath; p != "" {
		x.out.take(t.outputs, x.value.Item, p)
	}
	files := r.Metadata.Files
	if r.Metadata.FileDiff != nil {
		files = append(files, *r.Metadata.FileDiff)
	}
	var edits []wire.Edit
	for _, f := range files[:min(len(files), maxPaths)] {
		if p := f.File + f.FilePath; p != "" && (f.File == "" || f.FilePath == "") {
			edits = append(edits, wire.Edit{Path: t.relative(p), Added: f.Additions, Removed: f.Deletions})
		}
	}
	if len(edits) > 0 {
		x.value.Edits = edits // counted on the whole file, where a diff in content may hold only the replaced text
	}
	if len(x.value.Edits)+len(x.asked) == 0 && r.Metadata.Exists != nil && !*r.Metadata.Exists && r.Metadata.FilePath != "" {
		var in struct {
			Content string `json:"content"`
		}
		_ = json.Unmarshal(x.value.Input, &in) // a long one was shortened: then the count is of its beginning
		x.value.Edits = []wire.Edit{{Path: t.relative(r.Metadata.FilePath), Added: len(splitLines(in.Content))}}
	}
}

// readContent returns the text of a tool call's content and the edits of its diffs.
func readContent(t *transcript, raw json.RawMessage) (string, []wire.Edit) {
	var list []toolContent
	if json.Unmarshal(raw, &list) != nil {
		return textOf(raw), nil
	}
	var parts []string
	var edits []wire.Edit
	for _, c := range list {
		switch c.Type {
		case "diff":
			if len(edits) >= maxPaths {
				continue
			}
			old := ""
			if c.OldText != nil {
				old = *c.OldText
			}
			added, removed := countChanges(old, c.NewText)
			edits = append(edits, wire.Edit{Path: t.relative(c.Path), Added: added, Removed: removed})
		case "terminal": // its output comes in _meta
		default:
			if s := textOf(c.Content); s != "" {
				parts = append(parts, s)
			}
		}
	}
	return strings.Join(parts, "\n"), edits
}
