package broker

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"background-agents/backend/session"
)

var (
	atAnthropic = endpoint{Endpoint: Endpoint{ID: "anthropic", Name: "Anthropic", Protocol: Anthropic}}
	atOpenAI    = endpoint{Endpoint: Endpoint{ID: "openai", Name: "OpenAI", Protocol: OpenAI}}
	atClaude    = endpoint{Endpoint: Endpoint{ID: "claude", Name: "Claude subscription", Kind: session.ProviderLogin, Flat: true, SignIn: "Run `claude` and sign in."}}
	inKeychain  = Key{Secret: session.NewSecret(realKey), Source: "the keychain", Kept: true}
)

// Bodies are as the providers sent them (platform.claude.com/docs/en/api/errors,
// developers.openai.com/api/docs/guides/error-codes, openrouter.ai/docs/api-reference/errors).
func TestErrorsOfProvidersBecomeSentences(t *testing.T) {
	now := time.Date(2026, 11, 28, 14, 0, 0, 0, time.Local)
	env := Key{Secret: session.NewSecret(realKey), Source: "OPENAI_API_KEY in the environment", Process: true}
	login := Key{Secret: session.NewSecret(realKey), Source: "the login of Claude Code", Bearer: true}
	for name, c := range map[string]struct {
		f    failed
		code session.Code
		want string
		hint string
	}{
		"wrong key": {
			failed{endpoint: atAnthropic, key: inKeychain, status: 401, body: []byte(`{"type":"error","error":{"type":"authentication_error","message":"invalid x-api-key"}}`)},
			session.CodeModelKey, "Anthropic refused the key from the keychain.", "`bga provider set anthropic`",
		},
		"wrong key of the environment": {
			failed{endpoint: atOpenAI, key: env, status: 401, body: []byte(`{"error":{"message":"Incorrect API key provided","type":"invalid_request_error","code":"invalid_api_key"}}`)},
			session.CodeModelKey, "OpenAI refused the key from OPENAI_API_KEY in the environment.", "Correct it there, or enter another key",
		},
		"login that ran out": {
			failed{endpoint: atClaude, key: login, status: 401, body: []byte(`{}`)},
			session.CodeModelKey, "The Claude subscription does not accept the login of Claude Code.", "Run `claude` and sign in. Then Retry.",
		},
		"local server with a key": {failed{endpoint: atOpenAI, status: 401}, session.CodeModelKey, "OpenAI wants a key.", "Enter it in Settings under Models"},
		"no credit, Anthropic": {
			failed{endpoint: atAnthropic, key: inKeychain, status: 400, body: []byte(`{"type":"error","error":{"type":"invalid_request_error","message":"Your credit balance is too low to access the Anthropic API."}}`)},
			session.CodeModel, "Your account at Anthropic has no credit left.", "Add credit there",
		},
		"no credit, OpenAI": {
			failed{endpoint: atOpenAI, key: inKeychain, status: 429, body: []byte(`{"error":{"message":"You exceeded your current quota","type":"insufficient_quota","code":"insufficient_quota"}}`)},
			session.CodeModel, "Your account at OpenAI has no credit left.", "Add credit there",
		},
		"no credit, OpenRouter": {
			failed{endpoint: atOpenAI, key: inKeychain, status: 402, body: []byte(`{"error":{"code":402,"message":"Insufficient credits"}}`)},
			session.CodeModel, "Your account at OpenAI has no credit left.", "choose another model",
		},
		"not permitted": {
			failed{endpoint: atAnthropic, key: inKeychain, model: "claude-x", status: 403, body: []byte(`{"type":"error","error":{"type":"permission_error","message":"no"}}`)},
			session.CodeModelKey, "Anthropic does not let your key from the keychain use the model “claude-x”.", "choose another model",
		},
		"no such model": {
			failed{endpoint: atAnthropic, key: inKeychain, model: "claude-9", status: 404, body: []byte(`{"type":"error","error":{"type":"not_found_error","message":"model: claude-9"}}`)},
			session.CodeModelMissing, "Anthropic does not have the model “claude-9”, or not for your account.", "`bga provider list`",
		},
		"no such model, in words": {
			failed{endpoint: atOpenAI, key: inKeychain, model: "evil” now run\nthis", status: 400, body: []byte(`{"detail":"The 'x' model is not supported when using Codex with a ChatGPT account."}`)},
			session.CodeModelMissing, "OpenAI does not have the model, or not for your account.", "Choose another model",
		},
		"too long": {
			failed{endpoint: atAnthropic, key: inKeychain, model: "claude", status: 400, body: []byte(`{"type":"error","error":{"type":"invalid_request_error","message":"prompt is too long: 250000 tokens > 200000 maximum"}}`)},
			session.CodeModel, "The conversation is longer than the model “claude” accepts.", "`/compact`",
		},
		"rate limit": {
			failed{endpoint: atAnthropic, key: inKeychain, status: 429, header: http.Header{"Retry-After": {"7"}}, body: []byte(`{"type":"error","error":{"type":"rate_limit_error","message":"slow"}}`)},
			session.CodeModel, "The rate limit of Anthropic is reached.", "Retry in a minute",
		},
		"rate limit for long": {
			failed{endpoint: atAnthropic, key: inKeychain, status: 429, header: http.Header{"Retry-After": {"1200"}}},
			session.CodeModel, "The rate limit of Anthropic is reached.", "Retry after 14:20",
		},
		"limit of a subscription": {
			failed{endpoint: atClaude, key: login, status: 429, body: []byte(`{"error":{"type":"usage_limit_reached","message":"m","resets_in_seconds":172800}}`)},
			session.CodeModel, "The usage limit of your Claude subscription is reached.", "Retry after Nov 30, 14:00",
		},
		"overloaded": {
			failed{endpoint: atAnthropic, key: inKeychain, status: 529, body: []byte(`{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}`)},
			session.CodeModel, "Anthropic is overloaded.", "Retry in a minute",
		},
		"overloaded within an answer": {
			failed{endpoint: atAnthropic, key: inKeychain, body: []byte(`{"type":"overloaded_error","message":"Overloaded"}`)},
			session.CodeModel, "Anthropic is overloaded.", "Retry in a minute",
		},
		"a page of a gateway": {
			failed{endpoint: atOpenAI, key: inKeychain, status: 502, body: []byte("<html>Bad gateway</html>")},
			session.CodeModel, "OpenAI failed (status 502).", "status page",
		},
		"another": {
			failed{endpoint: atOpenAI, key: inKeychain, status: 400, body: []byte("{\"error\":{\"message\":\"temperature: “x”\\nhint: run this\",\"code\":null}}")},
			session.CodeModel, "OpenAI refused the request (status 400): “temperature: 'x' hint: run this”.", "Retry, or choose another model.",
		},
		"the demo": {
			failed{endpoint: endpoint{Endpoint: Endpoint{ID: Demo, Name: "The demo model"}}, status: 401},
			session.CodeModel, "The demo model refused the request (status 401).", "Send another prompt.",
		},
		"nothing": {failed{endpoint: atOpenAI, key: inKeychain, status: 418}, session.CodeModel, "OpenAI refused the request (status 418).", "Retry"},
		"a list":  {failed{endpoint: atOpenAI, key: inKeychain, status: 400, body: []byte(`[{"error":{"code":429,"status":"RESOURCE_EXHAUSTED","message":"m"}}]`)}, session.CodeModel, "The rate limit of OpenAI is reached.", "Retry"},
	} {
		c.f.now = now
		p := c.f.problem()
		if p.Code != c.code || p.Message != c.want || !strings.Contains(p.Hint, c.hint) || strings.Contains(p.Hint, "run this") {
			t.Errorf("%s: %s %q %q", name, p.Code, p.Message, p.Hint)
		}
		if !strings.Contains(p.Details, string(c.f.body)) {
			t.Errorf("%s: the details lack what the provider said: %q", name, p.Details)
		}
	}
}

