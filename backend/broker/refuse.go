package broker

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"

	"background-agents/backend/session"
)

// refuse answers with an error of the broker's own, in the words of the protocol.
func refuse(w *served, p Protocol, status int, told *session.Error) {
	w.problem = told
	message := strings.TrimSpace(told.Message + " " + told.Hint)
	kind := map[int]string{
		http.StatusBadRequest: "invalid_request_error", http.StatusUnauthorized: "authentication_error",
		http.StatusForbidden: "permission_error", http.StatusNotFound: "not_found_error",
		http.StatusRequestEntityTooLarge: "request_too_large", http.StatusPaymentRequired: "billing_error",
	}[status]
	if kind == "" {
		kind = "api_error"
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(failureOf(p, kind, message)) // the agent may have hung up
}

// failureOf is an error in the words of the protocol.
func failureOf(p Protocol, kind, message string) any {
	if p == Anthropic {
		return map[string]any{"type": "error", "error": map[string]any{"type": kind, "message": message}}
	}
	return map[string]any{"error": map[string]any{"message": message, "type": kind, "param": nil, "code": nil}}
}

// breakOff says in a stream of events that it ends early, and why.
func breakOff(w *served, message string) {
	if !strings.HasPrefix(w.Header().Get("Content-Type"), "text/event-stream") {
		return
	}
	said, err := json.Marshal(failureOf(w.priced.Protocol, "api_error", message))
	if err == nil {
		_, _ = fmt.Fprintf(w, "\n\nevent: error\ndata: %s\n\n", said) // the agent may have hung up
	}
}

// refusal is an error of the broker's own about a request to a model.
func refusal(message, hint string) *session.Error {
	return &session.Error{Code: session.CodeModel, Message: message, Hint: hint}
}

// protocolOf guesses the protocol from a path, for answers to agents whose provider is unknown.
func protocolOf(path string) Protocol {
	if strings.HasPrefix(path, "/v1/messages") {
		return Anthropic
	}
	return OpenAI
}
