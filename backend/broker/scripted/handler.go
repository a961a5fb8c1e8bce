package scripted

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"
)

// Model is the id of the demo model.
const Model = "scripted"

// maxBody bounds a request.
const maxBody = 64 << 20

// Handler returns the demo model. It serves /v1/chat/completions, /v1/responses, /v1/messages, /v1/messages/count_tokens
// and /v1/models.
func Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /v1/chat/completions", answer(chat))
	mux.HandleFunc("POST /v1/responses", answer(responses))
	mux.HandleFunc("POST /v1/messages", answer(messages))
	mux.HandleFunc("POST /v1/messages/count_tokens", count)
	mux.HandleFunc("GET /v1/models", models)
	return mux
}

// protocol is one of the ways in which agents talk to models.
type protocol struct {
	read    func(body []byte) (*conversation, error)
	stream  func(w *wire, c *conversation) reply
	collect func(c *conversation, said *collected) any // the answer as one document
	failure func(status int, message string) any       // an error as one document
}

func answer(p protocol) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
		if err != nil {
			status := http.StatusBadRequest
			if large := (*http.MaxBytesError)(nil); errors.As(err, &large) {
				status = http.StatusRequestEntityTooLarge
			}
			document(w, status, p.failure(status, "The request cannot be read: "+err.Error()))
			return
		}
		c, err := p.read(body)
		if err != nil {
			document(w, http.StatusBadRequest, p.failure(http.StatusBadRequest, "The request is not understood: "+err.Error()))
			return
		}
		sum := sha256.Sum256(body)
		c.ID, c.Tokens = hex.EncodeToString(sum[:8]), len(body)/4
		pace, steps := c.answer()
		var to reply
		if c.Stream {
			to = p.stream(&wire{w: w}, c)
		} else {
			to = &collected{c: c, w: w, protocol: p}
		}
		play := player{ctx: r.Context(), reply: to, pace: pace, usage: usage{In: c.Tokens}}
		if play.play(steps) == dropped {
			panic(http.ErrAbortHandler) // cuts the connection, as the net would
		}
	}
}

// answer returns what the model says next in a conversation.
func (c *conversation) answer() (pace step, steps []step) {
	if c.wantsTitle() {
		return step{}, []step{{Do: "text", Text: c.title()}}
	}
	script := parse(c.Prompt)
	if len(script) == 0 {
		script = c.job()
	}
	script = slices.DeleteFunc(script, func(s step) bool { return !s.Until.IsZero() && time.Now().After(s.Until) })
	return turn(c.resolve(script), len(c.Result))
}

// codexTitle begins the prompt by which Codex asks for a name for the conversation, with all its tools on offer.
const codexTitle = "Your task is to generate a very short title"

func (c *conversation) wantsTitle() bool {
	return len(c.Tools) == 0 && strings.Contains(strings.ToLower(c.System), "title") || strings.HasPrefix(c.Prompt, codexTitle)
}

// title answers an agent that wants a name for the conversation, some of them as JSON.
func (c *conversation) title() string {
	about := strings.TrimPrefix(strings.TrimSpace(c.Prompt), "<session>") // around Claude Code's
	if strings.HasPrefix(c.Prompt, codexTitle) {
		_, about, _ = strings.Cut(c.Prompt, "first message:")
	}
	if !strings.Contains(c.System+c.Prompt, "JSON") {
		return topic(about)
	}
	b, _ := json.Marshal(map[string]any{"title": topic(about), "isNewTopic": true})
	return string(b)
}

func count(w http.ResponseWriter, r *http.Request) {
	n, err := io.Copy(io.Discard, http.MaxBytesReader(w, r.Body, maxBody))
	if err != nil {
		document(w, http.StatusBadRequest, messages.failure(http.StatusBadRequest, "The request cannot be read: "+err.Error()))
		return
	}
	document(w, http.StatusOK, map[string]any{"input_tokens": n/4 + 1})
}

// models lists the one model, with the fields of both families of clients.
func models(w http.ResponseWriter, _ *http.Request) {
	document(w, http.StatusOK, map[string]any{
		"object": "list", "has_more": false, "first_id": Model, "last_id": Model,
		"data": []any{map[string]any{
			"id": Model, "object": "model", "owned_by": "background-agents", "created": 1735689600,
			"type": "model", "display_name": "Scripted", "created_at": "2025-01-01T00:00:00Z",
		}},
	})
}

func document(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v) // the agent may have hung up
}
