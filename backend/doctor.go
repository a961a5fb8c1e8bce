package backend

import (
	"context"

	"background-agents/backend/broker/login"
	"background-agents/backend/docker"
	"background-agents/backend/doctor"
	"background-agents/backend/gitrepo"
	"background-agents/backend/session"
)

// checks returns what the doctor looks at in this installation.
func checks(p Paths, engine *docker.Engine, vault session.Vault, logins *login.Logins, agent session.Agent) func(context.Context) []session.Check {
	config := doctor.Config{
		Engine: engine.Ping,
		ImageCurrent: func(ctx context.Context) (bool, error) {
			return engine.ImageCurrent(ctx, session.ImageSpec{Agent: agent})
		},
		Room:     func() (session.Room, error) { return roomOf(p.Data, engine.Root) },
		Keychain: vault.Check,
		Git:      gitrepo.Version,
		Logins:   logins.Check,
		Data:     p.Data, Repos: p.Repos, Image: p.Image,
		Env: p.Env, EnvFiles: p.Files.Paths, EnvNames: EnvNames, EnvIgnored: p.Files.Ignored, EnvSkipped: p.Files.Skipped,
	}
	return func(ctx context.Context) []session.Check { return doctor.Check(ctx, config) }
}
