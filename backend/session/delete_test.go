package session_test

import (
	"context"
	"io"
	"slices"
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
			Environments: sessiontest.Environments{},
			Agents:       []session.Agent{{ID: "opencode", Name: "OpenCode", Command: []string{"opencode", "acp"}, Layer: "opencode"}},
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

// stored returns how many projects and sessions are stored, those that are marked as deleted too.
func (w *world) stored() (projects, sessions int) {
	w.t.Helper()
	_, p, s, err := w.store.Load(ctx)
	w.must(err)
	return len(p), len(s)
}

func TestDeletionThatLeavesBranchOrWorktreeSaysSoAndIsTriedAgain(t *testing.T) {
	story(t, hello, func(w *world) {
		id := w.create("one")
		project := w.until(id, session.Idle).Project
		w.git.Stuck = &session.Error{Code: session.CodeInvalid, Message: "A file cannot be removed: permission denied.", Hint: "Give your user access to it."}
		err := w.Delete(ctx, id, true)
		code(t, err, session.CodeInvalid)
		e := session.AsError(err)
		if want := "The session is deleted, but its branch or worktree is still there. A file cannot be removed: permission denied."; e.Message != want {
			t.Errorf("message: %s", e.Message)
		}
		if want := "Give your user access to it. It is tried again when the application starts."; e.Hint != want {
			t.Errorf("hint: %s", e.Hint)
		}
		if w.get(id).ID != "" || w.engine.Box(id) != nil {
			t.Error("it is still listed, or its sandbox is left")
		}
		w.reopen()
		if _, sessions := w.stored(); sessions != 1 {
			t.Fatal("it was given up")
		}
		w.git.Stuck = nil
		w.reopen()
		if _, sessions := w.stored(); sessions != 0 || !slices.Contains(w.git.Forgotten, id) {
			t.Errorf("after the next start %d are stored, forgotten are %v", sessions, w.git.Forgotten)
		}

		w.git.Stuck = &session.Error{Code: session.CodeInvalid, Message: "A file cannot be removed.", Hint: "Look at it."}
		code(t, w.RemoveProject(ctx, project), session.CodeInvalid)
		w.git.Stuck = nil
		w.reopen()
		if projects, _ := w.stored(); projects != 0 {
			t.Error("the project's record is left")
		}
	})
}

func TestDeletedProjectDoesNotWaitForBranchesThatStay(t *testing.T) {
	story(t, hello, func(w *world) {
		id := w.create("one")
		project := w.until(id, session.Idle).Project
		w.git.Stuck = &session.Error{Code: session.CodeInvalid, Message: "No.", Hint: "No."}
		code(t, w.Delete(ctx, id, true), session.CodeInvalid)
		w.must(w.RemoveProject(ctx, project))
		w.reopen()
		w.git.Stuck = nil
		w.reopen()
		if projects, sessions := w.stored(); projects != 0 || sessions != 0 {
			t.Errorf("stored are %d projects and %d sessions", projects, sessions)
		}
	})
}
