package agent

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"time"
)

// turns are what the fake does, by the first line of the prompt; one that answered by itself returns true.
var turns = map[string]func(f *fake, m msg, rest string) bool{
	"lines": func(f *fake, _ msg, rest string) bool { // the prompt's further lines, as they are
		for _, l := range strings.Split(rest, "\n") {
			if ms := 0; strings.HasPrefix(l, "sleep ") {
				fmt.Sscanf(l, "sleep %d", &ms)
				time.Sleep(time.Duration(ms) * time.Millisecond)
			} else if strings.HasPrefix(l, `{"sessionUpdate"`) {
				f.update(l)
			} else {
				f.raw(l)
			}
		}
		return false
	},
	"blocks": func(f *fake, m msg, _ string) bool { f.note(string(m.Params)); return false },
	"ask": func(f *fake, _ msg, rest string) bool {
		f.update(`{"sessionUpdate":"tool_call","toolCallId":"t1","title":"tool","kind":"edit","status":"pending","locations":[{"path":"` + mustWd() + `/a.txt"}]}`)
		f.say("got " + f.ask(rest))
		return false
	},
	"chunks": func(f *fake, _ msg, rest string) bool {
		n := 0
		fmt.Sscan(rest, &n)
		f.mu.Lock()
		for i := range n {
			fmt.Fprintf(f.out, `{"jsonrpc":"2.0","method":"session/update","params":{"sessionId":"s1","update":{"sessionUpdate":"agent_message_chunk","messageId":"m","content":{"type":"text","text":"%d "}}}}`+"\n", i)
		}
		f.out.Flush()
		f.mu.Unlock()
		return false
	},
	"growing output": func(f *fake, _ msg, rest string) bool { // full replacement each time
		n, all := 0, ""
		fmt.Sscan(rest, &n)
		f.update(`{"sessionUpdate":"tool_call","toolCallId":"t","title":"bash","kind":"execute","status":"in_progress"}`)
		for i := range n {
			all += fmt.Sprintf("line %d\n", i)
			if i%100 == 99 {
				b, _ := json.Marshal(all)
				f.update(`{"sessionUpdate":"tool_call_update","toolCallId":"t","content":[{"type":"content","content":{"type":"text","text":` + string(b) + `}}]}`)
			}
		}
		f.update(`{"sessionUpdate":"tool_call_update","toolCallId":"t","status":"completed"}`)
		return false
	},
	"terminal output": func(f *fake, _ msg, rest string) bool { // what is new each time
		mb := 0
		fmt.Sscan(rest, &mb)
		f.update(`{"sessionUpdate":"tool_call","toolCallId":"t","title":"bash","kind":"execute","status":"in_progress","content":[{"type":"terminal","terminalId":"t"}]}`)
		piece := strings.Repeat("0123456789abcde\\n", 1<<16)
		for range mb {
			f.update(`{"sessionUpdate":"tool_call_update","toolCallId":"t","_meta":{"terminal_output":{"terminal_id":"t","data":"` + piece + `"}}}`)
		}
		f.update(`{"sessionUpdate":"tool_call_update","toolCallId":"t","status":"completed"}`)
		return false
	},
	"one huge message": func(f *fake, _ msg, rest string) bool {
		mb := 0
		fmt.Sscan(rest, &mb)
		f.mu.Lock()
		f.out.WriteString(`{"jsonrpc":"2.0","method":"session/update","params":{"sessionId":"s1","update":{"sessionUpdate":"tool_call_update","toolCallId":"t","status":"completed","content":[{"type":"content","content":{"type":"text","text":"first `)
		piece := strings.Repeat(`\u00e9\n é`, 1<<17)
		for range mb {
			f.out.WriteString(piece)
		}
		f.out.WriteString(` last"}}],"title":"after it"}}}` + "\n")
		f.out.Flush()
		f.mu.Unlock()
		return false
	},
	"huge without strings": func(f *fake, m msg, _ string) bool {
		f.raw(`{"jsonrpc":"2.0","method":"session/update","params":{"sessionId":"s1","update":{"n":[` + strings.Repeat("1,", 10<<20) + `1]}}}`)
		f.raw(`{"jsonrpc":"2.0","id":` + string(m.ID) + `,"result":{"n":[` + strings.Repeat("1,", 10<<20) + `1]}}`)
		return true
	},
	"die": func(f *fake, _ msg, _ string) bool {
		f.update(`{"sessionUpdate":"tool_call","toolCallId":"t","title":"bash","status":"in_progress"}`)
		f.say("last words")
		fmt.Fprintln(os.Stderr, "panic: out of luck")
		os.Exit(3)
		return true
	},
	"hang": func(f *fake, m msg, _ string) bool {
		f.update(`{"sessionUpdate":"tool_call","toolCallId":"t","title":"sleep","status":"in_progress"}`)
		<-f.cancelled
		f.answer(m, `{"stopReason":"cancelled"}`)
		return true
	},
	"ask and hang": func(f *fake, m msg, _ string) bool {
		f.note("answered " + f.ask(`{"toolCallId":"x","title":"rm"}`))
		<-f.cancelled
		f.note("late " + f.ask(`{"toolCallId":"y","title":"rm again"}`))
		f.fail(m, -32603, "Internal error", `{"details":"aborted"}`)
		return true
	},
	"ignore cancel": func(f *fake, _ msg, rest string) bool {
		// One child in the group, one that left it.
		exec.Command("sleep", "1000.25").Start()
		c := exec.Command("sleep", "1000.75")
		c.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
		c.Stdout = os.Stdout // and holds the pipe
		c.Start()
		f.say("ready")
		select {}
	},
	"error": func(f *fake, m msg, rest string) bool {
		code, text, _ := strings.Cut(rest, " ")
		n := 0
		fmt.Sscan(code, &n)
		f.fail(m, n, text, `{"service":"session","errorName":"APIError"}`)
		return true
	},
	"stop": func(f *fake, m msg, rest string) bool { f.answer(m, `{"stopReason":"`+rest+`"}`); return true },
}

func mustWd() string {
	d, _ := os.Getwd()
	return d
}
