package scripted

import (
	"encoding/json"
	"os"
	"reflect"
	"testing"
)

// TestRecordedConversationsGoOnAsRecorded replays conversations that real agents had with the model: after every result
// of a tool it must call what it called then, and say the same streamed and not.
func TestRecordedConversationsGoOnAsRecorded(t *testing.T) {
	for agent, path := range map[string]string{"opencode": "/v1/chat/completions", "claude": "/v1/messages", "codex": "/v1/responses"} {
		t.Run(agent, func(t *testing.T) {
			file, err := os.ReadFile("testdata/" + agent + ".json")
			if err != nil {
				t.Fatal(err)
			}
			var request map[string]any
			if err := json.Unmarshal(file, &request); err != nil {
				t.Fatal(err)
			}
			field := "messages"
			if agent == "codex" {
				field = "input"
			}
			all, calls := request[field].([]any), 0
			for i, m := range all {
				want := recordedCall(t, m)
				if want == "" {
					continue
				}
				calls++
				from := i
				for from > 0 && isAnswer(all[from-1]) {
					from--
				}
				request[field] = all[:from]
				request["stream"] = true
				streamed := post(t, path, request)
				if streamed.Call != want {
					t.Errorf("call %d is %s, recorded was %s", calls, streamed.Call, want)
				}
				request["stream"] = false
				whole := post(t, path, request)
				streamed.Chunks, whole.Chunks = nil, nil
				streamed.In, whole.In = 0, 0 // the requests differ by a byte
				if !reflect.DeepEqual(streamed, whole) {
					t.Errorf("call %d: streamed %+v, not streamed %+v", calls, streamed, whole)
				}
				if streamed.Out == 0 {
					t.Errorf("call %d has no usage", calls)
				}
			}
			if calls < 5 {
				t.Errorf("%d calls in the recording", calls)
			}
			request[field], request["stream"] = all, true
			if end := post(t, path, request); end.Call != "" || end.Text != "The end.\n" {
				t.Errorf("at the end: %+v", end)
			}
		})
	}
}

func isAnswer(m any) bool {
	v := m.(map[string]any)
	return v["role"] == "assistant" || v["type"] == "reasoning" || v["type"] == "function_call"
}

// recordedCall returns the call in an entry of a conversation, "" if there is none, with arguments in order of name.
func recordedCall(t *testing.T, m any) string {
	t.Helper()
	b, _ := json.Marshal(m)
	var v struct {
		Type, Name, Arguments string
		ToolCalls             []struct {
			Function struct{ Name, Arguments string }
		} `json:"tool_calls"`
		Content json.RawMessage
	}
	if err := json.Unmarshal(b, &v); err != nil {
		t.Fatal(err)
	}
	var name string
	var args []byte
	var blocks []block
	switch {
	case v.Type == "function_call":
		name, args = v.Name, []byte(v.Arguments)
	case len(v.ToolCalls) > 0:
		name, args = v.ToolCalls[0].Function.Name, []byte(v.ToolCalls[0].Function.Arguments)
	case json.Unmarshal(v.Content, &blocks) == nil:
		for _, c := range blocks {
			if c.Type == "tool_use" {
				name, args = c.Name, c.Input
			}
		}
	}
	if name == "" {
		return ""
	}
	var values map[string]any
	if err := json.Unmarshal(args, &values); err != nil {
		t.Fatal(err)
	}
	delete(values, "replace_all") // Claude Code fills in its own default
	args, _ = json.Marshal(values)
	return name + " " + string(args)
}
