package session_test

import (
	"context"
	"io"
	"testing"
	"testing/synctest"

	"background-agents/backend/session"
	"background-agents/backend/session/sessiontest"
)

// starting is a linker that says when a session's agent can be prompted, and waits.
type starting struct {
	sessiontest.Linker
	then func(session.ID)
}

type startingLink struct {
	session.Link
	then func(session.ID)
}

func (l starting) Connect(ctx context.Context, rw io.ReadWriteCloser, h session.LinkHandler) (session.Link, error) {
	link, err := l.Linker.Connect(ctx, rw, h)
	return startingLink{link, l.then}, err
}

func (l startingLink) Start(ctx context.Context, spec session.StartSpec) error {
	err := l.Link.Start(ctx, spec)
	l.then(spec.Session)
	return err
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
		linker := starting{then: func(id session.ID) {
			go func() { deleted <- w.Delete(ctx, id, true) }()
			<-engine.begun // its link is dropped
		}}
		m, err := session.Open(ctx, session.Config{
			Store: sessiontest.NewMemory(), Engine: engine, Linker: linker, Git: w.git, Broker: &sessiontest.Broker{}, Vault: &sessiontest.Vault{}, Egress: &w.egress,
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
