package login

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"background-agents/backend/session"
)

func TestCodexsLoginIsReadRenewedAndWritten(t *testing.T) {
	w := newWorld(t)
	file := func(access string) string {
		return fmt.Sprintf(`{"OPENAI_API_KEY":null,"auth_mode":"chatgpt","tokens":{"id_token":%q,"access_token":%q,"refresh_token":%q,"account_id":"account-1"},"last_refresh":"2026-01-01T00:00:00Z"}`,
			jwt(`{}`), access, oldRefresh)
	}
	good := jwt(fmt.Sprintf(`{"exp":%d}`, time.Now().Add(time.Hour).Unix()))
	path := w.write(".codex/auth.json", file(good))
	if key := w.wants("chatgpt", good); key.Account != "account-1" || !key.Bearer {
		t.Errorf("%+v", key)
	}
	w.wants("openai", "")
	w.write(".codex/auth.json", file(jwt(`{"exp":1000}`)))
	w.wants("chatgpt", newAccess)
	if a := w.asked[0]; a["path"] != "POST /openai" || a["client_id"] != codexClient || a["refresh_token"] != oldRefresh {
		t.Errorf("asked %v", a)
	}
	text := contents(t, path)
	if !strings.Contains(text, newRefresh) || !strings.Contains(text, `"chatgpt"`) || !strings.Contains(text, "account-1") || strings.Contains(text, "2026-01-01") {
		t.Errorf("the file has %s", text)
	}

	w.write(".codex/auth.json", `{"OPENAI_API_KEY":"sk-codex"}`)
	w.wants("openai", "sk-codex")
	w.wants("chatgpt", "")
}

func TestCodexsTokenWithoutAnEndIsRenewedAfterAWeek(t *testing.T) {
	w := newWorld(t)
	for last, want := range map[time.Duration]string{time.Hour: oldAccess, 9 * 24 * time.Hour: newAccess} {
		w.write(".codex/auth.json", fmt.Sprintf(`{"tokens":{"id_token":%q,"access_token":%q,"refresh_token":"r%s"},"last_refresh":%q}`,
			jwt(`{"https://api.openai.com/auth":{"chatgpt_account_id":"account-2"}}`), oldAccess, last, time.Now().Add(-last).UTC().Format(time.RFC3339Nano)))
		if key := w.wants("chatgpt", want); key.Account != "account-2" {
			t.Errorf("account %q", key.Account)
		}
	}
}

func TestOpenCodesKeysAndItsLoginToChatGPTAreUsed(t *testing.T) {
	w := newWorld(t)
	path := w.write(".local/share/opencode/auth.json", fmt.Sprintf(`{
		"anthropic":{"type":"oauth","access":"canary-a","refresh":"canary-b","expires":1},
		"openrouter":{"type":"api","key":"sk-or"},
		"openai":{"type":"oauth","access":%q,"refresh":%q,"expires":1,"accountId":"account-3"},
		"github-copilot":{"type":"oauth","access":"x","refresh":"x","expires":0},
		"odd":"text","vertex":{"type":"wellknown","key":"a","token":"b"}}`, oldAccess, oldRefresh))
	w.wants("openrouter", "sk-or")
	w.wants("anthropic", "")
	w.wants("claude", "")
	w.wants("openai", "")
	if key := w.wants("chatgpt", newAccess); key.Account != "account-3" || key.Source != "the login of OpenCode" {
		t.Errorf("%+v", key)
	}
	for _, want := range []string{newAccess, newRefresh, "account-3", "canary-b", `"odd": "text"`, "wellknown"} {
		if text := contents(t, path); !strings.Contains(text, want) {
			t.Errorf("the file lacks %s: %s", want, text)
		}
	}
	c := w.Check(t.Context())
	if c.Status != "ok" || !strings.Contains(c.Found, "OpenCode (the ChatGPT login, for the agent Codex; the key for openrouter)") {
		t.Errorf("found %q", c.Found)
	}
	for _, want := range []string{"Anthropic refuses", "GitHub Copilot, which has a protocol of its own", "vertex, which cannot be reached"} {
		if !strings.Contains(c.Found, want) {
			t.Errorf("%q is not said: %s", want, c.Found)
		}
	}
	if strings.Contains(c.Found+c.Hint, "canary") {
		t.Errorf("a token is in the check: %+v", c)
	}
}

func TestCodexsOwnLoginGoesBeforeOpenCodes(t *testing.T) {
	w := newWorld(t)
	w.write(".local/share/opencode/auth.json", fmt.Sprintf(`{"openai":{"type":"oauth","access":"of-opencode","refresh":"r","expires":%d}}`, time.Now().Add(time.Hour).UnixMilli()))
	w.wants("chatgpt", "of-opencode")
	token := jwt(fmt.Sprintf(`{"exp":%d}`, time.Now().Add(time.Hour).Unix()))
	w.write(".codex/auth.json", fmt.Sprintf(`{"tokens":{"access_token":%q,"refresh_token":"r"}}`, token))
	w.wants("chatgpt", token)
}

