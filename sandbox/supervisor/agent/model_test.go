package agent

import (
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"
)

// step is one answer of the scripted model: text, then tool calls; or a status.
type step struct {
	think, text string
	tools       []call
	status      int
	pause       time.Duration // between words
}

type call struct {
	name string
	args map[string]any
}

// scriptedModel speaks as much of OpenAI's Chat Completions as OpenCode needs. The script is named by [[NAME]] in the last user
// message; its step is the number of answers since.
type scriptedModel struct {
	url     string
	scripts map[string][]step

	mu       sync.Mutex
	requests []string
}

var scriptName = regexp.MustCompile(`\[\[([a-z0-9 ]+)\]\]`)

func startModel(t *testing.T, scripts map[string][]step) *scriptedModel {
	t.Helper()
	m := &scriptedModel{scripts: scripts}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	m.url = "http://" + l.Addr().String() + "/v1"
	s := &http.Server{Handler: m}
	go s.Serve(l)
	t.Cleanup(func() { s.Close() })
	return m
}

func (m *scriptedModel) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var q struct {
		Messages []struct {
			Role    string          `json:"role"`
			Content json.RawMessage `json:"content"`
		} `json:"messages"`
	}
	json.NewDecoder(r.Body).Decode(&q)
	name, n, all := "", 0, ""
	for _, x := range q.Messages {
		all += x.Role + " " + string(x.Content) + "\n"
		switch x.Role {
		case "user":
			if s := scriptName.FindAllStringSubmatch(string(x.Content), -1); s != nil {
				name, n = s[len(s)-1][1], 0
			}
		case "assistant":
			n++
		}
	}
	m.mu.Lock()
	m.requests = append(m.requests, r.URL.Path+"\n"+all)
	m.mu.Unlock()
	st := step{text: "Done."}
	if s := m.scripts[name]; n < len(s) {
		st = s[n]
	}
	if st.status != 0 {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(st.status)
		fmt.Fprintf(w, `{"error":{"message":"scripted failure %d","type":"x"}}`, st.status)
		return
	}
	w.Header().Set("Content-Type", "text/event-stream")
	send := func(delta map[string]any, finish any) {
		b, _ := json.Marshal(map[string]any{"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "m", "choices": []any{map[string]any{"index": 0, "delta": delta, "finish_reason": finish}}})
		fmt.Fprintf(w, "data: %s\n\n", b)
		w.(http.Flusher).Flush()
	}
	if st.think != "" {
		send(map[string]any{"reasoning_content": st.think}, nil)
	}
	for _, word := range strings.SplitAfter(st.text, " ") {
		send(map[string]any{"content": word}, nil)
		select {
		case <-time.After(st.pause):
		case <-r.Context().Done():
			return
		}
	}
	finish := "stop"
	for i, c := range st.tools {
		finish = "tool_calls"
		args, _ := json.Marshal(c.args)
		send(map[string]any{"tool_calls": []any{map[string]any{"index": i, "id": fmt.Sprintf("call_%d_%d", time.Now().UnixNano(), i), "type": "function", "function": map[string]any{"name": c.name, "arguments": string(args)}}}}, nil)
	}
	send(map[string]any{}, finish)
	fmt.Fprintf(w, "data: {\"id\":\"c\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":\"m\",\"choices\":[],\"usage\":{\"prompt_tokens\":100,\"completion_tokens\":20,\"total_tokens\":120}}\n\ndata: [DONE]\n\n")
}

func (m *scriptedModel) seen() []string {
	m.mu.Lock()
	defer m.mu.Unlock()
	return append([]string(nil), m.requests...)
}
