// Command agent is an agent for tests: it speaks as much of the Agent Client Protocol as a supervisor asks for, and does
// what the lines of a prompt say:
//
//	say TEXT          a message
//	flood N           N chunks of message
//	write PATH TEXT   a tool call that writes a file
//	get               asks MODEL_URL and says what it answers
//	sleep MS          pauses
//	hang              waits to be cancelled
//	die               ends the process
//	empty             nothing
//
// With arguments it is the other end of a benchmark, see other.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"strconv"
	"strings"
	"sync"
	"time"
)

type message struct {
	ID     json.RawMessage `json:"id,omitempty"`
	Method string          `json:"method,omitempty"`
	Params json.RawMessage `json:"params,omitempty"`
}

var (
	writing   sync.Mutex
	cancelled = make(chan struct{}, 1)
)

func send(v any) {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	writing.Lock()
	defer writing.Unlock()
	_, _ = os.Stdout.Write(append(b, '\n'))
}

func reply(id json.RawMessage, result any) {
	send(map[string]any{"jsonrpc": "2.0", "id": id, "result": result})
}

func update(u map[string]any) {
	send(map[string]any{"jsonrpc": "2.0", "method": "session/update", "params": map[string]any{"sessionId": "conversation-1", "update": u}})
}

func say(text string) {
	update(map[string]any{"sessionUpdate": "agent_message_chunk", "content": map[string]any{"type": "text", "text": text}})
}

func main() {
	if len(os.Args) > 2 {
		other(os.Args[1], os.Args[2])
		return
	}
	in := bufio.NewReader(os.Stdin)
	for {
		line, err := in.ReadBytes('\n')
		if err != nil {
			return
		}
		var m message
		if json.Unmarshal(line, &m) != nil {
			continue
		}
		switch m.Method {
		case "initialize":
			reply(m.ID, map[string]any{"protocolVersion": 1, "agentCapabilities": map[string]any{
				"loadSession": false, "sessionCapabilities": map[string]any{"resume": map[string]any{}},
			}})
		case "session/new":
			reply(m.ID, map[string]any{"sessionId": "conversation-1"})
		case "session/resume":
			reply(m.ID, map[string]any{})
		case "session/cancel":
			select {
			case cancelled <- struct{}{}:
			default:
			}
		case "session/prompt":
			go prompt(m)
		default:
			if m.ID != nil {
				reply(m.ID, map[string]any{})
			}
		}
	}
}

func prompt(m message) {
	var p struct {
		Prompt []struct {
			Text string `json:"text"`
		} `json:"prompt"`
	}
	if err := json.Unmarshal(m.Params, &p); err != nil {
		panic(err)
	}
	select {
	case <-cancelled:
	default:
	}
	stop := "end_turn"
	for _, block := range p.Prompt {
		for line := range strings.SplitSeq(block.Text, "\n") {
			if !do(line) {
				stop = "cancelled"
			}
		}
	}
	reply(m.ID, map[string]any{"stopReason": stop})
}

// do does one line; it reports false where it was cancelled.
func do(line string) bool {
	verb, rest, _ := strings.Cut(line, " ")
	switch verb {
	case "say":
		say(rest)
	case "flood":
		n, _ := strconv.Atoi(rest)
		for i := range n {
			say(fmt.Sprintf("word %d ", i))
		}
	case "write":
		path, text, _ := strings.Cut(rest, " ")
		update(map[string]any{"sessionUpdate": "tool_call", "toolCallId": "t-" + path, "title": "write " + path, "kind": "edit", "status": "in_progress"})
		status := "completed"
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			status = "failed"
		}
		update(map[string]any{"sessionUpdate": "tool_call_update", "toolCallId": "t-" + path, "status": status})
	case "get":
		r, err := http.Get(os.Getenv("MODEL_URL"))
		if err != nil {
			say("no model: " + err.Error())
			return true
		}
		defer r.Body.Close()
		b, err := io.ReadAll(r.Body)
		say(fmt.Sprintf("%s %v", b, err))
	case "sleep":
		ms, _ := strconv.Atoi(rest)
		time.Sleep(time.Duration(ms) * time.Millisecond)
	case "hang":
		<-cancelled
		return false
	case "die":
		os.Exit(3)
	}
	return true
}

// other is what a benchmark measures: a server on a port, or the same bytes on the standard streams.
func other(verb, arg string) {
	n, _ := strconv.ParseInt(arg, 10, 64)
	switch verb {
	case "serve": // GET /N answers N bytes, POST takes what comes
		err := http.ListenAndServe("127.0.0.1:"+arg, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			took, _ := io.Copy(io.Discard, r.Body)
			n, _ := strconv.ParseInt(r.URL.Path[1:], 10, 64)
			if r.Method == http.MethodPost {
				fmt.Fprint(w, took)
				return
			}
			_, _ = io.Copy(w, io.LimitReader(zeros{}, n))
		}))
		fmt.Fprintln(os.Stderr, err)
	case "send":
		_, _ = io.Copy(os.Stdout, io.LimitReader(zeros{}, n))
	case "take":
		_, _ = io.CopyN(io.Discard, os.Stdin, n)
		fmt.Println("taken")
	case "echo":
		_, _ = io.Copy(os.Stdout, os.Stdin)
	}
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { return len(p), nil }