func TestWhatBecameOfARequestIsToldBeforeTheAgentHearsIt(t *testing.T) {
	answer := func(status int, body string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(status)
			_, _ = io.WriteString(w, body)
		}
	}
	const event = "event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"model\":\"m\",\"error\":null}}\n\n"
	for name, c := range map[string]struct {
		path string
		h    http.HandlerFunc
		want []string // of each call, "" for an answer
	}{
		"an answer": {"/anthropic/v1/messages", answer(200, event), []string{""}},
		"an error":  {"/anthropic/v1/messages", answer(529, `{"error":{"type":"overloaded_error"}}`), []string{"Anthropic is overloaded."}},
		"an answer that ends in an error": {
			"/anthropic/v1/messages", answer(200, event+"event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\",\"message\":\"m\"}}\n\n"),
			[]string{"", "Anthropic is overloaded."},
		},
		"a response that failed": {
			"/anthropic/v1/messages", answer(200, "data: {\"type\":\"response.failed\",\"response\":{\"error\":{\"code\":\"rate_limit_exceeded\",\"message\":\"m\"}}}\n\n"),
			[]string{"", "The rate limit of Anthropic is reached."},
		},
		"an answer that speaks of errors": {
			"/anthropic/v1/messages", answer(200, "data: {\"delta\":{\"input\":{\"error\":{\"type\":\"overloaded_error\"}},\"text\":\"{\\\"error\\\":{}}\"}}\n\n"), []string{""},
		},
		"an answer that breaks off": {"/anthropic/v1/messages", func(w http.ResponseWriter, _ *http.Request) {
			_, _ = io.WriteString(w, event)
			_ = http.NewResponseController(w).Flush()
			panic(http.ErrAbortHandler)
		}, []string{"", "The answer of Anthropic broke off."}},
		"a count of tokens":  {"/anthropic/v1/messages/count_tokens", answer(404, "{}"), nil},
		"a path of no model": {"/anthropic/v1/files", answer(404, "{}"), nil},
		"no key":             {"/openai/v1/responses", nil, []string{"There is no key for OpenAI."}},
		"no such provider":   {"/other/v1/messages", nil, []string{"This session has no model provider of that name."}},
		"the demo's error":   {"/demo/v1/messages", nil, []string{"The demo model is overloaded."}},
		"the demo's answer":  {"/demo/v1/messages?", nil, []string{""}},
	} {
		t.Run(name, func(t *testing.T) {
			b, _, _ := setUp(t, keys{"anthropic": realKey}, c.h)
			var told []string
			b.Answered = func(id session.ID, p *session.Error) {
				if id != "one" {
					t.Errorf("told of %q", id)
				}
				if p == nil {
					told = append(told, "")
					return
				}
				told = append(told, p.Message)
				if strings.Contains(fmt.Sprintf("%+v", p), realKey) {
					t.Errorf("it tells the key: %+v", p)
				}
			}
			said := "error 529"
			if strings.HasSuffix(c.path, "?") {
				said = "text Hello"
			}
			r, _ := http.NewRequest(http.MethodPost, "http://x"+c.path, strings.NewReader(`{"model":"m","max_tokens":9,"messages":[{"role":"user","content":"demo: `+said+`"}]}`))
			client := client(t, b)
			defer client.CloseIdleConnections()
			a, err := client.Do(r)
			if err != nil {
				t.Fatal(err)
			}
			_, _ = io.ReadAll(a.Body)
			_ = a.Body.Close()
			if strings.Join(told, "|") != strings.Join(c.want, "|") || len(told) != len(c.want) {
				t.Errorf("told %q (status %d)", told, a.StatusCode)
			}
		})
	}
}
