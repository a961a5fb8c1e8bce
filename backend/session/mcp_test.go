package session_test

import (
	"fmt"
	"strings"
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
			"no name of a secret":     {{Name: "a", Command: []string{"x"}, Env: []string{"A=${a-b}"}}},
			"a reserved name":         {{Name: "a", URL: "https://example.com", Headers: []string{"A: ${HOME}"}}},
			"a secret in an argument": {{Name: "a", Command: []string{"npx", "-y", "server", "${DATABASE_URL}"}}},
			"as the program":          {{Name: "a", Command: []string{"${TOOL}"}}},
			"beside a script":         {{Name: "a", Command: []string{"sh", "-c", "run $1", "${TOKEN}"}}},
			"no name in an argument":  {{Name: "a", Command: []string{"x", "${a-b}"}}},
			"a host that is a secret": {{Name: "a", URL: "https://${HOST}/mcp"}},
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

func TestValuesOfServersAreSecretsThatAreNamed(t *testing.T) {
	story(t, hello, func(w *world) {
		p, err := w.AddProject(ctx, "/code/shop")
		w.must(err)
		w.set(session.SecretScope{}, "TOKEN", "of everyone "+canary)
		w.set(session.SecretScope{Project: p.ID}, "TOKEN", canary)
		_, err = w.SetSecret(ctx, session.SecretScope{Project: p.ID}, "CERT", session.DeliverFile, session.NewSecret("a line/of & it\n"))
		w.must(err)
		p.MCP = []session.MCPServer{
			{Name: "near", Command: []string{"sh", "-c", "run ${TOKEN}"}, Env: []string{"A=${TOKEN}", "B=x${TOKEN}-${CERT}", "C=$${TOKEN} $TOKEN", "D=1"}},
			{Name: "far", URL: "https://example.com/${CERT}/mcp?key=${CERT}&v=1", Headers: []string{"Authorization: Bearer ${TOKEN}", "X-Cert:${CERT}"}},
		}
		w.must(w.SaveProject(ctx, p))
		id := w.create("one")
		w.until(id, session.Idle)
		got := w.engine.Box(id).Started.MCP
		sameLines(t, got[0].Command, "sh", "-c", "run ${TOKEN}")
		sameLines(t, filled(got[0].Env, "="), "A="+canary, "B=x"+canary+"-a line/of & it\n", "C=${TOKEN} $TOKEN", "D=1")
		sameLines(t, filled(got[1].Headers, ":"), "Authorization: Bearer "+canary, "X-Cert:a line/of & it")
		if want := "https://example.com/a%20line%2Fof%20&%20it/mcp?key=a+line%2Fof+%26+it&v=1"; got[1].URL.Reveal() != want {
			t.Errorf("the address is %s, want %s", got[1].URL.Reveal(), want)
		}
		_, projects, _, err := w.store.Load(ctx)
		w.must(err)
		if stored := fmt.Sprint(projects); strings.Contains(stored, canary) || !strings.Contains(stored, "Bearer ${TOKEN}") {
			t.Errorf("the store has %s", stored)
		}
	})
}

func TestServerWhoseSecretIsNotThereIsSaid(t *testing.T) {
	story(t, hello, func(w *world) {
		p, err := w.AddProject(ctx, "/code/shop")
		w.must(err)
		p.MCP = []session.MCPServer{{Name: "far", URL: "https://example.com/mcp", Headers: []string{"Authorization: Bearer ${TOKEN}"}}}
		w.must(w.SaveProject(ctx, p))
		id := w.create("one")
		s := w.until(id, session.Failed)
		if s.Error.Code != session.CodeSecretMissing || !strings.Contains(s.Error.Message, "far needs the secret TOKEN") || !strings.Contains(s.Error.Hint, "bga secret set TOKEN") {
			t.Errorf("it says %+v", s.Error)
		}
		if s.Sandbox == session.SandboxRunning {
			t.Error("its sandbox was started without it")
		}
		w.set(session.SecretScope{Session: id}, "TOKEN", "two\nlines")
		w.must(w.Retry(ctx, id))
		if s = w.until(id, session.Failed); s.Error.Code != session.CodeInvalid || !strings.Contains(s.Error.Message, "several lines") {
			t.Errorf("it says %+v", s.Error)
		}
		w.set(session.SecretScope{Session: id}, "TOKEN", canary)
		w.must(w.Retry(ctx, id))
		w.until(id, session.Idle)
		sameLines(t, filled(w.engine.Box(id).Started.MCP[0].Headers, ":"), "Authorization: Bearer "+canary)
	})
}

func TestWhatServersAreGivenIsBounded(t *testing.T) {
	story(t, hello, func(w *world) {
		p, err := w.AddProject(ctx, "/code/shop")
		w.must(err)
		w.set(session.SecretScope{}, "LONG", strings.Repeat("x", session.MaxSecretValue))
		p.MCP = []session.MCPServer{{Name: "near", Command: []string{"x"}, Env: []string{"A=" + strings.Repeat("${LONG}", 1000)}}}
		w.must(w.SaveProject(ctx, p))
		if s := w.until(w.create("one"), session.Failed); s.Error.Code != session.CodeInvalid || !strings.Contains(s.Error.Message, "more than 1 MB") {
			t.Errorf("it says %+v", s.Error)
		}
	})
}

func filled(values []session.FilledValue, sign string) []string {
	var all []string
	for _, v := range values {
		all = append(all, v.Name+sign+v.Value.Reveal())
	}
	return all
}

func TestHintForASecretInAnArgumentCanBeFollowed(t *testing.T) {
	story(t, hello, func(w *world) {
		p, err := w.AddProject(ctx, "/code/shop")
		w.must(err)
		p.MCP = []session.MCPServer{{Name: "postgres", Command: []string{"npx", "-y", "server-postgres", "it's ${DATABASE_URL}?a=b"}}}
		e := session.AsError(w.SaveProject(ctx, p))
		if e == nil || e.Message != "An argument of postgres has ${DATABASE_URL}, which would put a secret on a command line." {
			t.Fatalf("it says %+v", e)
		}
		const script = `exec npx -y server-postgres "it'\''s ${DATABASE_URL}?a=b"`
		if want := "--env 'DATABASE_URL=${DATABASE_URL}' -- sh -c '" + script + "'."; !strings.Contains(e.Hint, want) {
			t.Errorf("the hint is %s, want %s", e.Hint, want)
		}
		w.set(session.SecretScope{}, "DATABASE_URL", canary)
		p.MCP = []session.MCPServer{
			{Name: "postgres", Command: []string{"/bin/sh", "-c", `exec npx "${DATABASE_URL}"`}, Env: []string{"DATABASE_URL=${DATABASE_URL}"}},
			{Name: "literal", Command: []string{"run", "a$${b}"}},
		}
		w.must(w.SaveProject(ctx, p))
		id := w.create("one")
		w.until(id, session.Idle)
		got := w.engine.Box(id).Started.MCP
		sameLines(t, got[0].Command, "/bin/sh", "-c", `exec npx "${DATABASE_URL}"`)
		sameLines(t, filled(got[0].Env, "="), "DATABASE_URL="+canary)
		sameLines(t, got[1].Command, "run", "a${b}")
	})
}