func TestFoldersAreThoseThatTheEnvironmentNames(t *testing.T) {
	w := newWorld(t)
	elsewhere := t.TempDir()
	c := w.Config
	c.Env = func(string) string { return elsewhere }
	for name, text := range map[string]string{
		".credentials.json": claudeText("elsewhere", "r", time.Hour), "auth.json": `{"OPENAI_API_KEY":"codex-elsewhere"}`,
		"opencode/auth.json": `{"groq":{"type":"api","key":"opencode-elsewhere"}}`,
	} {
		path := filepath.Join(elsewhere, name)
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o700), os.WriteFile(path, []byte(text), 0o600)); err != nil {
			t.Fatal(err)
		}
	}
	w.Logins = New(c)
	w.wants("claude", "elsewhere")
	w.wants("openai", "codex-elsewhere")
	w.wants("groq", "opencode-elsewhere")
}

func TestClaudesItemInTheKeychainIsReadAndNotRenewed(t *testing.T) {
	w := newWorld(t)
	item, asked := claudeText("of-the-keychain", oldRefresh, time.Hour), ""
	c := w.Config
	c.User = "ada"
	c.Keychain = func(_ context.Context, service, account string) (session.Secret, error) {
		asked = service + " " + account
		if item == "" {
			return session.Secret{}, &session.Error{Code: session.CodeNotFound, Message: "none"}
		}
		return session.NewSecret(item), nil
	}
	w.Logins = New(c)
	w.wants("claude", "of-the-keychain")
	if asked != "Claude Code-credentials ada" {
		t.Errorf("asked for %q", asked)
	}
	item = claudeText("of-the-keychain", oldRefresh, -time.Minute)
	if _, err := w.Key(t.Context(), "claude"); session.CodeOf(err) != session.CodeModelKey || !strings.Contains(session.AsError(err).Hint, "Run `claude`") {
		t.Errorf("run out: %v", err)
	}
	item = ""
	w.wants("claude", "")
	if w.requests() > 0 {
		t.Error("it was renewed")
	}
}

func TestFilesThatAreNoneAreSaidToBe(t *testing.T) {
	w := newWorld(t)
	w.wants("claude", "")
	if c := w.Check(t.Context()); c.Found != "none of OpenCode, Claude Code or Codex" || c.Hint != "" {
		t.Errorf("%+v", c)
	}
	for outcome, text := range map[string]string{"broken": `{"claudeAiOauth":{"accessToken":"canary`, "huge": strings.Repeat(" ", maxFile+1), "a list": `["canary"]`} {
		w.write(claudePath, text)
		_, err := w.Key(t.Context(), "claude")
		if told := session.AsError(err); told == nil || told.Message != "The login of Claude Code cannot be read." || strings.Contains(fmt.Sprint(told.Err), "canary") {
			t.Errorf("%s: %+v", outcome, told)
		}
	}
	if c := w.Check(t.Context()); !strings.Contains(c.Found, "not used: Claude Code: its file cannot be read") {
		t.Errorf("%+v", c)
	}
}

func TestCodexLoginInTheKeychainIsNamed(t *testing.T) {
	const none = "none of OpenCode, Claude Code or Codex"
	for name, c := range map[string]struct{ config, want string }{
		"in the keychain":       {"model = \"x\"\ncli_auth_credentials_store = \"keyring\" # safe\n", "not used: Codex: its settings keep the login in the keychain, where only Codex reads it"},
		"in single quotes":      {"'x' = 1\ncli_auth_credentials_store='keyring'", "not used: Codex: its settings keep the login in the keychain"},
		"there where it can be": {"cli_auth_credentials_store = \"auto\"", "not used: Codex: its settings keep the login in the keychain where there is one"},
		"in a file":             {"cli_auth_credentials_store = \"file\"", none},
		"of another table":      {"[profiles.x]\ncli_auth_credentials_store = \"keyring\"", none},
		"no settings":           {"\x00", none},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.write(".codex/config.toml", c.config)
			if got := w.Check(t.Context()).Found; !strings.HasPrefix(got, c.want) || c.want != none && !strings.Contains(got, "`codex login`") {
				t.Errorf("found %q", got)
			}
			w.write(".codex/auth.json", `{"OPENAI_API_KEY":"sk-codex"}`)
			if got := w.Check(t.Context()).Found; got != "used in place: Codex (the API key, for OpenAI)" {
				t.Errorf("with a file it found %q", got)
			}
		})
	}
}
