// Package backend is the composition root: it opens the parts of an installation and joins them, for the window and
// for `bga` alike.
package backend

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync/atomic"
	"time"

	"background-agents/backend/broker"
	"background-agents/backend/docker"
	"background-agents/backend/egress"
	"background-agents/backend/forge"
	"background-agents/backend/gitrepo"
	"background-agents/backend/keyring"
	"background-agents/backend/sandboxlink"
	"background-agents/backend/session"
	"background-agents/backend/sqlite"
	"background-agents/backend/timezone"
	"background-agents/sandbox"
)

// Agents is the table of agents. The first is the default.
var Agents = []session.Agent{
	{
		ID: "opencode", Name: "OpenCode", Command: []string{"opencode", "acp"}, Layer: "opencode",
		Models: []session.ModelAccess{{Protocol: session.Anthropic}, {Protocol: session.OpenAI}},
	},
	{
		ID: "claude", Name: "Claude Code", Command: []string{"claude-agent-acp"}, Layer: "claude",
		Models: []session.ModelAccess{{Protocol: session.Anthropic}},
	},
	{
		ID: "codex", Name: "Codex", Command: []string{"codex-acp"}, Layer: "codex",
		Models: []session.ModelAccess{{Protocol: session.OpenAI}},
	},
}

// Backend is an open installation: every operation on it, and its end.
type Backend struct {
	*session.Manager
	broker *broker.Broker
	asked  atomic.Pointer[func(session.ID)]
	close  []func() error // in order
}

// Open opens the installation in p.Data and begins to look after its sessions. It waits for neither Docker nor the
// network. One process at a time: another gets CodeRunning.
func Open(ctx context.Context, p Paths) (_ *Backend, err error) {
	keepMemory()
	held, err := lock(p.Data)
	if err != nil {
		return nil, err
	}
	b := &Backend{close: []func() error{held.Close}}
	defer func() {
		if err != nil {
			err = errors.Join(err, b.release())
		}
	}()
	hidden := &session.Hidden{}
	log, err := openLog(filepath.Join(p.Data, "logs"), hidden.Writer)
	if err != nil {
		return nil, err
	}
	b.close = append([]func() error{log.Close}, b.close...)
	store, err := sqlite.Open(ctx, filepath.Join(p.Data, databaseName))
	if err != nil {
		return nil, err
	}
	b.close = append([]func() error{store.Close}, b.close...)
	i, err := ensureInstallation(ctx, p.Data, store)
	if err != nil {
		return nil, err
	}
	engine, err := docker.Open(docker.Config{
		Installation: i.ID, Former: i.Engine, DataDir: p.Data, Image: p.Image, Runtime: p.Runtime,
		Dockerfile: sandbox.Dockerfile, SupervisorPath: sandbox.SupervisorPath, Supervisor: sandbox.Supervisor, SupervisorSum: sandbox.SupervisorSum,
	})
	if err != nil {
		return nil, fmt.Errorf("open engine: %w", err)
	}
	b.close = append([]func() error{engine.Close}, b.close...)
	vault := keyring.Open(keyring.Config{Installation: i.ID, Former: i.Keyring, Adopt: p.Default})
	b.close = append([]func() error{vault.Close}, b.close...)
	var manager *session.Manager
	logins := findLogins(p, vault, log.Logger)
	if b.broker, err = b.openBroker(p, vault, logins, func() *session.Manager { return manager }, log.Logger); err != nil {
		return nil, err
	}
	b.close = append([]func() error{b.broker.Close}, b.close...)
	repos := gitrepo.Open(gitrepo.Config{DataDir: p.Data, WorktreeDir: func() string {
		if manager == nil {
			return ""
		}
		return manager.Settings().WorktreeDir
	}})
	proxy := egress.Open(egress.Config{
		Policy: func(id session.ID) (session.Network, []string, []string) { return manager.NetworkPolicy(id) },
		Ask: func(ctx context.Context, id session.ID, r egress.Request) bool {
			return manager.AskHost(ctx, id, session.HostRequest{Host: r.Host, Program: r.Program, Commands: r.Commands})
		},
		Record:   ledger(func(c session.Connection) { manager.RecordConnection(c) }),
		Upstream: egress.UpstreamFromEnvironment(),
	})
	b.close = append([]func() error{proxy.Close}, b.close...)
	manager, err = session.Open(ctx, session.Config{
		Store: store, Engine: engine, Linker: sandboxlink.Linker{Log: log.Logger}, Git: repos, Broker: b.broker, Egress: proxy, Vault: vault,
		Forge:        forge.Open(forge.Config{Vault: vault, Env: p.Env}),
		Environments: tools(p),
		Agents:       Agents,
		Home:         home(),
		TimeZone:     timezone.Name,
		Attachments:  filepath.Join(p.Data, "attachments"),
		SuggestDir:   p.Repos,
		Sample:       func(ctx context.Context) (string, error) { return makeSample(ctx, p.Data) },
		Room:         func() (session.Room, error) { return roomOf(p.Data, engine.Root) },
		Doctor:       checks(p, engine, vault, logins, Agents[0]),
		Log:          log.Logger,
		Hidden:       hidden,
	})
	if err != nil {
		return nil, err
	}
	b.Manager = manager
	return b, nil
}

// Close stops following the sandboxes, whose turns go on, and closes what Open opened.
func (b *Backend) Close() error {
	return errors.Join(b.Manager.Close(), b.release())
}

func (b *Backend) release() error {
	var errs []error
	for _, f := range b.close {
		errs = append(errs, f())
	}
	b.close = nil
	return errors.Join(errs...)
}

// home returns the user's home folder, "" if there is none.
func home() string {
	dir, err := os.UserHomeDir()
	if err != nil {
		return ""
	}
	return dir
}

// OnModelRequest calls f for each request that an agent sends to its model from now on: what measures us listens here.
func (b *Backend) OnModelRequest(f func(session.ID)) { b.asked.Store(&f) }

// ledger gives rows ids that grow over all lives of the application: the proxy counts from the start of its own.
func ledger(record func(session.Connection)) func(egress.Connection) {
	life := uint64(time.Now().Unix()) << 20
	return func(c egress.Connection) {
		c.ID += life
		record(session.Connection(c))
	}
}

// AgentEnv returns the environment that the default agent gets in a session.
func (b *Backend) AgentEnv(ctx context.Context, s session.Session) ([]string, error) {
	return b.broker.Env(ctx, s, Agents[0])
}
