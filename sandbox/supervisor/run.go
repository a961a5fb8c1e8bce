package main

import (
	"context"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"runtime/debug"
	"strconv"
	"sync"
	"syscall"

	"background-agents/sandbox/supervisor/channel"
	"background-agents/sandbox/supervisor/handover"
	"background-agents/sandbox/supervisor/journal"
	"background-agents/sandbox/supervisor/mcp"
	"background-agents/sandbox/supervisor/missing"
	"background-agents/sandbox/supervisor/seal"
	"background-agents/sandbox/supervisor/tunnel"
	"background-agents/sandbox/supervisor/workspace"
	"background-agents/sandbox/wire"
)

// paths says where everything lies in the sandbox.
type paths struct {
	state, home, workspace, mirror, secrets string
	model, egress                           int
}

func (p paths) socket() string  { return filepath.Join(p.state, "channel.sock") }
func (p paths) tools() string   { return filepath.Join(p.state, "tools.sock") }
func (p paths) missing() string { return filepath.Join(p.state, "missing.sock") }
func (p paths) journal() string { return filepath.Join(p.state, "journal") }
func (p paths) outputs() string { return filepath.Join(p.state, "outputs") }
func (p paths) uploads() string { return filepath.Join(p.state, "uploads") }
func (p paths) scratch() string { return filepath.Join(p.state, "scratch") }

func (p paths) instructions() string { return filepath.Join(p.state, "instructions.md") }

// run is the container's main process. It ends with ctx; what the agent was doing then is ended by the next run.
func run(ctx context.Context, p paths) error {
	// The agent has the memory, not we.
	debug.SetGCPercent(50)
	debug.SetMemoryLimit(64 << 20)
	syscall.Umask(0o022) // what the agent makes has the modes that a user's own shell would give it
	for _, dir := range []string{p.state, p.home, p.outputs(), p.uploads(), p.scratch()} {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return err
		}
	}
	filter := seal.Filter() // before anything is started, so that all of it has the filter
	lock, err := lockState(p.state)
	if err != nil {
		return err
	}
	defer lock.Close()
	if err := environment(p); err != nil {
		return err
	}
	model, err := tunnel.Listen(p.model)
	if err != nil {
		return err
	}
	egress, err := tunnel.Listen(p.egress)
	if err != nil {
		return err
	}
	j, err := journal.Open(p.journal())
	if err != nil {
		return fmt.Errorf("open the journal: %w", err)
	}
	_ = os.Remove(p.socket()) // of a supervisor that was killed; the lock says that none runs
	socket, err := net.Listen("unix", p.socket())
	if err != nil {
		return fmt.Errorf("listen for the host: %w", err)
	}
	_ = os.Remove(p.tools())
	tools, err := net.Listen("unix", p.tools())
	if err != nil {
		return fmt.Errorf("listen for agents: %w", err)
	}
	_ = os.Remove(p.missing())
	shells, err := missing.Listen(p.missing())
	if err != nil {
		return fmt.Errorf("listen for shells: %w", err)
	}
	files := workspace.Open(p.workspace, p.mirror, p.scratch())
	s := newSession(j, files, prepareAgent, sealCheck(filter), p)
	files.Notice = s.notice
	host := channel.New(j, s)

	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var wg sync.WaitGroup
	fail := make(chan error, 6)
	for _, f := range []func() error{
		func() error { return tunnel.Serve(ctx, model, wire.StreamModel, host) },
		func() error { return tunnel.Serve(ctx, egress, wire.StreamEgress, host) },
		func() error { return host.Serve(ctx, socket, handover.Take) },
		func() error { return mcp.Serve(ctx, tools, s.tools(), s.instructions) },
		func() error { return s.missing.Serve(ctx, shells) },
		func() error { return s.run(ctx) },
	} {
		wg.Go(func() { fail <- f(); cancel() })
	}
	<-ctx.Done()
	err = j.Close() // wakes all that wait for a disk that takes nothing
	wg.Wait()
	for range 6 {
		if e := <-fail; e != nil {
			err = e
		}
	}
	return err
}

// lockState keeps a second supervisor away from the journal. The system lets go of the lock however the first ends.
func lockState(dir string) (*os.File, error) {
	f, err := os.OpenFile(filepath.Join(dir, "lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		_ = f.Close()
		return nil, fmt.Errorf("a supervisor runs here already: %w", err)
	}
	return f, nil
}

// environment says to all that the supervisor starts where home and proxy are, unless the container says it.
func environment(p paths) error {
	proxy := "http://127.0.0.1:" + strconv.Itoa(p.egress)
	for _, name := range []string{"HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"} {
		if err := setDefault(name, proxy); err != nil {
			return err
		}
	}
	for _, name := range []string{"NO_PROXY", "no_proxy"} {
		if err := setDefault(name, "localhost,127.0.0.1,::1"); err != nil {
			return err
		}
	}
	return os.Setenv("HOME", p.home)
}

func setDefault(name, value string) error {
	if _, ok := os.LookupEnv(name); ok {
		return nil
	}
	return os.Setenv(name, value)
}
