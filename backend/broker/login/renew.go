package login

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"
)

// The public ids by which the programs are known where they sign in; they are no secrets.
const (
	claudeClient = "9d1c250a-e61b-44d9-88ed-5944d1962f5e"
	codexClient  = "app_EMoamEEZ73f0CkXaXp7hrann" // OpenCode signs in to ChatGPT under it too
)

// said is a provider's answer to a renewal (RFC 6749, section 5.1).
type said struct {
	Access  string `json:"access_token"`
	Refresh string `json:"refresh_token"`
	ID      string `json:"id_token"`
	Expires int64  `json:"expires_in"` // seconds
}

func (l *Logins) renewClaude(ctx context.Context, t tokens) (tokens, error) {
	return l.ask(ctx, l.AnthropicURL, claudeClient, t)
}

func (l *Logins) renewOpenAI(ctx context.Context, t tokens) (tokens, error) {
	next, err := l.ask(ctx, l.OpenAIURL, codexClient, t)
	if err != nil {
		return next, err
	}
	if account := claimsOf(next.id).account(); account != "" && t.account == "" {
		next.account = account
	}
	if expires := claimsOf(next.access).expires(); !expires.IsZero() {
		next.expires = expires
	}
	return next, nil
}

// ask renews tokens. What the answer leaves out stays as it was.
func (l *Logins) ask(ctx context.Context, address, client string, t tokens) (tokens, error) {
	body, err := json.Marshal(map[string]string{"grant_type": "refresh_token", "refresh_token": t.refresh, "client_id": client})
	if err != nil {
		return tokens{}, err
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, address, bytes.NewReader(body))
	if err != nil {
		return tokens{}, errors.New("the address for renewals is none")
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Accept", "application/json")
	r.Header.Set("User-Agent", "background-agents")
	answer, err := l.client.Do(r)
	if err != nil {
		return tokens{}, fmt.Errorf("renew: %w", err)
	}
	defer answer.Body.Close()
	raw, err := io.ReadAll(io.LimitReader(answer.Body, maxFile))
	if err != nil {
		return tokens{}, fmt.Errorf("renew: %w", err)
	}
	switch answer.StatusCode {
	case http.StatusOK:
	case http.StatusBadRequest, http.StatusUnauthorized, http.StatusForbidden:
		return tokens{}, fmt.Errorf("%w: status %d", errRefused, answer.StatusCode) // what it says may repeat the token
	default:
		return tokens{}, fmt.Errorf("renew: status %d", answer.StatusCode)
	}
	var s said
	if json.Unmarshal(raw, &s) != nil || s.Access == "" {
		return tokens{}, errors.New("renew: the answer holds no token")
	}
	next := t
	next.access = s.Access
	if s.Refresh != "" {
		next.refresh = s.Refresh
	}
	if s.ID != "" {
		next.id = s.ID
	}
	lasts := time.Duration(s.Expires) * time.Second
	if lasts <= 0 {
		lasts = time.Hour
	}
	next.expires = l.Now().Add(lasts)
	return next, nil
}
