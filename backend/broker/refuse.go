package broker

import (
	"encoding/json"
	"net/http"
	"strings"
)

// refuse answers with an error of the broker's own, in the words of the protocol.
func refuse(w http.ResponseWriter, p Protocol, status int, message string) {
	kind := map[int]string{
		http.StatusBadRequest: "invalid_request_error", http.StatusUnauthorized: "authentication_error",
		http.StatusForbidden: "permission_error", http.StatusNotFound: "not_found_error",
		http.StatusRequestEntityTooLarge: "request_too_large", http.StatusPaymentRequired: "billing_error",
	}[status]
	if kind == "" {
		kind = "api_error"
	}
	var v any = map[string]any{"error": map[string]any{"message": message, "type": kind, "param": nil, "code": nil}}
	if p == Anthropic {
		v = map[string]any{"type": "error", "error": map[string]any{"type": kind, "message": message}}
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v) // the agent may have hung up
}

// protocolOf guesses the protocol from a path, for answers to agents whose provider is unknown.
func protocolOf(path string) Protocol {
	if strings.HasPrefix(path, "/v1/messages") {
		return Anthropic
	}
	return OpenAI
}
