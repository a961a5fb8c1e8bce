package broker

import (
	"context"
	"os"
	"path/filepath"

	"background-agents/backend/session"
)

// Credentials finds the keys of providers. It is asked for every request, so that a change is followed at once.
type Credentials interface {
	// Key returns the provider's key, an empty one where there is none. An error says that there is one which cannot be
	// read.
	Key(ctx context.Context, provider string) (Key, error)
}

// Key is a provider's key, and where it was found, in words for the user.
type Key struct {
	Secret session.Secret
	Source string
}

// Environment finds keys in the environment and in .env: ANTHROPIC_API_KEY, OPENAI_API_KEY, NAME_API_KEY.
type Environment struct {
	Env  func(name string) string // looks in both
	File string                   // the .env file, "" where there is none
}

// Key implements Credentials.
func (e Environment) Key(_ context.Context, provider string) (Key, error) {
	name := variable(provider)
	value := e.Env(name)
	if value == "" {
		return Key{}, nil
	}
	source := name + " in the environment"
	if _, set := os.LookupEnv(name); !set && e.File != "" {
		source = name + " in " + filepath.Base(e.File)
	}
	return Key{session.NewSecret(value), source}, nil
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
