package agent

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/coder/acp-go-sdk"
)

// openCode is what OpenCode's ACP side lacks, taken from the server that `opencode acp` runs inside itself, on the sandbox's loopback.
//
// Seen with 1.18.33: a subagent (tool `task`) works in a conversation of its own, of which ACP says nothing until it is over,
// and a permission that is asked for in it reaches nobody: the turn then hangs for ever. But once that conversation is
// "resumed" over ACP, its updates and requests come like the others. And while a provider makes it wait (429), ACP is silent.
type openCode struct {
	base     string
	password string
	client   *http.Client

	mu      sync.Mutex
	known   map[string]bool // conversations of subagents that were adopted, and permissions that were taken up
	waiting string          // the last notice about waiting
}

const (
	childPoll  = 40 * time.Millisecond   // how often a subagent's conversation is looked for
	childLimit = 10 * time.Second        // and for how long
	watchPoll  = 1500 * time.Millisecond // how often a silent turn is looked at
	maxAnswer  = 4 << 20                 // of the server
)

// detectOpenCode adds to c what makes the server reachable for us alone, where the agent is OpenCode.
func detectOpenCode(c *Config) *openCode {
	cmd := c.Start.Command
	if len(cmd) < 2 || filepath.Base(cmd[0]) != "opencode" || !slices.Contains(cmd, "acp") {
		return nil
	}
	l, err := net.Listen("tcp", "127.0.0.1:0") // a free port; ours alone to give in the sandbox
	if err != nil {
		return nil
	}
	port := l.Addr().(*net.TCPAddr).Port
	l.Close()
	o := &openCode{base: fmt.Sprintf("http://127.0.0.1:%d", port), password: rand.Text(), client: &http.Client{Timeout: 5 * time.Second, Transport: &http.Transport{Proxy: nil}}, known: map[string]bool{}}
	c.Start.Command = append(slices.Clone(cmd), "--port", fmt.Sprint(port), "--hostname", "127.0.0.1")
	c.Start.Env = append(slices.Clone(c.Start.Env), "OPENCODE_SERVER_PASSWORD="+o.password, "OPENCODE_SERVER_USERNAME=opencode")
	return o
}

// call asks the server; in and out may be nil.
func (o *openCode) call(method, path, dir string, in, out any) error {
	var body io.Reader
	if in != nil {
		b, err := json.Marshal(in)
		if err != nil {
			return err
		}
		body = bytes.NewReader(b)
	}
	req, err := http.NewRequestWithContext(context.Background(), method, o.base+path+"?directory="+url.QueryEscape(dir), body)
	if err != nil {
		return err
	}
	req.SetBasicAuth("opencode", o.password)
	req.Header.Set("Content-Type", "application/json")
	resp, err := o.client.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode/100 != 2 {
		return fmt.Errorf("%s %s: %s", method, path, resp.Status)
	}
	if out == nil {
		return nil
	}
	return json.NewDecoder(io.LimitReader(resp.Body, maxAnswer)).Decode(out)
}

// child is a subagent's conversation.
type child struct {
	ID    string `json:"id"`
	Title string `json:"title"`
}

// adopt finds the conversation of a subagent that has just started, and makes its updates part of the tool call.
func (o *openCode) adopt(a *Agent, item, title string) {
	for begun := time.Now(); time.Since(begun) < childLimit && !a.gone(); time.Sleep(childPoll) {
		var list []child
		if o.call("GET", "/session/"+a.session+"/children", a.conf.Dir, nil, &list) != nil {
			continue
		}
		c, ok := o.claim(list, title)
		if !ok {
			continue
		}
		a.said.adopt(c.ID, item)
		if _, err := request[opened](a, acp.AgentMethodSessionResume, acp.ResumeSessionRequest{SessionId: acp.SessionId(c.ID), Cwd: a.conf.Dir, McpServers: []acp.McpServer{}}); err != nil {
			a.logf("a subagent's conversation cannot be followed: %s", messageOf(err))
		}
		o.missed(a, c.ID)
		return
	}
}

// claim takes the conversation that a tool call is about: by its title, which begins with the call's, where several started at once.
func (o *openCode) claim(list []child, title string) (child, bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, byTitle := range []bool{true, false} {
		fresh := list[:0:0]
		for _, c := range list {
			if !o.known[c.ID] && (!byTitle || strings.HasPrefix(c.Title, title)) {
				fresh = append(fresh, c)
			}
		}
		if len(fresh) > 0 && (byTitle || len(fresh) == 1) {
			o.known[fresh[0].ID] = true
			return fresh[0], true
		}
	}
	return child{}, false
}

// pending is a permission that waits inside the server.
type pending struct {
	ID         string          `json:"id"`
	SessionID  string          `json:"sessionID"`
	Permission string          `json:"permission"`
	Metadata   json.RawMessage `json:"metadata"`
	Tool       struct {
		CallID string `json:"callID"`
	} `json:"tool"`
}

// missed answers what a subagent asked for before its conversation was adopted: nobody was told of that.
func (o *openCode) missed(a *Agent, session string) {
	var list []pending
	if o.call("GET", "/permission", a.conf.Dir, nil, &list) != nil {
		return
	}
	for _, p := range list {
		if p.SessionID != session {
			continue
		}
		go func() {
			var q permissionRequest
			kind := map[string]string{"edit": "edit", "bash": "execute", "webfetch": "fetch"}[p.Permission]
			q.SessionID, q.ToolCall.ToolCallID, q.ToolCall.Title, q.ToolCall.ToolKind, q.ToolCall.RawInput = session, p.Tool.CallID, &p.Permission, &kind, p.Metadata
			_ = json.Unmarshal([]byte(`[{"optionId":"once","name":"Allow once","kind":"allow_once"},{"optionId":"always","name":"Always allow","kind":"allow_always"},{"optionId":"reject","name":"Reject","kind":"reject_once"}]`), &q.Options)
			reply := a.asks.ask(q)
			if reply == "" {
				reply = "reject"
			}
			if err := o.call("POST", "/permission/"+p.ID+"/reply", a.conf.Dir, map[string]string{"reply": reply}, nil); err != nil {
				a.logf("a subagent's permission was not taken: %v", err)
			}
		}()
	}
}

// watch tells the user why a turn is silent, while the provider makes OpenCode wait.
func (o *openCode) watch(a *Agent, ended <-chan struct{}) {
	tick := time.NewTicker(watchPoll)
	defer tick.Stop()
	for {
		select {
		case <-ended:
			return
		case <-a.proc.ended:
			return
		case <-tick.C:
		}
		if a.said.silentFor() < watchPoll {
			continue
		}
		var all map[string]struct {
			Type    string  `json:"type"`
			Attempt int     `json:"attempt"`
			Message string  `json:"message"`
			Next    float64 `json:"next"`
		}
		if o.call("GET", "/session/status", a.conf.Dir, nil, &all) != nil {
			continue
		}
		s := all[a.session]
		key := fmt.Sprint(s.Attempt, s.Message)
		o.mu.Lock()
		news := s.Type == "retry" && key != o.waiting
		if news {
			o.waiting = key
		}
		o.mu.Unlock()
		if !news {
			continue
		}
		wait := time.Until(time.UnixMilli(int64(s.Next))).Round(time.Second)
		a.said.notice(fmt.Sprintf("The model's provider answered “%s”. The agent tries again in %s (attempt %d).", clip(s.Message, 300), max(wait, 0), s.Attempt+1))
	}
}
