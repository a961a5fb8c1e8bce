package main

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"time"

	"background-agents/sandbox/supervisor/mcp"
	"background-agents/sandbox/wire"
)

// answerLimit is how long the tool waits for the user: agents give a call half a minute. The request stays with the user after that.
const answerLimit = 25 * time.Second

// Bounds of a pull request's text, in bytes.
const (
	maxTitle = 250
	maxBody  = 60 << 10
	maxBase  = 200
)

// tools are what the supervisor does for the agent.
func (s *session) tools() []mcp.Tool {
	return []mcp.Tool{{
		Name: "create_pull_request",
		Description: "Asks the user to push this branch and open a pull request for it. Commit your changes first: only commits are pushed, and you cannot push yourself. " +
			"The user sees title and text, may change them, and decides.",
		Schema: json.RawMessage(`{"type":"object","required":["title","body"],"additionalProperties":false,"properties":{` +
			`"title":{"type":"string","description":"One line, what the change does."},` +
			`"body":{"type":"string","description":"Markdown: what changed, why, and how it was tested."},` +
			`"base":{"type":"string","description":"Branch to merge into. Left out: the branch that this one began from."},` +
			`"draft":{"type":"boolean","description":"As a draft. Left out: true."}}}`),
		Call: s.propose,
	}}
}

// ownServer is the server of tools that every agent gets beside the user's: this program again.
func (s *session) ownServer() []wire.MCPServer {
	self, err := os.Executable()
	if err != nil {
		fmt.Fprintln(s.log, "serve tools:", err)
		return nil
	}
	return []wire.MCPServer{{Name: "background-agents", Command: []string{self, "mcp", "-state", s.paths.state}}}
}

// propose puts a request for a pull request into the journal and waits for the user's answer.
func (s *session) propose(ctx context.Context, args json.RawMessage) (text string, failed bool) {
	in := struct {
		Title string `json:"title"`
		Body  string `json:"body"`
		Base  string `json:"base"`
		Draft *bool  `json:"draft"`
	}{}
	if err := json.Unmarshal(args, &in); err != nil {
		return "The arguments cannot be read: " + err.Error(), true
	}
	in.Title = strings.TrimSpace(in.Title)
	if in.Title == "" || strings.ContainsAny(in.Title, "\r\n") || len(in.Title) > maxTitle || len(in.Body) > maxBody || len(in.Base) > maxBase {
		return fmt.Sprintf("The title must be one line of at most %d bytes, the body at most %d.", maxTitle, maxBody), true
	}
	id := "pr-" + rand.Text()[:10]
	answer := make(chan wire.Settle, 1)
	s.mu.Lock()
	busy := len(s.proposals) > 0
	if !busy {
		s.proposals[id] = answer
	}
	s.mu.Unlock()
	if busy {
		return "Another request waits for the user already.", true
	}
	defer func() {
		s.mu.Lock()
		delete(s.proposals, id)
		s.mu.Unlock()
	}()
	err := s.Append(wire.Entry{Proposal: &wire.Proposal{Item: id, ID: id, Title: in.Title, Body: in.Body, Base: in.Base, Draft: in.Draft == nil || *in.Draft}})
	if err != nil {
		return "The request could not be kept: " + err.Error(), true
	}
	late := time.NewTimer(s.patience)
	defer late.Stop()
	select {
	case a := <-answer:
		if a.Answer == "opened" {
			return "opened " + a.URL, false
		}
		return "declined by the user", false
	case <-late.C:
	case <-ctx.Done():
	}
	return "waiting: the user sees the request and has not answered yet. Do not ask again; finish your turn.", false
}

// settle hands the user's answer to the call that waits for it.
func (s *session) settle(p wire.Settle) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	answer := s.proposals[p.Proposal]
	if answer == nil {
		return &wire.Error{Code: "conflict", Message: "The agent does not wait for that any more."}
	}
	delete(s.proposals, p.Proposal)
	answer <- p
	return nil
}
