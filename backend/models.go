package backend

import (
	"context"
	"log/slog"
	"os"
	"os/user"
	"path/filepath"
	"runtime"

	"background-agents/backend/broker"
	"background-agents/backend/broker/login"
	"background-agents/backend/keyring"
	"background-agents/backend/session"
)

// openBroker opens the broker with all places where keys are found: what the user entered goes before what the
// environment says, and that before other programs' logins.
func (b *Backend) openBroker(p Paths, vault session.Vault, logins *login.Logins, manager func() *session.Manager, log *slog.Logger) (*broker.Broker, error) {
	endpoints, err := broker.Endpoints(p.Env)
	if err != nil {
		return nil, err
	}
	environment := broker.Environment{Env: p.Env, File: p.Files.From}
	return broker.New(broker.Config{
		Credentials: broker.FirstOf{broker.NewVault(vault), environment, logins},
		Environment: environment,
		Agreed:      func(provider string) string { return manager().Settings().KeyAddresses[provider] },
		Endpoints:   endpoints,
		Local:       broker.Local(p.Env),
		Own:         func() []session.ProviderConfig { return manager().Settings().Providers },
		Log:         log,
		Asked: func(id session.ID) {
			if f := b.asked.Load(); f != nil {
				(*f)(id)
			}
		},
		Allow:    func(ctx context.Context, id session.ID) error { return manager().Allow(ctx, id) },
		Answered: func(id session.ID, problem *session.Error) { manager().Answered(id, problem) },
		Spent:    func(id session.ID, u session.Use) { manager().Spend(id, u) },
	})
}

// findLogins says where other programs' logins are. Their locks lie where all of the user's processes find them,
// whatever BGA_HOME they have.
func findLogins(p Paths, vault *keyring.Vault, log *slog.Logger) *login.Logins {
	c := login.Config{Env: p.Env, Locks: filepath.Join(p.Data, "locks"), Providers: broker.Keyed(), Log: log}
	if home, err := os.UserHomeDir(); err == nil {
		c.Home = home
	}
	if cache, err := os.UserCacheDir(); err == nil {
		c.Locks = filepath.Join(cache, "background-agents")
	}
	if runtime.GOOS == "darwin" {
		c.Keychain = vault.Other
		if u, err := user.Current(); err == nil {
			c.User = u.Username
		}
	}
	return login.New(c)
}
