package session_test

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"

	"background-agents/backend/session"
	"background-agents/backend/session/sessiontest"
)

// ready is a store that says when a session is stored that can be prompted, and waits.
type ready struct {
	*sessiontest.Memory
	once sync.Once
	then func(session.ID)
}

func (r *ready) Save(ctx context.Context, c session.Change) error {
	if s := c.Session; s != nil && s.Status == session.Working && s.Sandbox == session.SandboxRunning {
		r.once.Do(func() { r.then(s.ID) })
	}
	return r.Memory.Save(ctx, c)
}

// removing is an engine that says when a sandbox is to be removed, and waits.
type removing struct {
	*sessiontest.Engine
	begun, end chan struct{}
}

func (e removing) Remove(ctx context.Context, id session.ID) error {
	close(e.begun)
	<-e.end
	return e.Engine.Remove(ctx, id)
}

func TestSessionIsDeletedInTheMomentInWhichItIsReady(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := &world{t: t, engine: sessiontest.NewEngine(hello), git: &sessiontest.Git{}}
		engine := removing{w.engine, make(chan struct{}), make(chan struct{})}
		deleted := make(chan error, 1)
		store := &ready{Memory: sessiontest.NewMemory(), then: func(id session.ID) {
			go func() { deleted <- w.Delete(ctx, id, true) }()
			<-engine.begun // its link is dropped
		}}
		m, err := session.Open(ctx, session.Config{
			Store: store, Engine: engine, Linker: sessiontest.Linker{}, Git: w.git, Broker: &sessiontest.Broker{}, Vault: &sessiontest.Vault{}, Egress: &w.egress,
			Agents: []session.Agent{{ID: "opencode", Name: "OpenCode", Command: []string{"opencode", "acp"}, Layer: "opencode"}},
		})
		w.must(err)
		w.Manager = m
		w.create("work")
		synctest.Wait()
		close(engine.end)
		w.must(<-deleted)
		w.must(m.Close())
		w.engine.Close()
	})
}
