package login

import (
	"encoding/base64"
	"encoding/json"
	"strings"
	"time"
)

// tokens are what a login's file holds. They never leave this package but for access, to the broker.
type tokens struct {
	access, refresh, id, account string
	expires                      time.Time // zero where that is not known
}

// good reports whether the access token can be used, with so much time to spare.
func (t tokens) good(now time.Time, spare time.Duration) bool {
	return t.access != "" && (t.expires.IsZero() || now.Add(spare).Before(t.expires))
}

// form is how a program writes its tokens.
type form interface {
	// read returns the tokens of a file, none where it holds no login.
	read(file []byte) (tokens, error)
	// write returns the file with other tokens in it.
	write(file []byte, t tokens, now time.Time) ([]byte, error)
}

// claudeForm is ~/.claude/.credentials.json.
type claudeForm struct{}

func (claudeForm) read(file []byte) (tokens, error) {
	var v struct {
		Login struct {
			Access  string `json:"accessToken"`
			Refresh string `json:"refreshToken"`
			Expires int64  `json:"expiresAt"` // milliseconds
		} `json:"claudeAiOauth"`
	}
	err := json.Unmarshal(file, &v)
	return tokens{access: v.Login.Access, refresh: v.Login.Refresh, expires: millis(v.Login.Expires)}, err
}

func (claudeForm) write(file []byte, t tokens, _ time.Time) ([]byte, error) {
	return with(file, "claudeAiOauth", map[string]any{"accessToken": t.access, "refreshToken": t.refresh, "expiresAt": t.expires.UnixMilli()}, nil)
}

// codexForm is ~/.codex/auth.json.
type codexForm struct{}

// codexLasts is after how long Codex renews a token that does not say when it ends.
const codexLasts = 8 * 24 * time.Hour

func (codexForm) read(file []byte) (tokens, error) {
	var v struct {
		Tokens struct {
			ID      string `json:"id_token"`
			Access  string `json:"access_token"`
			Refresh string `json:"refresh_token"`
			Account string `json:"account_id"`
		} `json:"tokens"`
		Last time.Time `json:"last_refresh"`
	}
	if err := json.Unmarshal(file, &v); err != nil {
		return tokens{}, err
	}
	t := tokens{access: v.Tokens.Access, refresh: v.Tokens.Refresh, id: v.Tokens.ID, account: v.Tokens.Account}
	if t.account == "" {
		t.account = claimsOf(t.id).account()
	}
	if t.expires = claimsOf(t.access).expires(); t.expires.IsZero() && !v.Last.IsZero() {
		t.expires = v.Last.Add(codexLasts)
	}
	return t, nil
}

func (codexForm) write(file []byte, t tokens, now time.Time) ([]byte, error) {
	values := map[string]any{"access_token": t.access, "refresh_token": t.refresh}
	if t.id != "" {
		values["id_token"] = t.id
	}
	return with(file, "tokens", values, map[string]any{"last_refresh": now.UTC().Format(time.RFC3339Nano)})
}

// openCodeForm is one provider's entry of OpenCode's auth.json.
type openCodeForm struct{ provider string }

// entry is one of OpenCode's: with a key, or with a login's tokens.
type entry struct {
	Type    string `json:"type"` // api, oauth, wellknown
	Key     string `json:"key"`
	Access  string `json:"access"`
	Refresh string `json:"refresh"`
	Expires int64  `json:"expires"` // milliseconds
	Account string `json:"accountId"`
}

func (f openCodeForm) read(file []byte) (tokens, error) {
	all, err := entries(file)
	e := all[f.provider]
	if err != nil || e.Type != "oauth" {
		return tokens{}, err
	}
	t := tokens{access: e.Access, refresh: e.Refresh, account: e.Account, expires: millis(e.Expires)}
	if t.account == "" {
		t.account = claimsOf(t.access).account()
	}
	return t, nil
}

func (f openCodeForm) write(file []byte, t tokens, _ time.Time) ([]byte, error) {
	return with(file, f.provider, map[string]any{"access": t.access, "refresh": t.refresh, "expires": t.expires.UnixMilli()}, nil)
}

// entries returns what OpenCode's file holds. An entry of a form that is not known is passed over.
func entries(file []byte) (map[string]entry, error) {
	var raw map[string]json.RawMessage
	if err := json.Unmarshal(file, &raw); err != nil {
		return nil, err
	}
	all := map[string]entry{}
	for id, text := range raw {
		var e entry
		if json.Unmarshal(text, &e) == nil {
			all[id] = e
		}
	}
	return all, nil
}

// with returns a JSON object in which the object at name has other values, and the outer one too. All else stays.
func with(file []byte, name string, values, outer map[string]any) ([]byte, error) {
	var all, inner map[string]json.RawMessage
	if err := json.Unmarshal(file, &all); err != nil {
		return nil, err
	}
	if err := json.Unmarshal(all[name], &inner); err != nil {
		return nil, err
	}
	var err error
	put := func(to map[string]json.RawMessage, values map[string]any) {
		for k, v := range values {
			if to[k], err = json.Marshal(v); err != nil {
				return
			}
		}
	}
	if put(inner, values); err != nil {
		return nil, err
	}
	if all[name], err = json.Marshal(inner); err != nil {
		return nil, err
	}
	if put(all, outer); err != nil {
		return nil, err
	}
	return json.MarshalIndent(all, "", "  ")
}

func millis(n int64) time.Time {
	if n <= 0 {
		return time.Time{}
	}
	return time.UnixMilli(n)
}

// claims are what OpenAI writes into its tokens, of which nothing is believed but when they end and whose they are.
type claims struct {
	Expires int64  `json:"exp"`
	Account string `json:"chatgpt_account_id"`
	Auth    struct {
		Account string `json:"chatgpt_account_id"`
	} `json:"https://api.openai.com/auth"`
}

func claimsOf(token string) (c claims) {
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return claims{}
	}
	raw, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil || json.Unmarshal(raw, &c) != nil {
		return claims{}
	}
	return c
}

func (c claims) account() string {
	if c.Account != "" {
		return c.Account
	}
	return c.Auth.Account
}

func (c claims) expires() time.Time {
	if c.Expires <= 0 {
		return time.Time{}
	}
	return time.Unix(c.Expires, 0)
}
