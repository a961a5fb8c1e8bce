package agent

import (
	"strings"
	"testing"

	"background-agents/sandbox/wire"
)

func TestEachKindOfUpdateBecomesEntries(t *testing.T) {
	said := func(kind, id, s string) string {
		return `{"sessionUpdate":"agent_` + kind + `_chunk","messageId":"` + id + `","content":{"type":"text","text":"` + s + `"}}`
	}
	for name, c := range map[string]struct{ lines, want []string }{
		"text is joined per message":      {[]string{said("message", "1", "a"), said("message", "1", ""), said("message", "1", "b"), said("message", "2", "c")}, []string{"message: ab", "message: c"}},
		"thought and message are two":     {[]string{said("thought", "1", "hm"), said("message", "1", "so"), said("thought", "1", "hm")}, []string{"thought: hm", "message: so", "thought: hm"}},
		"a tool call ends the text":       {[]string{said("message", "1", "a"), `{"sessionUpdate":"tool_call","toolCallId":"x","title":"T"}`, said("message", "1", "b")}, []string{"message: a", "tool: completed T", "message: b"}},
		"its updates do not":              {[]string{`{"sessionUpdate":"tool_call","toolCallId":"x","title":"T"}`, said("message", "1", "a"), `{"sessionUpdate":"tool_call_update","toolCallId":"x","status":"failed"}`, said("message", "1", "b")}, []string{"tool: failed T", "message: ab"}},
		"an update of an unknown call":    {[]string{`{"sessionUpdate":"tool_call_update","toolCallId":"x","title":"U","status":"completed"}`}, []string{"tool: completed U"}},
		"what we said is not repeated":    {[]string{`{"sessionUpdate":"user_message_chunk","content":{"type":"text","text":"me"}}`}, nil},
		"an image is named":               {[]string{`{"sessionUpdate":"agent_message_chunk","content":{"type":"image","mimeType":"image/png","data":"AAAA"}}`}, []string{"message: [image: image/png, 0 KB]"}},
		"a link is a link":                {[]string{`{"sessionUpdate":"agent_message_chunk","content":{"type":"resource_link","name":"n","uri":"file:///x"}}`}, []string{"message: [n](file:///x)"}},
		"a plan is one item":              {[]string{`{"sessionUpdate":"plan","entries":[{"content":"a","status":"pending","priority":"high"}]}`, said("message", "1", "m"), `{"sessionUpdate":"plan","entries":[{"content":"a","status":"completed"},{"content":"b","status":"odd"}]}`}, []string{"plan: completed a;pending b;", "message: m"}},
		"todos are the plan":              {[]string{`{"sessionUpdate":"tool_call","toolCallId":"x","title":"todowrite","rawInput":{}}`, `{"sessionUpdate":"tool_call_update","toolCallId":"x","status":"in_progress","title":"todowrite","rawInput":{"todos":[{"content":"a","status":"in_progress"}]}}`, `{"sessionUpdate":"tool_call_update","toolCallId":"x","status":"completed","title":"1 todos","rawOutput":{"metadata":{"todos":[{"content":"a","status":"cancelled"}]}}}`}, []string{"plan: completed a (dropped);"}},
		"failed todos are a tool call":    {[]string{`{"sessionUpdate":"tool_call","toolCallId":"x","title":"todowrite"}`, `{"sessionUpdate":"tool_call_update","toolCallId":"x","status":"failed","content":[]}`}, []string{"tool: failed todowrite"}},
		"a field of another type":         {[]string{`{"sessionUpdate":"agent_message_chunk","messageId":7,"_meta":[1],"content":{"type":"text","text":"still"}}`}, []string{"message: still"}},
		"malformed lines are passed over": {[]string{"{", "not json", `{"jsonrpc":"2.0","method":"session/update","params":{"update":"odd"}}`, `{"jsonrpc":"2.0","method":"session/update","params":{"sessionId":"other","update":{"sessionUpdate":"agent_message_chunk","content":{"text":"x","type":"text"}}}}`, `{"sessionUpdate":"from_the_future","content":7}`, "", `[]`, `{"jsonrpc":"2.0","id":99,"result":{}}`, said("message", "1", "ok")}, []string{"message: ok"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := launch(t, "")
			h.prompt(append([]string{"lines"}, c.lines...)...)
			if got, want := strings.Join(h.j.items(), "\n"), strings.Join(c.want, "\n"); got != want {
				t.Errorf("items:\n%s\nwant:\n%s", got, want)
			}
		})
	}
}

func TestWhatTheAgentSaysOfItself(t *testing.T) {
	h := launch(t, "")
	h.prompt("lines",
		`{"sessionUpdate":"usage_update","used":1200,"size":200000,"cost":{"amount":0.5,"currency":"USD"}}`,
		`{"sessionUpdate":"session_info_update","title":"Fix the bug"}`,
		`{"sessionUpdate":"config_option_update","configOptions":[{"id":"model","name":"Model","category":"model","currentValue":"p/two","options":[{"value":"p/two","name":"Two"}]}]}`)
	h.wait("commands", func(e wire.Entry) bool {
		return e.Agent != nil && len(e.Agent.Commands) == 1 && e.Agent.Commands[0] == wire.Command{Name: "init", Description: "d", Hint: "h"}
	})
	h.wait("usage", func(e wire.Entry) bool {
		return e.Usage != nil && *e.Usage == wire.Usage{ContextUsed: 1200, ContextSize: 200000, Cost: 0.5, Currency: "USD"}
	})
	h.wait("title", func(e wire.Entry) bool { return e.Agent != nil && e.Agent.Title == "Fix the bug" })
	h.wait("options", func(e wire.Entry) bool {
		return e.Agent != nil && len(e.Agent.Options) == 1 && e.Agent.Options[0].Value == "p/two"
	})
}

