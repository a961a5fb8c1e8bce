package login

import (
	"context"
	"log/slog"
	"net/http"
	"path/filepath"
	"time"

	"background-agents/backend/broker"
	"background-agents/backend/session"
)

// Config says where to look.
type Config struct {
	Home string                   // the user's home folder
	Env  func(name string) string // CLAUDE_CONFIG_DIR, CODEX_HOME, XDG_DATA_HOME
	// Keychain returns an item that another program has put into the keychain; nil where those cannot be read.
	Keychain func(ctx context.Context, service, account string) (session.Secret, error)
	// Providers are the ids of those whose keys can be used.
	Providers []string
	User      string // the account's name, for Keychain
	// Locks is the folder of the locks that all processes of the user's share.
	Locks     string
	Transport http.RoundTripper // nil for the standard one
	Log       *slog.Logger      // nil for none
	Now       func() time.Time  // nil for the clock
	// Where tokens are renewed; "" for the real ones.
	AnthropicURL, OpenAIURL string
}

// Logins is broker.Credentials. Its methods may be called from any goroutine.
type Logins struct {
	Config
	client   http.Client
	claude   *renewed
	codex    *renewed
	opencode *renewed // its login to OpenAI
}

var _ broker.Credentials = (*Logins)(nil)

// New returns Logins. It reads nothing yet.
func New(c Config) *Logins {
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.AnthropicURL == "" {
		c.AnthropicURL = "https://platform.claude.com/v1/oauth/token"
	}
	if c.OpenAIURL == "" {
		c.OpenAIURL = "https://auth.openai.com/oauth/token"
	}
	l := &Logins{Config: c}
	l.client = http.Client{
		Transport: c.Transport, Timeout: renewalTakes,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	l.claude = l.renewed("Claude Code", "Run `claude` and sign in again.", l.claudeFile(), claudeForm{}, l.renewClaude)
	l.codex = l.renewed("Codex", "Run `codex login`.", l.codexFile(), codexForm{}, l.renewOpenAI)
	l.opencode = l.renewed("OpenCode", "Run `opencode auth login`.", l.openCodeFile(), openCodeForm{"openai"}, l.renewOpenAI)
	return l
}

func (l *Logins) claudeFile() string {
	return filepath.Join(l.folder("CLAUDE_CONFIG_DIR", ".claude"), ".credentials.json")
}

func (l *Logins) codexFile() string {
	return filepath.Join(l.folder("CODEX_HOME", ".codex"), "auth.json")
}

// openCodeFile is in the XDG data folder on every system.
func (l *Logins) openCodeFile() string {
	return filepath.Join(l.folder("XDG_DATA_HOME", ".local", "share"), "opencode", "auth.json")
}

func (l *Logins) folder(variable string, fallback ...string) string {
	if dir := l.Env(variable); filepath.IsAbs(dir) {
		return dir
	}
	return filepath.Join(append([]string{l.Home}, fallback...)...)
}

// Key implements broker.Credentials.
func (l *Logins) Key(ctx context.Context, provider string) (broker.Key, error) {
	switch provider {
	case "claude":
		return l.claudeKey(ctx)
	case "chatgpt":
		return broker.FirstOf{source(l.codex.key), source(l.opencode.key)}.Key(ctx, provider)
	case "openai":
		if key := l.codexKey(); !key.Secret.Empty() {
			return key, nil
		}
	}
	return l.openCodeKey(provider), nil
}

// source is broker.Credentials of one login.
type source func(context.Context) (broker.Key, error)

// Key implements broker.Credentials.
func (s source) Key(ctx context.Context, _ string) (broker.Key, error) { return s(ctx) }

// claudeKey returns Claude Code's token: from its file, or on macOS from its item in the keychain, which is read only.
func (l *Logins) claudeKey(ctx context.Context) (broker.Key, error) {
	key, err := l.claude.key(ctx)
	if err != nil || !key.Secret.Empty() || l.Keychain == nil {
		return key, err
	}
	item, err := l.Keychain(ctx, "Claude Code-credentials", l.User)
	switch session.CodeOf(err) {
	case "":
	case session.CodeNotFound, session.CodeNoKeychain:
		return broker.Key{}, nil
	default:
		return broker.Key{}, err
	}
	t, err := claudeForm{}.read([]byte(item.Reveal()))
	switch {
	case err != nil:
		return broker.Key{}, l.claude.told("cannot be read", l.claude.hint, errForm)
	case t.access == "":
		return broker.Key{}, nil
	case !t.good(l.Now(), 0):
		return broker.Key{}, &session.Error{
			Code: session.CodeModelKey, Message: "The login of Claude Code has run out.", Hint: "Run `claude` once: it renews its login itself.",
		}
	}
	return broker.Key{Secret: session.NewSecret(t.access), Source: "the login of Claude Code", Bearer: true}, nil
}
