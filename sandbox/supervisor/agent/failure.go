package agent

import (
	"encoding/json"
	"errors"
	"regexp"
	"strings"
	"time"

	"github.com/coder/acp-go-sdk"

	"background-agents/sandbox/wire"
)

// codeAuthRequired is the protocol's code for "sign in first".
const codeAuthRequired = -32000

// What a message of the agent says about whose failure it is; seen from OpenCode, Claude's and Codex's adapters.
var (
	signIn   = regexp.MustCompile(`(?i)\b(401|403)\b|unauthori[sz]ed|forbidden|authenticat|api key|not logged in|log ?in|credential`)
	tooMany  = regexp.MustCompile(`(?i)\b429\b|rate.?limit|quota|too many requests|usage limit|credit|billing`)
	tooLarge = regexp.MustCompile(`(?i)context (length|window)|too many tokens|prompt is too long|maximum context`)
	outage   = regexp.MustCompile(`(?i)\b5\d\d\b|overloaded|unavailable|unable to connect|connection|network|socket|econn|fetch failed|timed? ?out|terminated`)
	model    = regexp.MustCompile(`(?i)\b4\d\d\b|model|provider|\bapi\b|apierror|stream`)
)

// failure turns an error of the connection into one that a user is told. what says what was tried, after "could not".
func (a *Agent) failure(what string, err error) error {
	if e := a.errorOf(what, err); e != nil {
		return e
	}
	return nil
}

func (a *Agent) errorOf(what string, err error) *wire.Error {
	if err == nil {
		return nil
	}
	var known *wire.Error
	if errors.As(err, &known) {
		return known
	}
	var r *acp.RequestError
	if a.gone() && (!errors.As(err, &r) || strings.Contains(messageOf(err), "peer disconnected") || strings.Contains(messageOf(err), "pipe")) {
		select {
		case <-a.proc.ended:
		case <-time.After(2 * time.Second): // its output is closed; it goes soon or stays a riddle
			return &wire.Error{Code: "agent_failed", Message: "The agent closed its connection.", Hint: "Send the prompt again: that restarts the agent."}
		}
		return &wire.Error{Code: "agent_failed", Message: "The agent ended unexpectedly (" + a.proc.end() + ").",
			Hint: "Send the prompt again: that restarts the agent, which knows the conversation."}
	}
	if errors.As(err, &r) {
		return explain(what, r)
	}
	return &wire.Error{Code: "agent_failed", Message: "The agent could not " + what + ": " + err.Error() + ".", Hint: "Try again."}
}

// explain tells a model's failure from the agent's.
func explain(what string, r *acp.RequestError) *wire.Error {
	said := messageOf(r)
	data, _ := json.Marshal(r.Data)
	all := said + " " + string(data)
	e := &wire.Error{Code: "model_failed", Message: "The model's provider answered with an error: " + said}
	switch {
	case r.Code >= -32602 && r.Code <= -32600, r.Code == -32700: // about our request, not about the model
		return agentFailed(what, said)
	case r.Code == codeAuthRequired:
		e.Message = "The agent is not signed in to its model's provider: " + said
		e.Hint = "Check the key or the login in the settings, then send the prompt again."
	case signIn.MatchString(said):
		e.Hint = "Check the key or the login in the settings, then send the prompt again."
	case tooLarge.MatchString(said):
		e.Hint = "The conversation is longer than the model takes: shorten it with the agent's /compact, or begin a new session."
	case tooMany.MatchString(said):
		e.Hint = "Wait until the provider's limit is over, or choose another model, then send the prompt again."
	case outage.MatchString(said):
		e.Hint = "The provider or the way to it is disturbed. Send the prompt again."
	case model.MatchString(all):
		e.Hint = "Send the prompt again, or choose another model."
	default:
		return agentFailed(what, said)
	}
	return e
}

func agentFailed(what, said string) *wire.Error {
	return &wire.Error{Code: "agent_failed", Message: "The agent could not " + what + ": " + said, Hint: "Try again. The session's log has the details."}
}

// messageOf returns what an error says, without the protocol's wrapping, in at most 500 bytes.
func messageOf(err error) string {
	var r *acp.RequestError
	if !errors.As(err, &r) {
		return clip(err.Error(), 500)
	}
	s := strings.TrimPrefix(r.Message, "Internal error: ")
	if data, ok := r.Data.(map[string]any); ok && (s == "Internal error" || s == "Invalid params" || s == "") {
		for _, key := range []string{"details", "error", "message"} {
			if d, ok := data[key].(string); ok && d != "" {
				s = d
				break
			}
		}
	}
	return clip(strings.TrimSpace(s), 500)
}
