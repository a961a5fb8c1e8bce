package broker

import (
	"context"
	"path/filepath"

	"background-agents/backend/session"
)

// Credentials finds the keys of providers. It is asked for every request, so that a change is followed at once.
type Credentials interface {
	// Key returns the provider's key, an empty one if there is none. An error says that there is one which cannot be
	// read.
	Key(ctx context.Context, provider string) (Key, error)
}

// Key is what a provider takes for an agent's right to ask, and where it was found, in words for the user.
type Key struct {
	Secret session.Secret
	Source string
	// Kept says that it is in the keychain.
	Kept bool
	// Bearer says that it is a token, which goes where tokens go, whatever the protocol has for keys.
	Bearer bool
	// Process says that it is from the environment of the process, which may name an address, too.
	Process bool
	// Account is what a login is for, where its provider must be told.
	Account string
	// Rejected, where set, is told that the provider does not take the key any more, so that the next one is another.
	Rejected func()
}

// Environment finds keys in the environment and in .env: ANTHROPIC_API_KEY, OPENAI_API_KEY, NAME_API_KEY; and the
// tokens that Claude Code reads there (https://code.claude.com/docs/en/authentication): ANTHROPIC_AUTH_TOKEN for a
// gateway at ANTHROPIC_BASE_URL, which goes before the key, and CLAUDE_CODE_OAUTH_TOKEN, made by `claude setup-token`.
type Environment struct {
	Env  func(name string) string // looks in both
	File func(name string) string // the .env file that a variable is from, "" for the environment; may be nil
}

// tokens are the variables that hold tokens.
var tokens = map[string]string{"anthropic": "ANTHROPIC_AUTH_TOKEN", "claude": "CLAUDE_CODE_OAUTH_TOKEN"}

// Key implements Credentials.
func (e Environment) Key(_ context.Context, provider string) (Key, error) {
	if name := tokens[provider]; name != "" && e.Env(name) != "" {
		key := e.key(name)
		key.Bearer = true
		return key, nil
	}
	name := variable(provider)
	if e.Env(name) == "" {
		return Key{}, nil
	}
	return e.key(name), nil
}

func (e Environment) key(name string) Key {
	k := Key{Secret: session.NewSecret(e.Env(name)), Source: name + " in the environment", Process: true}
	if e.File != nil && e.File(name) != "" {
		k.Source, k.Process = name+" in "+filepath.Base(e.File(name)), false
	}
	return k
}

// FirstOf asks each of several in turn; the first that has a key wins.
type FirstOf []Credentials

// Key implements Credentials. One that cannot be read is passed over as long as another has a key.
func (f FirstOf) Key(ctx context.Context, provider string) (Key, error) {
	var failure error
	for _, c := range f {
		key, err := c.Key(ctx, provider)
		if err == nil && !key.Secret.Empty() {
			return key, nil
		}
		if failure == nil {
			failure = err
		}
	}
	return Key{}, failure
}

// Refresh passes on that keys have changed.
func (f FirstOf) Refresh() {
	for _, c := range f {
		if r, ok := c.(interface{ Refresh() }); ok {
			r.Refresh()
		}
	}
}
