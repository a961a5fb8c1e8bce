package session_test

import (
	"testing"

	"background-agents/backend/session"
)

func TestWhatIsNoServerOfToolsIsRefused(t *testing.T) {
	story(t, nil, func(w *world) {
		p, err := w.AddProject(ctx, "/code/shop")
		w.must(err)
		good := session.MCPServer{Name: "shop", Command: []string{"shop-server"}, Env: []string{"A=1"}}
		for name, list := range map[string][]session.MCPServer{
			"a name twice":            {good, good},
			"a name with a space":     {{Name: "a b", Command: []string{"x"}}},
			"neither of both":         {{Name: "a"}},
			"both":                    {{Name: "a", Command: []string{"x"}, URL: "https://example.com"}},
			"an address of a file":    {{Name: "a", URL: "file:///etc/passwd"}},
			"a password in it":        {{Name: "a", URL: "https://me:secret@example.com"}},
			"a header of two lines":   {{Name: "a", URL: "https://example.com", Headers: []string{"A: b\r\nC: d"}}},
			"a variable without name": {{Name: "a", Command: []string{"x"}, Env: []string{"=1"}}},
		} {
			p.MCP = list
			if err := w.SaveProject(ctx, p); session.CodeOf(err) != session.CodeInvalid || session.AsError(err).Hint == "" {
				t.Errorf("%s: %v", name, err)
			}
		}
		p.MCP = []session.MCPServer{good, {Name: "far", URL: "https://tools.example.com/mcp", Headers: []string{"Authorization: Bearer x"}}}
		w.must(w.SaveProject(ctx, p))
	})
}
