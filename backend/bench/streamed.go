package main

import (
	"context"
	"io"
	"net"
	"path/filepath"
	"slices"

	"background-agents/backend/control"
	"background-agents/backend/sandboxlink"
	"background-agents/backend/session"
	"background-agents/backend/session/sessiontest"
	"background-agents/backend/sqlite"
	"background-agents/sandbox/supervisor/channel"
	"background-agents/sandbox/supervisor/journal"
	"background-agents/sandbox/wire"
)

// streamed is a backend on a data folder, with one session whose supervisor is in this process.
type streamed struct {
	manager *session.Manager
	journal *journal.Journal
	id      session.ID
	ends    []func()
}

func newStreamed(ctx context.Context, dir string) (_ *streamed, err error) {
	s := &streamed{}
	defer func() {
		if err != nil {
			s.close()
		}
	}()
	if s.journal, err = journal.Open(filepath.Join(dir, "journal")); err != nil {
		return nil, err
	}
	s.ends = append(s.ends, func() { _ = s.journal.Close() })
	store, err := sqlite.Open(ctx, filepath.Join(dir, "store.db"))
	if err != nil {
		return nil, err
	}
	s.ends = append(s.ends, func() { _ = store.Close() })
	ctx, cancel := context.WithCancel(ctx)
	socket, err := net.Listen("unix", filepath.Join(dir, "s"))
	if err != nil {
		cancel()
		return nil, err
	}
	ended := make(chan error, 2)
	go func() { ended <- channel.New(s.journal, quiet{}).Serve(ctx, socket, channel.Plain) }()
	s.manager, err = session.Open(ctx, session.Config{
		Environments: sessiontest.Environments{},
		Store:        store, Engine: wired{sessiontest.NewEngine(nil), socket.Addr()}, Linker: sandboxlink.Linker{},
		Git: &sessiontest.Git{}, Broker: &sessiontest.Broker{}, Egress: &sessiontest.Egress{}, Agents: []session.Agent{{ID: "opencode", Name: "OpenCode"}},
		Doctor: func(context.Context) []session.Check { return nil },
	})
	if err != nil {
		cancel()
		return nil, err
	}
	s.ends = append(s.ends, func() { cancel(); _ = s.manager.Close(); <-ended })
	p, err := s.manager.AddProject(ctx, "/bench")
	if err != nil {
		return nil, err
	}
	made, err := s.manager.Create(ctx, session.NewSession{Project: p.ID, Title: "Stream"})
	if err != nil {
		return nil, err
	}
	s.id = made.ID
	l, err := control.Listen(dir)
	if err != nil {
		return nil, err
	}
	go func() { _ = control.Serve(ctx, l, s.manager) }()
	return s, nil
}

func (s *streamed) close() {
	for _, end := range slices.Backward(s.ends) {
		end()
	}
}

// wired is an engine whose channel leads to a supervisor in this process.
type wired struct {
	*sessiontest.Engine
	addr net.Addr
}

func (w wired) Connect(context.Context, session.ID) (io.ReadWriteCloser, error) {
	return net.Dial("unix", w.addr.String())
}

// quiet answers every call and does nothing.
type quiet struct{}

func (quiet) Attached(bool)                                              {}
func (quiet) Call(context.Context, wire.Call) (any, error)               { return nil, nil }
func (quiet) Send(context.Context, wire.Call, io.Writer) error           { return nil }
func (quiet) Receive(context.Context, wire.Call, io.Reader) (any, error) { return nil, nil }
