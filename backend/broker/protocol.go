package broker

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
)

// Protocol is how a provider is talked to.
type Protocol string

const (
	Anthropic Protocol = "anthropic"
	OpenAI    Protocol = "openai"
	// ChatGPT is OpenAI's protocol as the service behind ChatGPT's subscriptions has it: without /v1, and for Codex.
	ChatGPT Protocol = "chatgpt"
)

// paths are what agents may ask of a provider. Codex asks for a summary of a long conversation at responses/compact
// (https://platform.openai.com/docs/api-reference/responses/compact).
var paths = map[Protocol]map[string]string{
	Anthropic: {
		"/v1/messages":              http.MethodPost,
		"/v1/messages/count_tokens": http.MethodPost,
		"/v1/models":                http.MethodGet,
	},
	OpenAI: {
		"/v1/chat/completions":  http.MethodPost,
		"/v1/responses":         http.MethodPost,
		"/v1/responses/compact": http.MethodPost,
		"/v1/models":            http.MethodGet,
	},
	ChatGPT: {
		"/v1/responses":         http.MethodPost,
		"/v1/responses/compact": http.MethodPost,
		"/v1/models":            http.MethodGet,
	},
}

// bills reports whether a provider counts what is asked.
func bills(method, path string) bool {
	return method == http.MethodPost && path != "/v1/messages/count_tokens"
}

// asksModel reports whether a request is one for a model's answer, by whatever protocol.
func asksModel(method, path string) bool {
	for _, of := range paths {
		if of[path] == method && bills(method, path) {
			return true
		}
	}
	return false
}

// queries are what may stand behind a path: Claude Code's mark on its messages, and Codex's version where it asks for
// models.
var queries = map[Protocol]map[string]*regexp.Regexp{
	Anthropic: {
		"/v1/messages":              regexp.MustCompile(`^beta=true$`),
		"/v1/messages/count_tokens": regexp.MustCompile(`^beta=true$`),
	},
	OpenAI:  {"/v1/models": regexp.MustCompile(`^client_version=[0-9A-Za-z.-]{1,40}$`)},
	ChatGPT: {"/v1/models": regexp.MustCompile(`^client_version=[0-9A-Za-z.-]{1,40}$`)},
}

// target returns where a request goes, false where it may not.
func (e endpoint) target(method, path, query string) (*url.URL, bool) {
	if want, found := paths[e.Protocol][path]; !found || want != method {
		return nil, false
	}
	if form := queries[e.Protocol][path]; query != "" && (form == nil || !form.MatchString(query)) {
		return nil, false
	}
	to := *e.base
	if e.Protocol == ChatGPT {
		path = strings.TrimPrefix(path, "/v1")
	}
	to.Path += path
	to.RawQuery = query
	return &to, true
}

// subscription is what Anthropic wants said where a subscription's token is used in place of a key. Claude Code says so
// itself where it knows of the token; in a sandbox it does not.
const subscription = "oauth-2025-04-20"

// authorize puts the key where the provider looks for it.
func (e endpoint) authorize(h http.Header, key Key) {
	switch {
	case key.Secret.Empty():
		return
	case e.Protocol == Anthropic && !key.Bearer:
		h.Set("X-Api-Key", key.Secret.Reveal())
		return
	}
	h.Set("Authorization", "Bearer "+key.Secret.Reveal())
	if e.ID == "claude" {
		beta := h.Values("Anthropic-Beta")
		if !strings.Contains(strings.Join(beta, ","), subscription) {
			h.Set("Anthropic-Beta", strings.Join(append([]string{subscription}, beta...), ","))
		}
	}
	if key.Account != "" {
		h.Set("Chatgpt-Account-Id", key.Account)
	}
}

// sent are the headers of agents that go on to a provider; x-stainless-* are the SDKs' own statistics of retries.
var sent = map[string]bool{
	"Accept": true, "Content-Type": true, "User-Agent": true, "Anthropic-Version": true, "Anthropic-Beta": true,
	"Openai-Beta": true, "X-App": true, "Originator": true,
}

// codex are further ones that the service behind ChatGPT gets from Codex: which conversation, which version, how its
// body is packed.
var codex = map[string]bool{
	"Version": true, "Session_id": true, "Session-Id": true, "Conversation_id": true, "Thread-Id": true, "X-Client-Request-Id": true,
	"X-Openai-Subagent": true, "Content-Encoding": true,
}

// onward returns the headers that go on.
func (e endpoint) onward(h http.Header) http.Header {
	// What is packed could not be searched for the key, nor for what was used.
	out := http.Header{"User-Agent": {"background-agents"}, "Accept-Encoding": {"identity"}}
	for name, values := range h {
		if sent[name] || strings.HasPrefix(name, "X-Stainless-") ||
			e.Protocol == ChatGPT && (codex[name] || strings.HasPrefix(name, "X-Codex-")) {
			out[name] = values
		}
	}
	return out
}

// returned reports whether a header of an answer goes back to the agent. The length is not among them: what is hidden
// changes it.
func returned(name string) bool {
	switch {
	case name == "Content-Type", name == "Retry-After", name == "Retry-After-Ms", name == "Request-Id",
		name == "X-Request-Id", name == "Cache-Control", name == "X-Should-Retry", name == "X-Models-Etag", name == "X-Reasoning-Included",
		strings.HasPrefix(name, "Anthropic-Ratelimit-"), strings.HasPrefix(name, "X-Ratelimit-"), strings.HasPrefix(name, "Openai-"),
		strings.HasPrefix(name, "X-Codex-"):
		return true
	}
	return false
}
