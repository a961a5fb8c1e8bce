package control

import (
	"context"
	"encoding/json"
	"net"
	"net/http"
	"strings"
	"testing"

	"background-agents/backend/session"
)

func TestWebPagesAndMalformedCallsAreRefused(t *testing.T) {
	_, dir := running(t, &recorder{})
	raw := &http.Client{Transport: &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return dial(ctx, dir)
	}}}
	cases := []struct {
		name, url, origin, body string
		status                  int
	}{
		{"page with an origin", "http://background-agents/v1/Rename", "http://evil.example", `["a","b"]`, http.StatusForbidden},
		{"another host", "http://localhost/v1/Rename", "", `["a","b"]`, http.StatusForbidden},
		{"too few arguments", "http://background-agents/v1/Rename", "", `["a"]`, http.StatusBadRequest},
		{"wrong kind", "http://background-agents/v1/Rename", "", `["a",{"b":1}]`, http.StatusBadRequest},
		{"no JSON", "http://background-agents/v1/Rename", "", `hello`, http.StatusBadRequest},
		{"too long", "http://background-agents/v1/Rename", "", `["a","` + strings.Repeat("b", maxArguments) + `"]`, http.StatusBadRequest},
		{"no upgrade", "http://background-agents/v1/Exec", "", ``, http.StatusBadRequest},
		{"no operation", "http://background-agents/v1/Format", "", `[]`, http.StatusNotFound},
	}
	for _, c := range cases {
		req, _ := http.NewRequest(http.MethodPost, c.url, strings.NewReader(c.body))
		if c.origin != "" {
			req.Header.Set("Origin", c.origin)
		}
		resp, err := raw.Do(req)
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		if resp.StatusCode != c.status {
			t.Errorf("%s: %s, want %d", c.name, resp.Status, c.status)
		}
		if c.status == http.StatusBadRequest {
			var e session.Error
			if err := json.NewDecoder(resp.Body).Decode(&e); err != nil || e.Hint == "" {
				t.Errorf("%s: no error with a hint (%v)", c.name, err)
			}
		}
		_ = resp.Body.Close()
	}
}