// The whole life of an edit, a command and a failure, as OpenCode 1.18.33 sends them.
func TestToolCallsOfOpenCode(t *testing.T) {
	h := launch(t, "")
	dir := h.conf.Dir
	h.prompt("lines",
		`{"sessionUpdate":"tool_call","toolCallId":"e","title":"edit","kind":"edit","status":"pending","locations":[],"rawInput":{}}`,
		`{"sessionUpdate":"tool_call_update","toolCallId":"e","status":"in_progress","kind":"edit","title":"edit","locations":[{"path":"`+dir+`/d/h.txt"}],"rawInput":{"filePath":"`+dir+`/d/h.txt","oldString":"b"}}`,
		`{"sessionUpdate":"tool_call_update","toolCallId":"e","status":"completed","title":"d/h.txt","content":[{"type":"content","content":{"type":"text","text":"Edit applied."}},{"type":"diff","path":"`+dir+`/d/h.txt","oldText":"a\nb\nc\n","newText":"a\nB\nBB\nc\n"}],"rawOutput":{"output":"Edit applied."}}`,
		`{"sessionUpdate":"tool_call","toolCallId":"w","title":"write","kind":"edit","status":"pending","rawInput":{"content":"1\n2\n3\n","filePath":"`+dir+`/new"}}`,
		`{"sessionUpdate":"tool_call_update","toolCallId":"w","status":"completed","title":"new","content":[{"type":"content","content":{"type":"text","text":"Wrote file."}}],"rawOutput":{"output":"Wrote file.","metadata":{"filepath":"`+dir+`/new","exists":false}}}`,
		`{"sessionUpdate":"tool_call","toolCallId":"b","title":"bash","kind":"execute","status":"pending","locations":[{"path":"`+dir+`"},{"path":"/etc/x"}],"rawInput":{"cwd":"`+dir+`"}}`,
		`{"sessionUpdate":"tool_call_update","toolCallId":"b","status":"in_progress","title":"make","content":[{"type":"content","content":{"type":"text","text":"one\n"}}]}`,
		`{"sessionUpdate":"tool_call_update","toolCallId":"b","status":"completed","title":"make","content":[{"type":"content","content":{"type":"text","text":"one\ntwo\n"}}]}`,
		`{"sessionUpdate":"tool_call_update","toolCallId":"r","status":"failed","kind":"read","title":"read","content":[{"type":"content","content":{"type":"text","text":"File not found"}}],"rawOutput":{"error":"File not found"}}`,
		`{"sessionUpdate":"tool_call_update","toolCallId":"o","status":"failed","kind":"novel","title":"odd","rawOutput":{"error":"only here"}}`)
	tools := h.j.tools()
	edit := tools["d/h.txt"]
	if edit.Kind != "edit" || edit.Status != "completed" || strings.Join(edit.Paths, " ") != "d/h.txt" || len(edit.Edits) != 1 || edit.Edits[0] != (wire.Edit{Path: "d/h.txt", Added: 2, Removed: 1}) || edit.Output != "Edit applied." {
		t.Errorf("edit = %+v", edit)
	}
	if w := tools["new"]; len(w.Edits) != 1 || w.Edits[0] != (wire.Edit{Path: "new", Added: 3}) {
		t.Errorf("write = %+v", w)
	}
	if b := tools["make"]; b.Output != "one\ntwo\n" || b.Size != 8 || strings.Join(b.Paths, " ") != "/etc/x" || string(b.Input) != `{"cwd":"`+dir+`"}` {
		t.Errorf("bash = %+v", b)
	}
	if r := tools["read"]; r.Status != "failed" || r.Output != "File not found" {
		t.Errorf("read = %+v", r)
	}
	if o := tools["odd"]; o.Output != "only here" || o.Kind != "other" {
		t.Errorf("odd = %+v", o)
	}
}

func TestSubagentsOfClaudeAreNested(t *testing.T) {
	h := launch(t, "")
	meta := `"_meta":{"claudeCode":{"parentToolUseId":"task"}}`
	h.prompt("lines",
		`{"sessionUpdate":"tool_call","toolCallId":"task","title":"Task"}`,
		`{"sessionUpdate":"agent_message_chunk","content":{"type":"text","text":"mine "}}`,
		`{"sessionUpdate":"agent_message_chunk","content":{"type":"text","text":"sub "},`+meta+`}`,
		`{"sessionUpdate":"tool_call","toolCallId":"inner","title":"Inner",`+meta+`}`,
		`{"sessionUpdate":"agent_message_chunk","content":{"type":"text","text":"again"}}`)
	tools := h.j.tools()
	if tools["Inner"].Parent != tools["Task"].Item || tools["Task"].Parent != "" {
		t.Errorf("tools = %+v", tools)
	}
	if got := strings.Join(h.j.items(), "|"); got != "tool: completed Task|message: mine again|message: sub |tool: completed Inner" {
		t.Errorf("items = %s", got)
	}
}

func TestItemIdsAreNeverUsedTwice(t *testing.T) {
	seen := map[string]bool{}
	for range 3 {
		h := launch(t, "")
		h.prompt("one")
		h.prompt("two")
		for _, e := range h.j.all() {
			if e.Delta == nil {
				continue
			}
			if seen[e.Delta.Item] {
				t.Errorf("%s is used twice", e.Delta.Item)
			}
			seen[e.Delta.Item] = true
		}
		h.Close()
	}
	if len(seen) != 6 {
		t.Errorf("%d items, want 6", len(seen))
	}
}
